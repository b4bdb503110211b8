import Addresses
import PolicyModel
import Ruleset

/// The places at which rules part addresses of a family: within a cell between two of them all addresses are treated alike.
struct AddressBounds: Sendable, Equatable {
  /// The first addresses of the cells but for the lowest cell; ascending, each once.
  private let starts: [UInt128]

  /// The bounds of some intervals.
  init(_ intervals: some Sequence<Interval<UInt128>>) {
    var found: Set<UInt128> = []
    for interval in intervals {
      found.insert(interval.lower)
      if interval.upper < .max { found.insert(interval.upper + 1) }
    }
    starts = found.sorted()
  }

  /// All bounds of several.
  init(merging several: [AddressBounds]) {
    starts = Set(several.lazy.flatMap(\.starts)).sorted()
  }

  /// The bounds of blocks and of their exceptions.
  static func ofBlocks(_ blocks: [IPBlock]) -> PerFamily<AddressBounds> {
    var bounds = PerFamily(AddressBounds([]))
    for family in IPFamily.allCases {
      bounds[family] = AddressBounds(blocks.flatMap { $0.intervals(of: family) })
    }
    return bounds
  }

  /// The cell of an address. O(log n).
  func cell(of address: UInt128) -> Interval<UInt128> {
    let place = starts.partitioningIndex { $0 > address }
    return Interval(
      place > 0 ? starts[place - 1] : 0, place < starts.count ? starts[place] - 1 : .max)
  }
}

/// Addresses of a family that some rules treat alike.
struct AddressCell: Hashable {
  let family: IPFamily
  let addresses: Interval<UInt128>
}

extension PerFamily<AddressBounds> {
  /// The cell of an address. O(log n).
  func cell(of address: IPAddress) -> AddressCell {
    let family = address.family
    let whole = Interval(UInt128.zero, family.maximum)
    return AddressCell(
      family: family, addresses: self[family].cell(of: address.bits).intersection(whole) ?? whole)
  }
}

extension IncrementalCompiler {
  /// True where what an own pod's rules and policies say about an address, which no set of its rules has and no policy of its names,
  /// was judged with another address: one that is no pod's, that nothing but these rules keeps from the pod, and that is in the same
  /// blocks of all of them.
  func isJudgedElsewhere(
    _ address: IPAddress, by bounds: PerFamily<AddressBounds>, _ search: inout HostSearch
  ) -> Bool {
    hasHost(in: bounds.cell(of: address), &search)
  }

  /// True where a cell has an address that is no pod's, and open.
  func hasHost(in cell: AddressCell, _ search: inout HostSearch) -> Bool {
    search.hasHost(in: cell, besides: state.guarded[cell.family], peers.addressCounts[cell.family])
  }

  /// True where a chain of an own pod asks for the pod's own address: then other pods of its kind say nothing about it.
  mutating func asksOwnAddress(_ endpoint: EndpointState) -> Bool {
    for number in endpoint.classNumbers {
      for family in IPFamily.allCases {
        guard let parts = classes.pool[number].parts[family] else { continue }
        if addressTests(parts, number, family).asksOwnAddress { return true }
      }
    }
    return false
  }

  mutating func addressTests(_ parts: ClassObjects, _ number: Int, _ family: IPFamily) -> AddressTests {
    if let known = parts.addressTests { return known }
    let found = state.addressTests(parts, classes.pool[number].key.direction)
    classes.pool[number].parts[family]?.addressTests = found
    return found
  }
}

/// A search for an address that is no pod's in cells of addresses.
struct HostSearch {
  private var known: [AddressCell: Bool] = [:]
  /// The number of addresses that were pods' until now, and may have been any.
  var gone = PerFamily(0)

  /// True where a cell has more addresses of hosts, without those that are guarded, than pods have.
  mutating func hasHost(in cell: AddressCell, besides guarded: IntervalSet<UInt128>, _ pods: Int) -> Bool {
    if let known = known[cell] { return known }
    let pods = pods + gone[cell.family]
    var free: UInt128 = 0
    for interval in IntervalSet(cell.addresses).intersection(Self.hosts[cell.family]).subtracting(guarded)
      .intervals
    {
      // One less than there are, which an interval of all cannot pass.
      free = max(free, interval.upper - interval.lower)
    }
    known[cell] = free >= UInt128(pods)
    return free >= UInt128(pods)
  }

