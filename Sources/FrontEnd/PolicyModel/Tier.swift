/// The end of a tier for traffic of a selected pod that no rule of the tier matches.
public enum SelectedDefault: Sendable, Hashable {
  /// It is refused: selecting a pod isolates it.
  case deny
  /// The next tier is asked.
  case pass
}

/// A kind of tier: its name, its place among the others, and its default.
public struct TierKind: Sendable, Hashable, Comparable {
  /// The name, as in `networkpolicy`: lower-case letters.
  public let name: String
  /// The place among the tiers: lower is asked first.
  public let place: Int
  /// The end for traffic of a selected pod that no rule matches.
  public let selectedDefault: SelectedDefault
  /// True for tiers that hold where NetworkPolicy does not: towards the own node, and for what a pod sends itself through a
  /// Service.
  public let isOfCluster: Bool

  /// A kind of tier.
  public init(_ name: String, place: Int, selectedDefault: SelectedDefault, isOfCluster: Bool = false) {
    self.name = name
    self.place = place
    self.selectedDefault = selectedDefault
    self.isOfCluster = isOfCluster
  }

  /// The Admin tier of ClusterNetworkPolicy, before NetworkPolicy: what no rule matches is asked further.
  public static let admin = TierKind("admin", place: 100, selectedDefault: .pass, isOfCluster: true)

  /// The Baseline tier of ClusterNetworkPolicy, behind NetworkPolicy: what no rule matches is allowed.
  public static let baseline = TierKind("baseline", place: 300, selectedDefault: .pass, isOfCluster: true)

  /// NetworkPolicy: rules only accept, and a selected pod is isolated.
  public static let networkPolicy = TierKind("networkpolicy", place: 200, selectedDefault: .deny)

  /// The name as people write it: `Admin`, `NetworkPolicy`.
  public var title: String {
    self == .networkPolicy ? "NetworkPolicy" : name.prefix(1).uppercased() + name.dropFirst()
  }

  /// By place, then by name.
  public static func < (left: TierKind, right: TierKind) -> Bool {
    left.place == right.place ? left.name < right.name : left.place < right.place
  }
}

/// One layer of policies. Tiers are asked in order; within one, of all entries that select the pod the first rule that
/// matches decides. What no tier decides is allowed.
public struct Tier: Sendable, Hashable {
  /// The kind of tier.
  public let kind: TierKind
  /// The entries, in the order in which they are asked.
  public let entries: [PolicyEntry]

  /// Creates a tier.
  public init(_ kind: TierKind, entries: [PolicyEntry]) {
    self.kind = kind
    self.entries = entries
  }

  /// The tiers that policies make up, in order; none is empty. O(n log n), O(n) where the policies ascend by name and
  /// have one tier and priority.
  ///
  /// - Parameters:
  ///   - policies: each once, in any order.
  ///   - directions: only entries of these.
  /// - Returns: the tiers that have an entry, in the order in which they are asked.
  public static func tiers(
    of policies: [Policy], _ directions: [Direction] = Direction.allCases
  ) -> [Tier] {
    func ascends(_ left: Policy, _ right: Policy) -> Bool {
      if left.tier != right.tier { return left.tier < right.tier }
      return left.priority == right.priority ? left.id < right.id : left.priority < right.priority
    }
    // By place: a whole policy costs a count up and down for each of its parts.
    let isSorted = policies.indices.dropFirst().allSatisfy { !ascends(policies[$0], policies[$0 - 1]) }
    let ordered = isSorted ? policies : policies.sorted(by: ascends)
    var tiers: [Tier] = []
    var start = 0
    while start < ordered.count {
      let kind = ordered[start].tier
      var entries: [PolicyEntry] = []
      while start < ordered.count, ordered[start].tier == kind {
        for direction in directions {
          if let entry = ordered[start].entry(direction) { entries.append(entry) }
        }
        start += 1
      }
      if !entries.isEmpty { tiers.append(Tier(kind, entries: entries)) }
    }
    return tiers
  }
}
