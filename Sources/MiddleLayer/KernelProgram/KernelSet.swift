import Addresses
public import Ruleset

/// A set or verdict map as the kernel holds it. Keys are numbers of the key's bytes, the first byte highest, whatever
/// order the machine has: a connection state of 2 is 0x02000000 on a machine that puts the lowest byte first.
public struct KernelSet: Sendable, Hashable {
  /// The set's name; empty for an anonymous set.
  public var name: String
  /// Flags of the set.
  public var flags: KernelSetFlags
  /// The length of each field of the key in bytes, without the padding to 4 bytes that fields of a concatenation have.
  public var fieldLengths: [Int]
  /// The elements of the set.
  public var elements: KernelElements
  /// Parts of the set or its elements that are not in the closed lists.
  public var unknown: [String]

  /// A set; elements may come in any order, and more than once. Ranges of a set, not of a map, that touch become one.
  public init(
    _ name: String, flags: KernelSetFlags, fieldLengths: [Int], elements: KernelElements,
    unknown: [String] = []
  ) {
    self.name = name
    self.flags = flags
    self.fieldLengths = fieldLengths
    self.elements = elements.normalized(mergesRanges: flags.contains(.interval) && fieldLengths.count == 1)
    self.unknown = unknown
  }
}

/// The elements of a set or map, ascending by key.
public enum KernelElements: Sendable, Hashable {
  /// Keys of a set.
  case keys([ElementKey])
  /// Keys of a verdict map with their verdicts.
  case verdicts([VerdictElement])

  /// The number of elements; a range counts once.
  public var count: Int {
    switch self {
    case .keys(let keys): keys.count
    case .verdicts(let elements): elements.count
    }
  }

  /// The key of the first element.
  var firstKey: ElementKey? {
    switch self {
    case .keys(let keys): keys.first
    case .verdicts(let elements): elements.first?.key
    }
  }

  func normalized(mergesRanges: Bool) -> KernelElements {
    switch self {
    case .keys(let keys):
      let isSorted = zip(keys, keys.dropFirst()).allSatisfy({ $0 <= $1 })
      let result = isSorted ? keys : Self.values(keys)?.sorted().map { ElementKey($0) } ?? keys.sorted()
      return .keys(mergesRanges ? Self.merged(result) : Self.once(result))
    case .verdicts(let elements):
      if zip(elements, elements.dropFirst()).allSatisfy({ $0.key < $1.key }) { return self }
      return .verdicts(Self.once(elements.sorted { $0.key < $1.key }))
    }
  }

  /// The values of keys that are one value each; nil where another is among them. The addresses of ten thousands of pods come in the
  /// order of a hash table, and numbers are sorted several times as fast as keys.
  private static func values(_ keys: [ElementKey]) -> [UInt128]? {
    var values: [UInt128] = []
    values.reserveCapacity(keys.count)
    for key in keys {
      guard case .single(let interval) = key, interval.isSingle else { return nil }
      values.append(interval.lower)
    }
    return values
  }

  /// Sorted elements, those that stand twice once.
  private static func once<Element: Equatable>(_ elements: [Element]) -> [Element] {
    guard zip(elements, elements.dropFirst()).contains(where: ==) else { return elements }
    var result: [Element] = []
    for element in elements where element != result.last { result.append(element) }
    return result
  }

  private static func merged(_ keys: [ElementKey]) -> [ElementKey] {
    func touches(_ left: ElementKey, _ right: ElementKey) -> Bool {
      guard case .single(let one) = left, case .single(let two) = right else { return false }
      return one.upper == .max || two.lower <= one.upper + 1
    }
    guard zip(keys, keys.dropFirst()).contains(where: touches) else { return keys }
    let intervals = keys.compactMap { key -> Interval<UInt128>? in
      if case .single(let interval) = key { interval } else { nil }
    }
    return IntervalSet(intervals).intervals.map { .single($0) }
  }
}

/// Flags of a set by the kernel's bits.
public struct KernelSetFlags: OptionSet, Sendable, Hashable {
  /// The bits (`NFT_SET_…`).
  public let rawValue: UInt32
  /// Flags of the given bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// A set without a name of its own, used by one instruction.
  public static let anonymous = KernelSetFlags(rawValue: 1)
  /// Elements cannot change while the set is used.
  public static let constant = KernelSetFlags(rawValue: 2)
  /// Elements are ranges.
  public static let interval = KernelSetFlags(rawValue: 4)
  /// Elements have values.
  public static let map = KernelSetFlags(rawValue: 8)
  /// Elements vanish after a time.
  public static let timeout = KernelSetFlags(rawValue: 0x10)
  /// Packets add elements.
  public static let dynamic = KernelSetFlags(rawValue: 0x20)
  /// Elements are ranges of several fields.
  public static let concatenation = KernelSetFlags(rawValue: 0x80)
  /// The flags with which nothing but netlink changes what a look-up finds.
  public static let known: KernelSetFlags = [.anonymous, .constant, .interval, .map, .concatenation]
}
