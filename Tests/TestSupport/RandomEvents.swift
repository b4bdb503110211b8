import Addresses
public import PolicyModel

/// A cluster in which objects come, change and go by chance: pods that exchange labels, addresses, ports, phases and
/// nodes, namespaces that are relabelled, policies that are edited, and now and then what contradicts the rest.
public struct RandomEvents: Sendable {
  /// The objects as they are, in no order.
  public private(set) var contents: ManifestContents
  private let pool: ManifestContents
  private var generator: SeededGenerator

  /// A cluster that begins with a part of its objects; the same seed gives the same events.
  ///
  /// - Parameters:
  ///   - seed: the same seed gives the same cluster and events.
  ///   - pods: how many pods at the most.
  ///   - policies: how many NetworkPolicy objects at the most.
  ///   - withTiers: whether there are policies of other tiers too.
  ///   - withClusterPolicies: whether there are ClusterNetworkPolicies and nodes too.
  public init(
    seed: UInt64, pods: Int = 24, policies: Int = 14, withTiers: Bool = false,
    withClusterPolicies: Bool = false
  ) {
    // The first cluster that is large enough to have something to change.
    var candidate = seed &* 1000
    var found = RandomCluster(seed: candidate, pods: pods, policies: policies).contents
    while found.pods.count < pods * 2 / 3 || found.policies.count < policies * 2 / 3 {
      candidate += 1
      found = RandomCluster(seed: candidate, pods: pods, policies: policies).contents
    }
    var generator = SeededGenerator(seed: seed &* 31)
    if withTiers {
      found.policies += RandomTiers(seed: seed, policies: 5).contents.policies.filter {
        $0.tier != .networkPolicy
      }
      found.policies.shuffle(using: &generator)
    }
    if withClusterPolicies {
      let random = RandomClusterPolicies(seed: seed).contents
      found.policies += random.policies.filter { $0.id.kind != .networkPolicy }
      found.nodes = random.nodes
      found.policies.shuffle(using: &generator)
    }
    pool = found
    contents = pool
    contents.pods = Array(pool.pods.prefix(8))
    contents.policies = Array(pool.policies.prefix(withTiers ? 6 : 3))
    self.generator = generator
  }

  /// What happens next: mostly to one object, sometimes to several at once.
  public mutating func next() -> [ClusterEvent] {
    (0..<generator.pick([1, 1, 1, 1, 2, 3, 5])).flatMap { _ in one() }
  }

  /// The objects after some events, whether these contradict each other or not.
  public func after(_ events: [ClusterEvent]) -> ManifestContents {
    var after = contents
    for event in events {
      switch event {
      case .pod(let pod): after.pods.set(pod) { $0.displayName == pod.displayName }
      case .podRemoved(let namespace, let name):
        after.pods.removeAll { $0.displayName == "\(namespace)/\(name)" }
      case .namespace(let namespace): after.namespaces.set(namespace) { $0.name == namespace.name }
      case .namespaceRemoved(let name): after.namespaces.removeAll { $0.name == name }
      case .policy(let policy): after.policies.set(policy) { $0.id == policy.id }
      case .policyRemoved(let id): after.policies.removeAll { $0.id == id }
      case .node(let node): after.nodes.set(node) { $0.name == node.name }
      case .nodeRemoved(let name): after.nodes.removeAll { $0.name == name }
      }
    }
    return after
  }

  /// Makes the events happen.
  public mutating func take(_ events: [ClusterEvent]) { contents = after(events) }

  private mutating func one() -> [ClusterEvent] {
    let other = generator.pick(pool.pods)
    let otherPolicy = generator.pick(pool.policies)
    guard !contents.pods.isEmpty, !contents.policies.isEmpty else {
      return [.pod(other), .policy(otherPolicy)]
    }
    var pod = generator.pick(contents.pods)
    let policy = generator.pick(contents.policies)
    switch Int.random(in: 0..<22, using: &generator) {
    case 0, 1, 2:
      if contents.pods.contains(where: { $0.displayName == other.displayName }) {
        return [.podRemoved(namespace: other.namespace, name: other.name)]
      }
      return [.pod(other)]
    case 3, 4: pod.labels = other.labels
    case 5:
      pod.phase = generator.pick([.running, .running, .pending, .succeeded, .failed, .unknown])
      pod.deleting = generator.chance(oneIn: 3)
      pod.ready = generator.chance(oneIn: 2)
    case 6: pod.hostNetwork = generator.chance(oneIn: 3)
    case 7: pod.addresses = other.addresses
    case 8, 19:
      // An address that another pod has already, often with an equal claim.
      pod.addresses += generator.pick(contents.pods).addresses.prefix(1)
      pod.addresses = Array(Set(pod.addresses)).sorted()
    case 9: pod.namedPorts = other.namedPorts
    case 10: pod.node = other.node
    case 11, 12:
      let name = generator.pick(["default", "prod", "dev", "new"])
      if generator.chance(oneIn: 3) { return [.namespaceRemoved(name)] }
      return [.namespace(Namespace(name: name, labels: other.labels, origin: other.origin))]
    case 13, 14:
      if contents.policies.contains(where: { $0.id == otherPolicy.id }) {
        return [.policyRemoved(otherPolicy.id)]
      }
      return [.policy(otherPolicy)]
    // One kind of policy never has another's subjects.
    case 15 where policy.id.kind != otherPolicy.id.kind, 16 where policy.id.kind != otherPolicy.id.kind:
      return [.policy(otherPolicy)]
    case 15: return [.policy(merged(policy.id, policy, rulesOf: otherPolicy))]
    case 16: return [.policy(merged(policy.id, otherPolicy, rulesOf: policy))]
    case 17:
      let block = CIDR(
        IPAddress(.ipv4, bits: 0x0af4_0000 + UInt128(Int.random(in: 0...3, using: &generator)) << 8),
        prefixLength: generator.pick([23, 24]))
      let name = generator.pick(["node-a", "node-b"])
      if generator.chance(oneIn: 3) { return [.nodeRemoved(name)] }
      return [.node(Node(name: name, addresses: [], podCIDRs: [block], origin: other.origin))]
    case 18:
      // Elsewhere under the same name, which is another pod.
      let gone = ClusterEvent.podRemoved(namespace: pod.namespace, name: pod.name)
      pod.namespace = generator.pick(["default", "prod", "dev", "new"])
      return generator.chance(oneIn: 2) ? [gone, .pod(pod)] : [.pod(pod), gone]
    case 20, 21:
      // The addresses of another pod by an equal claim, as after a restart of a node.
      let holder = generator.pick(contents.pods)
      pod.addresses =
        generator.chance(oneIn: 2) ? holder.addresses : Array(holder.addresses.prefix(1)) + pod.addresses
      pod.addresses = Array(Set(pod.addresses)).sorted()
      (pod.phase, pod.deleting, pod.ready) = (holder.phase, holder.deleting, holder.ready)
    default: break
    }
    return [.pod(pod)]
  }

  /// The first policy's subjects with the second one's rules.
  private func merged(_ id: PolicyID, _ policy: Policy, rulesOf other: Policy) -> Policy {
    Policy(
      id: id, tier: policy.tier, priority: other.priority, subjects: policy.subjects,
      ingress: policy.ingress.map { _ in other.ingress ?? [] },
      egress: policy.egress.map { _ in other.egress ?? [] }, origin: policy.origin)
  }
}

extension Array {
  /// Puts an element in the place of the one that is meant, or at the end.
  fileprivate mutating func set(_ element: Element, where isMeant: (Element) -> Bool) {
    removeAll(where: isMeant)
    append(element)
  }
}
