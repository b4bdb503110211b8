import Addresses
import Diagnostics
public import KubernetesManifests
public import PolicyModel

/// Small clusters with everything in them that policies can trip over: expressions, excepts, named ports that
/// differ from pod to pod, port ranges, SCTP, two families, pods of other nodes, finished, pending and
/// hostNetwork pods.
public struct RandomCluster: Sendable {
  /// What the cluster's manifests say.
  public let contents: ManifestContents
  /// Its NetworkPolicy objects as they would be written.
  public let networkPolicies: [NetworkPolicy]
  /// The node that is looked at.
  public static let node = "node-a"

  static let namespaces = ["default", "prod", "dev"]
  private static let keys = ["app", "tier", "version"]
  private static let values = ["a", "b", "c"]
  private static let portNames = ["http", "dns", "metrics"]
  private static let numbers: [UInt16] = [1, 53, 80, 81, 443, 8080, 65535]
  /// The place of every generated object.
  public static let origin = Origin(SourceLocation(file: "random", line: 1, column: 1), field: "")

  /// The cluster of a seed.
  ///
  /// - Parameters:
  ///   - seed: the same seed gives the same cluster.
  ///   - pods: how many pods at the most.
  ///   - policies: how many policies at the most.
  public init(seed: UInt64, pods: Int = 9, policies: Int = 5) {
    var generator = SeededGenerator(seed: seed)
    var contents = ManifestContents()
    for name in Self.namespaces where !generator.chance(oneIn: 5) {
      contents.namespaces.append(
        Namespace(name: name, labels: Self.labels(&generator), origin: Self.origin))
    }
    for number in 0..<Int.random(in: 1...pods, using: &generator) {
      contents.pods.append(Self.pod(number, &generator))
    }
    networkPolicies = (0..<Int.random(in: 0...policies, using: &generator)).map {
      Self.policy($0, &generator)
    }
    contents.policies = networkPolicies.map(\.policy)
    self.contents = contents
  }

  /// The contents put together; random clusters contradict themselves nowhere.
  public var cluster: Cluster { Cluster.resolve(contents).cluster }

  private static func labels(_ generator: inout SeededGenerator) -> Labels {
    Labels(generator.some(keys, most: 3).map { Labels.Pair($0, generator.pick(values)) })
  }

