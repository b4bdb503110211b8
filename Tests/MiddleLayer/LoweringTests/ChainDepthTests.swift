import Addresses
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing

/// The kernel follows sixteen chains from a hook and refuses a ruleset with more.
@Suite("chains do not lie too deep", .bounded)
struct ChainDepthTests {
  /// Three namespaces of twenty pods; all are under each policy.
  private static func cluster(_ policies: Int) -> Cluster {
    let origin = RandomCluster.origin
    let pods = (0..<60).map { number in
      Pod(
        namespace: "n\(number % 3)", name: "pod-\(number)", labels: ["app": "a\(number)"],
        addresses: [IPAddress(.ipv4, bits: 0x0af4_0101 + UInt128(number))], node: "node", origin: origin)
    }
    let namespaces = Dictionary(
      uniqueKeysWithValues: (0..<3).map { ("n\($0)", Labels([Labels.Pair(Namespace.nameLabel, "n\($0)")])) })
    // Large peers and small ones take turns, and so do actions.
    func rule(_ number: Int) -> PolicyRule {
      let isLarge = number.isMultiple(of: 2)
      let peer = Peer(
        .pods(
          .matching(
            isLarge ? LabelSelector(matchLabels: [Namespace.nameLabel: "n\(number % 3)"]) : LabelSelector()),
          isLarge ? LabelSelector() : LabelSelector(matchLabels: ["app": "a\(number % 60)"])), origin: origin)
      let port = PolicyPort(.tcp, .range(Interval(UInt16(1_000 + number))), origin: origin)
      return PolicyRule(
        [.accept, .deny, .pass][number % 3], peers: .anyOf([peer]), ports: .anyOf([port]), origin: origin)
    }
    let tiered = (0..<policies).map { number in
      Policy(
        id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "c\(number)"),
        tier: number.isMultiple(of: 2) ? .admin : .baseline, priority: number,
        subjects: PodSet(.matching(LabelSelector()), LabelSelector()),
        ingress: (0..<25).map { rule(number * 25 + $0) }, egress: (0..<25).map { rule(number * 25 + $0 + 7) },
        origin: origin)
    }
    let plain = Policy(
      id: PolicyID(namespace: "n0", name: "p"), subjects: PodSet(.own, LabelSelector()),
      ingress: (0..<25).map { number in
        PolicyRule(
          peers: .anyOf([
            Peer(.pods(.own, LabelSelector(matchLabels: ["app": "a\(number * 3)"])), origin: origin)
          ]), ports: .everything, origin: origin)
      }, egress: nil, origin: origin)
    return Cluster(policies: tiered + [plain], namespaces: namespaces, pods: pods)
  }

  /// The number of chains on the longest way from a hook.
  private static func depth(_ table: Table) -> Int {
    let chains = Dictionary(uniqueKeysWithValues: table.chains.map { ($0.name, $0) })
    let maps = Dictionary(uniqueKeysWithValues: table.maps.map { ($0.name, $0.elements) })
    var known: [String: Int] = [:]
    func depth(_ name: String) -> Int {
      if let depth = known[name] { return depth }
      let targets = (chains[name]?.rules ?? []).flatMap(\.statements).flatMap { statement -> [String] in
        switch statement {
        case .verdict(let verdict): verdict.target.map { [$0] } ?? []
        case .verdictMap(_, .named(let map)): (maps[map] ?? []).compactMap(\.verdict.target)
        case .verdictMap(_, .anonymous(let elements)): elements.compactMap(\.verdict.target)
        default: []
        }
      }
      let found = 1 + (Set(targets).map(depth).max() ?? 0)
      known[name] = found
      return found
    }
    return table.chains.filter { $0.hook != nil }.map { depth($0.name) }.max() ?? 0
  }

  @Test(
    "rules about many pods and about few by turns",
    arguments: [(2, 5), (2, 1_024), (4, 5), (10, 5), (10, 1_024), (10, 0)])
  func turns(policies: Int, copyAtMost: Int) {
    var lowerer = Lowerer(Self.cluster(policies))
    for counts in EnforcementModes.Counts.allCases {
      for established in EnforcementModes.Established.allCases {
        for orderedCopies in [1 << 16, 0] {
          let modes = EnforcementModes(established: established, counts: counts, podToNode: .policies)
          let lowered = lowerer.lower(
            LoweringOptions(copyAtMost: copyAtMost, orderedCopies: orderedCopies, modes: modes))
          #expect(Self.depth(lowered.table) <= 16)
        }
      }
    }
  }
}
