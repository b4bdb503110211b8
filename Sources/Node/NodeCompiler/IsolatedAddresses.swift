public import Addresses
public import PolicyModel
public import Ruleset
import TableLayout

/// The addresses that a table isolates, by direction: the keys of the maps that lead to the chains of classes.
public struct IsolatedAddresses: Sendable, Hashable {
  private var addresses: [Direction: Set<IPAddress>] = [:]

  /// The names of maps that have a name of netpolc's and another type of key, with that type: another program made the
  /// table. They isolate nothing that netpolc could name.
  public private(set) var foreignMaps: [String] = []

  /// The addresses of a table. O(elements of its maps).
  public init(of table: Table) {
    for direction in [Direction.ingress, .egress] {
      for family in IPFamily.allCases {
        guard let map = table.maps.first(where: { $0.name == SetName.verdicts(direction, family) }) else {
          continue
        }
        guard map.key == [family == .ipv4 ? .ipv4Address : .ipv6Address] else {
          let types = map.key.map(\.rawValue).joined(separator: " . ")
          foreignMaps.append("map \(map.name) has keys of type \(types)")
          continue
        }
      }
      addresses[direction] = TableLayout.isolatedAddresses(direction, in: table)
    }
  }

  /// The addresses that are isolated in a direction.
  public subscript(direction: Direction) -> Set<IPAddress> { addresses[direction] ?? [] }

  /// The number of pairs of an address and a direction.
  public var count: Int { addresses.values.reduce(0) { $0 + $1.count } }
}
