import Addresses
import Documents
import KubernetesManifests
public import PolicyModel

/// Random clusters with NetworkPolicy between an Admin and a Baseline tier of ClusterNetworkPolicy: every kind of peer and
/// match, ties of priority, and fields that are not understood.
public struct RandomClusterPolicies: Sendable {
  /// The cluster's objects, the policies as the front end reads them.
  public let contents: ManifestContents
  /// The policies as they are written.
  public let written: [WrittenClusterPolicy]

  private static let keys = ["app", "tier", "version"]
  private static let values = ["a", "b", "c"]
  private static let numbers: [UInt16] = [1, 53, 80, 81, 443, 8080, 65535]

  /// The cluster of a seed.
  ///
  /// - Parameters:
  ///   - seed: the same seed gives the same cluster.
  ///   - pods: how many pods at the most.
  ///   - policies: how many ClusterNetworkPolicies at the most.
  public init(seed: UInt64, pods: Int = 9, policies: Int = 5) {
    var contents = RandomCluster(seed: seed &* 3 &+ 1, pods: pods, policies: seed.isMultiple(of: 4) ? 0 : 4)
      .contents
    var generator = SeededGenerator(seed: seed ^ 0x636e_7074)
    for (number, name) in ["node-a", "node-b"].enumerated() {
      let four = IPAddress(.ipv4, bits: 0xac12_0001 + UInt128(number))
      let six = IPAddress(.ipv6, bits: 0xfd00_0018 << 96 + UInt128(number + 1))
      contents.nodes.append(
        Node(
          name: name, labels: ["app": generator.pick(Self.values)],
          addresses: generator.pick([[four], [four, six]]), podCIDRs: [], origin: RandomCluster.origin))
    }
    let written = (0..<Int.random(in: 1...policies, using: &generator)).map { Self.policy($0, &generator) }
    self.init(contents, written)
  }

  /// A cluster of objects without ClusterNetworkPolicies, and of these.
  private init(_ contents: ManifestContents, _ written: [WrittenClusterPolicy]) {
    let read = ManifestReader().read(
      written.map { ManifestSource(name: "\($0.name).json", text: $0.json) })
    self.written = written
    var contents = contents
    contents.policies += read.contents.policies
    self.contents = contents
  }

  /// The cluster without one of its ClusterNetworkPolicies, by its place in `written`.
  public func without(_ place: Int) -> RandomClusterPolicies {
    var others = written
    others.remove(at: place)
    var contents = contents
    contents.policies.removeAll { $0.id.kind == .clusterNetworkPolicy }
    return RandomClusterPolicies(contents, others)
  }

  /// The contents put together.
  public var cluster: Cluster { Cluster.resolve(contents).cluster }

  private static func policy(_ number: Int, _ generator: inout SeededGenerator) -> WrittenClusterPolicy {
    let directions = generator.pick([[true, false], [false, true], [true, true]])
    return WrittenClusterPolicy(
      // Names descend, so that ties are not decided by the order in which policies were written.
      name: "policy-\(9 - number)", tier: generator.pick(["Admin", "Admin", "Baseline"]),
      priority: Int.random(in: 0...2, using: &generator),
      subject: generator.chance(oneIn: 2)
        ? .namespaces(selector(&generator)) : pods(&generator),
      ingress: directions[0] ? rules(isEgress: false, &generator) : nil,
      egress: directions[1] ? rules(isEgress: true, &generator) : nil)
  }

  private static func rules(isEgress: Bool, _ generator: inout SeededGenerator) -> [WrittenClusterPolicy.Rule]
  {
    (0..<generator.pick([0, 1, 2, 3, 5])).map { _ in
      WrittenClusterPolicy.Rule(
        action: generator.pick(["Accept", "Deny", "Pass"]),
        peers: (0..<generator.pick([1, 1, 2, 3])).map { _ in peer(isEgress: isEgress, &generator) },
        protocols: generator.chance(oneIn: 2)
          ? nil : (0..<generator.pick([1, 2, 3])).map { _ in match(&generator) })
    }
  }

  private static func peer(
    isEgress: Bool, _ generator: inout SeededGenerator
  ) -> WrittenClusterPolicy.Peer {
    if generator.chance(oneIn: 60) { return isEgress && generator.chance(oneIn: 2) ? .domainNames : .unknown }
    switch Int.random(in: 0..<(isEgress ? 5 : 2), using: &generator) {
    case 0: return .namespaces(selector(&generator))
    case 1: return pods(&generator)
    case 2: return .nodes(selector(&generator))
    default:
      var networks: [WrittenClusterPolicy.Network] = []
      for _ in 0..<generator.pick([1, 1, 2]) {
        let network = network(&generator)
        if !networks.contains(where: { $0.text == network.text }) { networks.append(network) }
      }
      return .networks(networks)
    }
  }

  private static func pods(_ generator: inout SeededGenerator) -> WrittenClusterPolicy.Peer {
    .pods(namespaces: generator.chance(oneIn: 4) ? nil : selector(&generator), pods: selector(&generator))
  }

  private static func selector(_ generator: inout SeededGenerator) -> [WrittenClusterPolicy.Requirement] {
    (0..<generator.pick([0, 0, 1, 1, 2])).map { _ in
      let relation = generator.pick(["In", "In", "NotIn", "Exists", "DoesNotExist"])
      let values = relation.hasSuffix("In") ? [generator.pick(values)] + generator.some(values, most: 1) : []
      return .init(key: generator.pick(keys), relation: relation, values: values)
    }
  }

  private static func network(_ generator: inout SeededGenerator) -> WrittenClusterPolicy.Network {
    let isIPv6 = generator.chance(oneIn: 3)
    let length = generator.pick(isIPv6 ? [0, 32, 64, 120, 126, 128] : [0, 8, 12, 16, 24, 29, 30, 32])
    let last = UInt128(Int.random(in: 0...15, using: &generator))
    let base: UInt128 =
      isIPv6
      ? generator.pick([0xfd00_0010_0244_0000 << 64, 0xfd00_0018 << 96])
      : generator.pick([0x0af4_0000, 0x0af4_0100, 0xac12_0000])
    let block = CIDR(IPAddress(isIPv6 ? .ipv6 : .ipv4, bits: base + last), prefixLength: length)
    return .init(text: block.description, isIPv6: isIPv6, bits: block.base.bits, length: length)
  }

  private static func match(_ generator: inout SeededGenerator) -> WrittenClusterPolicy.Match {
    let transport = generator.pick(["tcp", "tcp", "udp", "sctp"])
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: return .name(generator.pick(["http", "dns", "metrics"]))
    case 1:
      let start = generator.pick(Array(numbers.dropLast()))
      return .range(transport, start, start + generator.pick([1, 10, 500]))
    default: return .number(transport, generator.pick(numbers))
    }
  }
}
