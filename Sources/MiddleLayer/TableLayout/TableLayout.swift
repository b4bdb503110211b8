import Addresses
public import PolicyModel
public import Ruleset

/// The layout of the table `inet netpolc` in some modes: which chains, sets and maps every table has, and what the modes
/// make of a class's chains.
///
/// It is the only place that knows the names and roles of chains, sets and maps. A compile asks it for a whole table, the
/// incremental compiler for the objects of a few classes; both get the same objects for the same contents.
public struct TableLayout: Sendable, Hashable {
  /// The table's family.
  public static let family = Table.Family.inet
  /// The table's name.
  public static let tableName = "netpolc"

  /// The ways in which the table enforces policies.
  public let modes: EnforcementModes

  /// The layout in the given modes.
  public init(_ modes: EnforcementModes = EnforcementModes()) { self.modes = modes }

  /// True where chains and maps have counterparts that judge replies.
  public var hasReplyChains: Bool { modes.established == .recheck }

  /// The table of contents, in print order. O(n) in the contents.
  public func table(_ contents: TableContents) -> Table {
    var table = Table(Self.family, Self.tableName)
    let own = objects(contents)
    for family in IPFamily.allCases {
      table.sets.append(ownAddressSet(family, contents.ownAddresses[family] ?? []))
      for direction in TableContents.directions {
        table.maps.append(verdictMap(direction, family, contents.verdicts[direction]?[family] ?? []))
      }
    }
    let verdictMaps = table.maps
    table.sets += own.sets
    table.maps += own.maps
    table.chains += baseChains + own.chains
    if hasReplyChains {
      let replies = replyObjects(contents)
      table.maps += verdictMaps.map(replyMap) + replies.maps
      table.chains += [replyChain] + newConnectionReplies + replies.chains
    }
    for family in IPFamily.allCases where guardsUnknownPods(family) {
      table.sets += [nodePodSet(family), knownPodSet(family, contents.knownPods[family] ?? [])]
    }
    table.chains += guardChains
    table.sets += sourceSets(contents)
    table.chains += sourceChains
    return withClusterTiers(table, contents)
  }

  /// The sets, maps and chains of contents as they stand in the table, without those that every table has.
  public func objects(_ contents: TableContents) -> Table {
    Table(
      Self.family, Self.tableName, sets: contents.sets, maps: contents.maps,
      chains: contents.chains.map(denying))
  }

  /// The maps and chains that judge replies by those of contents; none where the modes have no such chains.
  public func replyObjects(_ contents: TableContents) -> Table {
    guard hasReplyChains else { return Table(Self.family, Self.tableName) }
    return Table(
      Self.family, Self.tableName, maps: contents.maps.map(replyMap),
      chains: contents.chains.map(replyChain))
  }
}
