import Addresses
import PolicyModel
import Ruleset

/// The addresses of a cluster's pods of one family, in parts that neither policies nor a table distinguish.
///
/// A part begins as the pods of one cell; each set, each verdict of a map, and each range of addresses divides it.
struct AddressPartition {
  let family: IPFamily
  /// The addresses, each once.
  let addresses: [UInt128]
  /// The part of each of them.
  private(set) var parts: [Int32]
  /// The cell that each part was divided from; those that nothing is left in included.
  private(set) var cells: [Int32]
  /// The ranges that something asks for, in no order.
  private var ranges: Set<Interval<UInt128>> = []
  /// The places of the addresses in their list.
  let places: PlaceTable
  /// The part that members of a part move to, while one list is looked at, and the number of that list.
  private var moved: [(list: Int32, to: Int32)]
  private var lists: Int32 = 0

  /// Addresses, each once, with the cell of each, below `count`.
  init(_ family: IPFamily, _ addresses: [UInt128], cells: [Int32], count: Int32) {
    self.family = family
    self.addresses = addresses
    parts = cells
    self.cells = Array(0..<count)
    places = PlaceTable(addresses)
    moved = Array(repeating: (0, 0), count: Int(count))
  }

  /// The place of an address; nil where it is no pod's. O(1).
  func place(of address: UInt128) -> Int? { places.place(of: address) }

  /// Parts the members of a list from the others.
  mutating func divide(_ places: [Int]) {
    lists += 1
    for place in places {
      let part = Int(parts[place])
      if moved[part].list != lists {
        moved[part] = (lists, Int32(cells.count))
        moved.append((0, 0))
        cells.append(cells[part])
      }
      parts[place] = moved[part].to
    }
  }

  /// Makes an address a part of its own.
  mutating func isolate(_ place: Int) { divide([place]) }

  /// Parts a range of addresses, pods' or not, from the others.
  mutating func divide(_ range: Interval<UInt128>) { ranges.insert(range) }

  /// Parts what a table distinguishes.
  mutating func divide(by table: Table) {
    for set in table.sets { divide(by: set.elements, set.key) }
    for map in table.maps where map.key.contains(family.addressType) {
      var keys: [Verdict: [ElementKey]] = [:]
      for element in map.elements { keys[element.verdict, default: []].append(element.key) }
      for keys in keys.values { divide(by: keys, map.key) }
    }
    for chain in table.chains {
      for rule in chain.rules {
        for statement in rule.statements { divide(by: statement) }
      }
    }
  }

  private mutating func divide(by statement: Statement) {
    switch statement {
    case .match(let match):
      switch match.operand {
      case .value(let key): divide(byRanges: [key], match.key)
      case .anonymousSet(let keys): divide(byRanges: keys, match.key)
      case .namedSet, .anyBit: break
      }
    case .verdictMap(let fields, .anonymous(let elements)): divide(byRanges: elements.map(\.key), fields)
    default: break
    }
  }

  private mutating func divide(by keys: [ElementKey], _ types: [DataType]) {
    guard types.contains(family.addressType) else { return }
    var members: [Int] = []
    members.reserveCapacity(keys.count)
    for key in keys {
      switch key {
      case .single(let interval):
        if interval.isSingle, let place = place(of: interval.lower) {
          members.append(place)
        } else {
          divide(interval)
        }
      case .concatenation(let fields):
        // Pairs of addresses: each by itself.
        for (field, type) in zip(fields, types) where type == family.addressType {
          if field.isSingle, let place = place(of: field.lower) { isolate(place) } else { divide(field) }
        }
      }
    }
    if !members.isEmpty { divide(members) }
  }

  private mutating func divide(byRanges keys: [ElementKey], _ fields: [Field]) {
    for key in keys {
      for (interval, field) in zip(key.fields, fields) where field.type == family.addressType {
        divide(interval)
      }
    }
  }

  /// The number of parts that have an address. O(n).
  var count: Int {
    var isThere = Array(repeating: false, count: cells.count)
    for part in parts { isThere[Int(part)] = true }
    return isThere.count { $0 }
  }

  /// The starts of the stretches of addresses that no range divides, ascending, the first 0.
  var rangeStarts: [UInt128] {
    var ends: Set<UInt128> = [0]
    for range in ranges {
      ends.insert(range.lower)
      if range.upper < family.maximum { ends.insert(range.upper + 1) }
    }
    return ends.sorted()
  }

  /// Parts addresses that a range divides from each other.
  ///
  /// - Returns: the starts of the stretches, and for each address its stretch, in which all of its part lies then.
  /// - Complexity: O(n log n).
  mutating func divideByRanges() -> (starts: [UInt128], ofPlace: [Int]) {
    let starts = rangeStarts
    let ofPlace = addresses.map { starts.place(of: $0) }
    var members: [[Int]] = Array(repeating: [], count: starts.count)
    for (place, stretch) in ofPlace.enumerated() { members[stretch].append(place) }
    // One of them, the first of those with the most, keeps the parts as they are.
    let most = members.lazy.map(\.count).max() ?? 0
    let largest = members.firstIndex { $0.count == most }
    for (stretch, places) in members.enumerated() where stretch != largest && !places.isEmpty {
      divide(places)
    }
    return (starts, ofPlace)
  }
}

extension IPFamily {
  /// The type of this family's addresses in sets.
  var addressType: DataType { self == .ipv4 ? .ipv4Address : .ipv6Address }
}