  /// True where an address is judged like a host's.
  static func isHost(_ address: IPAddress) -> Bool { hosts[address.family].contains(address.bits) }

  /// The lowest address of an interval that is judged like a host's; nil where none is.
  static func firstHost(in interval: Interval<UInt128>, _ family: IPFamily) -> UInt128? {
    IntervalSet(interval).intersection(hosts[family]).intervals.first?.lower
  }

  /// Addresses that are judged like a host's: not those of one link, of loopback, or of groups.
  private static let hosts: PerFamily<IntervalSet<UInt128>> = {
    var hosts = PerFamily(IntervalSet<UInt128>())
    let special = [(0x0000_0000, 0x00ff_ffff), (0x7f00_0000, 0x7fff_ffff), (0xa9fe_0000, 0xa9fe_ffff)]
    hosts.ipv4 = IntervalSet(special.map { Interval(UInt128($0.0), UInt128($0.1)) }).complement(
      in: Interval(0, 0xdfff_ffff))
    // 2000::/3 and fc00::/7.
    hosts.ipv6 = IntervalSet([
      Interval(UInt128(0x20) << 120, (UInt128(0x40) << 120) - 1),
      Interval(UInt128(0xfc) << 120, (UInt128(0xfe) << 120) - 1),
    ])
    return hosts
  }()
}

/// The questions that the chains of a class ask about addresses.
struct AddressTests: Sendable {
  /// The bounds between the addresses that they tell apart otherwise than by sets of pods.
  let bounds: AddressBounds
  /// The same without the single addresses of pods in maps.
  let blocks: AddressBounds
  /// True where they ask for the address of the pod whose chains they are.
  let asksOwnAddress: Bool
}

extension TableState {
  /// The questions that the chains of a class of a direction ask about addresses. O(n log n) in its rules and in the elements of its
  /// maps and fixed sets.
  func addressTests(_ parts: ClassObjects, _ direction: Direction) -> AddressTests {
    let own: Set<Field> = direction == .egress ? [.ipSaddr, .ip6Saddr] : [.ipDaddr, .ip6Daddr]
    var intervals: [Interval<UInt128>] = []
    var asksOwnAddress = false
    func note(_ key: ElementKey, _ types: [DataType]) {
      for (field, type) in zip(key.fields, types) where type.family != nil { intervals.append(field) }
    }
    for name in parts.sets {
      if case .fixed(let set) = sets.current[name] { for key in set.elements { note(key, set.key) } }
    }
    for rule in parts.chains.lazy.compactMap({ chains.current[$0] }).flatMap(\.rules) {
      for statement in rule.statements {
        if !own.isDisjoint(with: statement.askedFields) { asksOwnAddress = true }
        for key in statement.writtenKeys { note(key, statement.askedFields.map(\.type)) }
      }
    }
    let found = parts.maps.compactMap { maps.current[$0] }
    for map in found where map.flags.contains(.interval) {
      for element in map.elements { note(element.key, map.key) }
    }
    let blocks = AddressBounds(intervals)
    for map in found where !map.flags.contains(.interval) {
      for element in map.elements { note(element.key, map.key) }
    }
    return AddressTests(
      bounds: AddressBounds(intervals), blocks: blocks, asksOwnAddress: asksOwnAddress)
  }
}

extension Statement {
  /// The fields that the statement looks at together; none where it looks at none.
  var askedFields: [Field] {
    switch self {
    case .match(let match): match.key
    case .verdictMap(let fields, _): fields
    default: []
    }
  }

  /// The keys that stand in the statement itself: not those of named sets and maps.
  var writtenKeys: [ElementKey] {
    switch self {
    case .match(let match):
      switch match.operand {
      case .value(let key): [key]
      case .anonymousSet(let keys): keys
      // Bits are asked of no address.
      case .anyBit, .namedSet: []
      }
    case .verdictMap(_, .anonymous(let elements)): elements.map(\.key)
    default: []
    }
  }
}

extension DataType {
  /// The family of addresses of the type; nil for other types.
  var family: IPFamily? {
    switch self {
    case .ipv4Address: .ipv4
    case .ipv6Address: .ipv6
    default: nil
    }
  }
}

extension IPBlock {
  /// The intervals of the block and its exceptions in a family; none where it is of the other one.
  func intervals(of family: IPFamily) -> [Interval<UInt128>] {
    cidr.family == family ? ([cidr] + except).map(\.interval) : []
  }
}
