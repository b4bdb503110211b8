import Addresses
import PolicyModel
import TestSupport

/// A cluster whose pods are under many long lists of ordered rules, in both tiers, and in which pods, labels of namespaces and
/// policies come, change and go by chance. No two pods claim one address.
struct CrowdedCluster {
  /// The objects as they are.
  private(set) var contents = ManifestContents()
  private var pods: [Pod] = []
  private var policies: [Policy] = []
  private var random: SeededGenerator

  private static let origin = RandomCluster.origin

  /// A cluster that begins with about half of its pods and most of its policies.
  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    contents.namespaces = (0..<4).map(Self.namespace)
    for number in 0..<30 {
      let bits = UInt128(number + 1)
      let (four, six) = (
        IPAddress(.ipv4, bits: 0x0af4_0000 + bits), IPAddress(.ipv6, bits: 0xfd00_0010_0244_0000 << 64 + bits)
      )
      pods.append(
        Pod(
          namespace: "n\(number % 4)", name: "pod-\(number)", labels: label(),
          addresses: random.pick([[four], [six], [four, six]]),
          node: random.chance(oneIn: 3) ? RandomCluster.node : "other",
          namedPorts: random.chance(oneIn: 2) ? [NamedPort("http", .tcp, random.pick([80, 8080]))] : [],
          origin: Self.origin))
    }
    policies = (0..<8).map { policy(number: $0) }
    policies.append(
      Policy(
        id: PolicyID(namespace: "n1", name: "web"), subjects: PodSet(.own, LabelSelector()),
        ingress: [PolicyRule(.accept, peers: .anyOf([peer()]), ports: .everything, origin: Self.origin)],
        egress: nil,
        origin: Self.origin))
    contents.pods = pods.filter { _ in random.chance(oneIn: 2) }
    contents.policies = policies.filter { _ in !random.chance(oneIn: 4) }
  }

  /// Makes the next events, and takes them.
  mutating func next() -> [ClusterEvent] {
    let events = (0..<random.pick([1, 1, 1, 2, 4])).map { _ in one() }
    for event in events { take(event) }
    return events
  }

  private mutating func one() -> ClusterEvent {
    var pod = random.pick(pods)
    let policy = random.pick(policies)
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      let labels = Self.namespace(Int.random(in: 0..<4, using: &random)).labels
      return .namespace(Namespace(name: pod.namespace, labels: labels, origin: Self.origin))
    case 1 where policy.tier.isOfCluster:
      let number = policies.firstIndex { $0.id == policy.id } ?? 0
      return .policy(self.policy(number: number))
    case 1, 2:
      return contents.policies.contains { $0.id == policy.id } ? .policyRemoved(policy.id) : .policy(policy)
    case 3, 4, 5:
      pod.labels = label()
    default:
      if contents.pods.contains(where: { $0.displayName == pod.displayName }) {
        return .podRemoved(namespace: pod.namespace, name: pod.name)
      }
    }
    return .pod(pod)
  }

  private mutating func take(_ event: ClusterEvent) {
    switch event {
    case .pod(let pod):
      contents.pods.removeAll { $0.displayName == pod.displayName }
      contents.pods.append(pod)
    case .podRemoved(let namespace, let name):
      contents.pods.removeAll { $0.namespace == namespace && $0.name == name }
    case .namespace(let namespace):
      contents.namespaces.removeAll { $0.name == namespace.name }
      contents.namespaces.append(namespace)
    case .policy(let policy):
      contents.policies.removeAll { $0.id == policy.id }
      contents.policies.append(policy)
    case .policyRemoved(let id): contents.policies.removeAll { $0.id == id }
    case .namespaceRemoved, .node, .nodeRemoved: break
    }
  }

  private static func namespace(_ number: Int) -> Namespace {
    Namespace(name: "n\(number)", labels: ["team": "t\(number)"], origin: origin)
  }

  private mutating func label() -> Labels { ["app": "a\(Int.random(in: 0..<5, using: &random))"] }

  private mutating func peer() -> Peer {
    let team = LabelSelector(matchLabels: ["team": "t\(Int.random(in: 0..<4, using: &random))"])
    let app = LabelSelector(matchLabels: ["app": "a\(Int.random(in: 0..<5, using: &random))"])
    return Peer(
      .pods(
        .matching(random.chance(oneIn: 2) ? LabelSelector() : team),
        random.chance(oneIn: 4) ? LabelSelector() : app),
      origin: Self.origin)
  }

  /// A policy of a number, which decides its tier, with other subjects and rules each time.
  private mutating func policy(number: Int) -> Policy {
    let team = LabelSelector(matchLabels: ["team": "t\(Int.random(in: 0..<4, using: &random))"])
    let namesPorts = random.chance(oneIn: 4)
    func rules() -> [PolicyRule] {
      (0..<random.pick([2, 3, 6])).map { place in
        PolicyRule(
          random.pick([.accept, .deny, .pass]), peers: .anyOf([peer()]),
          ports: .anyOf([
            PolicyPort(
              .tcp,
              namesPorts && place == 0 ? .named("http") : .range(Interval(random.pick([80, 443, 8080]))),
              origin: Self.origin)
          ]), origin: Self.origin)
      }
    }
    return Policy(
      id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "policy-\(number)"),
      tier: number.isMultiple(of: 2) ? .admin : .baseline, priority: number,
      subjects: PodSet(.matching(random.chance(oneIn: 2) ? LabelSelector() : team), LabelSelector()),
      ingress: rules(), egress: rules(), origin: Self.origin)
  }
}
