import Addresses
import KernelProgram
import Ruleset

/// The sets of a program as sets of field values, made for each use: a key of fewer bytes than its field stands for the
/// field's values that begin with them.
final class DecodedSets {
  private let named: [String: KernelSet]
  private var names: [Use: String] = [:]
  private var taken: Set<String> = []
  private(set) var sets: [NamedSet] = []
  private(set) var maps: [VerdictMap] = []

  private struct Use: Hashable {
    let name: String
    let fields: [Field]
    let isMap: Bool
  }

  init(_ table: KernelTable) {
    named = Dictionary(table.sets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  static func words(_ name: String) -> String { name.isEmpty ? "an anonymous set" : name }

  func set(_ reference: SetReference) throws(Lookups.UndecidedText) -> KernelSet {
    let found: KernelSet
    switch reference {
    case .anonymous(let set): found = set
    case .named(let name):
      guard let set = named[name] else {
        throw Lookups.UndecidedText(text: "set \(name), which does not exist,")
      }
      found = set
    }
    if let text = found.unknown.first {
      throw Lookups.UndecidedText(text: "\(text) in \(Self.words(found.name))")
    }
    return found
  }

  func operand(_ reference: SetReference, _ set: KernelSet, _ runs: [FieldRun]) throws(Lookups.UndecidedText)
    -> Operand
  {
    guard case .named(let name) = reference else {
      return .anonymousSet(Self.widened(set.elements.keyList, runs))
    }
    let use = Use(name: name, fields: runs.map(\.field), isMap: false)
    if let known = names[use] { return .namedSet(known) }
    let made = fresh(name, use)
    sets.append(
      NamedSet(made, key: use.fields.map(\.type), elements: Self.widened(set.elements.keyList, runs)))
    return .namedSet(made)
  }

  func lookup(_ reference: SetReference, _ elements: [VerdictElement], _ runs: [FieldRun])
    throws(Lookups.UndecidedText) -> VerdictLookup
  {
    guard case .named(let name) = reference else { return .anonymous(Self.widened(elements, runs)) }
    let use = Use(name: name, fields: runs.map(\.field), isMap: true)
    if let known = names[use] { return .named(known) }
    let made = fresh(name, use)
    maps.append(VerdictMap(made, key: use.fields.map(\.type), elements: Self.widened(elements, runs)))
    return .named(made)
  }

  private func fresh(_ name: String, _ use: Use) -> String {
    var made = name
    while !taken.insert(made).inserted { made += "'" }
    names[use] = made
    return made
  }

  private static func widened(_ keys: [ElementKey], _ runs: [FieldRun]) -> [ElementKey] {
    runs.allSatisfy { $0.bytes.count == $0.width } ? keys : keys.map { widened($0, runs) }
  }

  private static func widened(_ elements: [VerdictElement], _ runs: [FieldRun]) -> [VerdictElement] {
    runs.allSatisfy { $0.bytes.count == $0.width }
      ? elements : elements.map { VerdictElement(widened($0.key, runs), $0.verdict) }
  }

  private static func widened(_ key: ElementKey, _ runs: [FieldRun]) -> ElementKey {
    let fields = zip(key.fields, runs).map { $1.interval($0.lower, $0.upper) }
    return fields.count == 1 ? .single(fields[0]) : .concatenation(fields)
  }
}

extension KernelElements {
  /// The keys, with or without verdicts.
  var keyList: [ElementKey] {
    switch self {
    case .keys(let keys): keys
    case .verdicts(let elements): elements.map(\.key)
    }
  }
}