  private static func pod(_ number: Int, _ generator: inout SeededGenerator) -> Pod {
    let last = UInt128(number + 1)
    let four = IPAddress(
      .ipv4, bits: 0x0af4_0000 + UInt128(Int.random(in: 0...1, using: &generator)) << 8 + last)
    let six = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0000 << 64 + last)
    let phases: [Pod.Phase] = [
      .running, .running, .running, .running, .running, .pending, .succeeded, .failed,
    ]
    let phase = generator.pick(phases)
    let families = generator.pick([[four], [four], [six], [four, six], [six, four], []])
    let ports = generator.some(portNames, most: 3).map { name in
      NamedPort(name, generator.pick([.tcp, .tcp, .udp, .sctp]), generator.pick(numbers))
    }
    return Pod(
      namespace: generator.pick(namespaces), name: "pod-\(number)", labels: labels(&generator),
      addresses: families, node: generator.pick([node, node, "node-b", nil]),
      hostNetwork: generator.chance(oneIn: 10), phase: phase, deleting: generator.chance(oneIn: 12),
      namedPorts: ports, origin: origin)
  }

  static func selector(_ generator: inout SeededGenerator) -> LabelSelector {
    if generator.chance(oneIn: 4) { return LabelSelector() }
    return LabelSelector(
      (0..<Int.random(in: 1...2, using: &generator)).map { _ in
        let relation = generator.pick(LabelSelector.Operator.allCases + [.isIn, .isIn])
        let values = relation == .isIn || relation == .notIn ? [generator.pick(Self.values)] : []
        let more = values.isEmpty ? [] : generator.some(Self.values, most: 2)
        return LabelSelector.Requirement(generator.pick(keys), relation, values + more)
      })
  }

  private static func block(_ generator: inout SeededGenerator) -> IPBlock {
    if generator.chance(oneIn: 3) {
      let length = generator.pick([0, 32, 64, 112, 120, 126, 128])
      let cidr = CIDR(
        IPAddress(
          .ipv6, bits: 0xfd00_0010_0244_0000 << 64 + UInt128(Int.random(in: 0...9, using: &generator))),
        prefixLength: length)
      return IPBlock(cidr, except: excepts(of: cidr, &generator))
    }
    let length = generator.pick([0, 8, 16, 23, 24, 29, 30, 31, 32])
    let last = Int.random(in: 0...15, using: &generator) + 256 * Int.random(in: 0...2, using: &generator)
    let cidr = CIDR(IPAddress(.ipv4, bits: 0x0af4_0000 + UInt128(last)), prefixLength: length)
    return IPBlock(cidr, except: excepts(of: cidr, &generator))
  }

  private static func excepts(of cidr: CIDR, _ generator: inout SeededGenerator) -> [CIDR] {
    (0..<Int.random(in: 0...2, using: &generator)).compactMap { _ in
      let longer = cidr.prefixLength + Int.random(in: 1...4, using: &generator)
      guard longer <= cidr.family.bitWidth else { return nil }
      let offset = UInt128(Int.random(in: 0...15, using: &generator))
      let bits = generator.chance(oneIn: 2) ? 0x0af4_0000 + offset : cidr.base.bits + offset
      let except = CIDR(
        IPAddress(
          cidr.family, bits: min(cidr.family == .ipv4 ? bits : cidr.base.bits + offset, cidr.family.maximum)),
        prefixLength: longer)
      return except.isStrictSubset(of: cidr) ? except : nil
    }
  }

  private static func peers(_ generator: inout SeededGenerator) -> OneOf<Peer> {
    if generator.chance(oneIn: 6) { return .everything }
    return .anyOf(
      (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        let kind: Peer.Kind =
          switch Int.random(in: 0..<4, using: &generator) {
          case 0: .pods(.own, selector(&generator))
          case 1: .pods(.matching(selector(&generator)), LabelSelector())
          case 2: .pods(.matching(selector(&generator)), selector(&generator))
          default: .ipBlock(block(&generator))
          }
        return Peer(kind, origin: origin)
      })
  }

  private static func ports(_ generator: inout SeededGenerator) -> OneOf<PolicyPort> {
    if generator.chance(oneIn: 3) { return .everything }
    return .anyOf(
      (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        let transport = generator.pick([TransportProtocol.tcp, .tcp, .udp, .sctp])
        let first = generator.pick(numbers)
        let ports: PolicyPort.Ports =
          switch Int.random(in: 0..<6, using: &generator) {
          case 0: .all
          case 1: .range(Interval(first, first + min(UInt16.max - first, generator.pick([0, 1, 10, 500]))))
          case 2, 3: .named(generator.pick(portNames))
          default: .range(Interval(first))
          }
        return PolicyPort(transport, ports, origin: origin)
      })
  }

  static func rules(_ generator: inout SeededGenerator) -> [PolicyRule] {
    (0..<generator.pick([0, 1, 1, 2, 4])).map { _ in
      PolicyRule(peers: peers(&generator), ports: ports(&generator), origin: origin)
    }
  }

  private static func policy(_ number: Int, _ generator: inout SeededGenerator) -> NetworkPolicy {
    let types: [[Direction]?] = [nil, [.ingress], [.egress], [.ingress, .egress]]
    return NetworkPolicy(
      id: .init(namespace: generator.pick(namespaces), name: "policy-\(number)"),
      podSelector: selector(&generator), policyTypes: generator.pick(types), ingress: rules(&generator),
      egress: rules(&generator), origin: origin)
  }
}
