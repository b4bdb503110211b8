/// Sets of addresses of both families, each once, by small numbers. Equal names are equal sets.
final class AddressSets {
  /// A set, by its place in the two lists.
  typealias Name = Int

  private(set) var ipv4: [BoundarySet<UInt32>] = []
  private(set) var ipv6: [BoundarySet<UInt128>] = []
  private var names: [Both: Name] = [:]

  private struct Both: Hashable {
    let ipv4: BoundarySet<UInt32>
    let ipv6: BoundarySet<UInt128>
  }

  /// The set of all addresses of both families.
  static let everything: Name = 0

  /// The set of no address.
  static let nothing: Name = 1

  init() {
    _ = name(.everything, .everything)
    _ = name(BoundarySet(ascending: []), BoundarySet(ascending: []))
  }

  /// The name of a set.
  func name(_ four: BoundarySet<UInt32>, _ six: BoundarySet<UInt128>) -> Name {
    let set = Both(ipv4: four, ipv6: six)
    if let known = names[set] { return known }
    let name = ipv4.count
    ipv4.append(four)
    ipv6.append(six)
    names[set] = name
    return name
  }
}
