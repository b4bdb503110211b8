import Addresses
import Ruleset

/// The addresses that stand-ins were given for their own, and the way back.
struct AddressExchange {
  let family: IPFamily
  /// The addresses of all pods, each once.
  private let addresses: [UInt128]
  private let places: PlaceTable
  /// For each address its number among those that were given; -1 where another one stands for it.
  private var numberOfPlace: [Int32]
  private var given: [UInt128] = []
  /// The addresses that stand-ins have of their own, by those that they were given.
  private var own: [UInt128: UInt128] = [:]

  init(_ partition: AddressPartition) {
    family = partition.family
    addresses = partition.addresses
    places = partition.places
    numberOfPlace = Array(repeating: -1, count: addresses.count)
  }

  /// Gives an address to the stand-in whose own is at a place.
  mutating func give(_ address: UInt128, to place: Int) {
    numberOfPlace[place] = Int32(given.count)
    given.append(address)
    own[address] = addresses[place]
  }

  /// True where an address is a pod's.
  func isOfPod(_ address: UInt128) -> Bool { places.place(of: address) != nil }

  /// The address that stands for a pod's address; nil where another one does, and for an address of no pod.
  func standIn(_ address: UInt128) -> UInt128? {
    guard let place = places.place(of: address), numberOfPlace[place] >= 0 else { return nil }
    return given[Int(numberOfPlace[place])]
  }

  /// The stand-in's own address, of one that was given; nil for any other.
  func original(_ address: UInt128) -> UInt128? { own[address] }

  // MARK: Tables

  /// A table with the addresses of the stand-ins in place of pods' addresses.
  func exchanged(_ table: Table) -> Table {
    var table = table
    for place in table.sets.indices where table.sets[place].key.contains(family.addressType) {
      table.sets[place].elements = exchanged(table.sets[place].elements, table.sets[place].key)
    }
    for place in table.maps.indices {
      let map = table.maps[place]
      guard map.key.contains(family.addressType) else { continue }
      table.maps[place].elements = map.elements.compactMap { element in
        exchanged(element.key, map.key).map { VerdictElement($0, element.verdict) }
      }.sorted { $0.key < $1.key }
    }
    return table
  }

  /// Elements of a set, ascending. Most are one address each: numbers are sorted, not keys.
  private func exchanged(_ elements: [ElementKey], _ types: [DataType]) -> [ElementKey] {
    var single: [UInt128] = []
    var others: [ElementKey] = []
    for element in elements {
      guard case .single(let field) = element, field.isSingle, let place = places.place(of: field.lower)
      else {
        if let key = exchanged(element, types) { others.append(key) }
        continue
      }
      let number = numberOfPlace[place]
      if number >= 0 { single.append(given[Int(number)]) }
    }
    single.sort()
    let keys = single.map { ElementKey($0) }
    return others.isEmpty ? keys : (keys + others).sorted()
  }

  private func exchanged(_ field: Interval<UInt128>) -> Interval<UInt128>? {
    guard field.isSingle, let place = places.place(of: field.lower) else { return field }
    let number = numberOfPlace[place]
    return number >= 0 ? Interval(given[Int(number)]) : nil
  }

  private func exchanged(_ key: ElementKey, _ types: [DataType]) -> ElementKey? {
    switch key {
    case .single(let field): return exchanged(field).map { .single($0) }
    case .concatenation(let fields):
      var result: [Interval<UInt128>] = []
      for (field, type) in zip(fields, types) {
        guard let field = type == family.addressType ? exchanged(field) : field else { return nil }
        result.append(field)
      }
      return .concatenation(result)
    }
  }
}
