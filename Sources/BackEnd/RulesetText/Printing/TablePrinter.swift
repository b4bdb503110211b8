import Addresses
import Ruleset
import Wording

/// The layout of tables as nft text.
struct TablePrinter {
  /// A set of no more elements stands on one line.
  private static let inlineElements = 3

  private var buffer = TextBuffer()
  private var items: [(line: Int, item: PrintedRuleset.Item)] = []
  /// The number of bytes before the first table.
  private var start = 0
  private let annotations: Annotations
  /// Texts of sets to use again; nil where none are kept.
  private(set) var printedSets: PrintedSets?

  init(_ annotations: Annotations, _ printedSets: PrintedSets? = nil) {
    self.annotations = annotations
    self.printedSets = printedSets
  }

  var finished: PrintedRuleset { PrintedRuleset(text: buffer.text, items: items, start: start) }

  mutating func line(_ text: String) { buffer.line(0, text) }

  /// Puts commands before the first table.
  mutating func opening(_ commands: String) {
    buffer.lines(commands)
    start = buffer.bytes.count
  }

  mutating func blankLine() { buffer.newline() }

  private mutating func note(_ item: PrintedRuleset.Item) { items.append((buffer.line, item)) }

  mutating func header() {
    remarks(annotations.header, indent: 0)
    if !annotations.header.isEmpty { blankLine() }
  }

  /// A line for each text. Names of objects are in them: what does not show as itself, an end of a line too, is escaped.
  private mutating func remarks(_ lines: [String], indent: Int) {
    for text in lines {
      buffer.tabs(indent)
      let plain = Self.shortened(quotable(text, limit: .max))
      buffer.put(plain.isEmpty ? "#" : "# \(plain)")
      buffer.newline()
    }
  }

  /// The limit of a remark's line in characters. libnftables reads a longer one in quadratic time.
  static let longestRemark = 200

  /// A remark that ends after 200 characters with the number of entries of its list that are left out, or of characters
  /// where it is no list.
  private static func shortened(_ line: String) -> String {
    guard line.utf8.count > longestRemark, line.count > longestRemark else { return line }
    let room = line.prefix(longestRemark - 24)
    guard let comma = room.lastIndex(of: ","), comma != room.startIndex else {
      return "\(room)… (\(line.count - room.count) more characters)"
    }
    let left = line[comma...].utf8.lazy.count { $0 == UInt8(ascii: ",") }
    return "\(line[...comma]) … \(left) more"
  }

  /// Prints the lines that precede the set, map or chain of this name.
  private mutating func introduction(_ name: String, isFirst: Bool) {
    if !isFirst { blankLine() }
    if let heading = annotations.headings[name] {
      remarks(["---- \(heading) ----"], indent: 1)
      blankLine()
    }
    if let lines = annotations.remarks[name] { remarks(lines, indent: 1) }
  }

  mutating func table(_ table: Table) {
    note(.table(table.name))
    line("table \(table.family.rawValue) \(table.name) {")
    if !table.flags.isEmpty { buffer.line(1, "flags \(table.flags.joined(separator: ","))") }
    var isFirst = table.flags.isEmpty
    for text in table.unmodelled {
      if !isFirst { blankLine() }
      isFirst = false
      buffer.tabs(1)
      buffer.lines(text)
      buffer.newline()
    }
    for set in table.sets {
      introduction(set.name, isFirst: isFirst)
      isFirst = false
      self.set(set)
    }
    for map in table.maps {
      introduction(map.name, isFirst: isFirst)
      isFirst = false
      self.map(map)
    }
    for chain in table.chains {
      introduction(chain.name, isFirst: isFirst)
      isFirst = false
      self.chain(chain, table.family)
    }
    line("}")
  }

  /// Commands that declare sets and maps again, and so add their elements.
  mutating func declarations(_ table: Table) {
    let name = "\(table.family.rawValue) \(table.name)"
    for set in table.sets { self.set(set, after: "add set \(name) ", indent: 0) }
    for map in table.maps { self.map(map, after: "add map \(name) ", indent: 0) }
  }

  private mutating func set(_ set: NamedSet, after command: String = "set ", indent: Int = 1) {
    note(.set(set.name))
    buffer.line(indent, "\(command)\(set.name) {")
    buffer.line(2, "type \(typeText(set.key))")
    flags(set.flags)
    if set.autoMerge { buffer.line(2, "auto-merge") }
    elements(of: set)
    buffer.line(indent, "}")
  }

  private mutating func elements(of set: NamedSet) {
    let isKept = printedSets != nil && set.elements.count >= PrintedSets.fewest
    if isKept, let known = printedSets?.find(set) {
      buffer.put(known.bytes, lines: known.lines)
      return
    }
    let (start, line) = (buffer.bytes.count, buffer.line)
    let notations = set.key.map { Notation($0) }
    elements(set.elements) { buffer, key in buffer.key(key, notations) }
    if isKept { printedSets?.keep(set, Array(buffer.bytes[start...]), lines: buffer.line - line) }
  }

  private mutating func map(_ map: VerdictMap, after command: String = "map ", indent: Int = 1) {
    note(.map(map.name))
    buffer.line(indent, "\(command)\(map.name) {")
    buffer.line(2, "type \(typeText(map.key)) : verdict")
    flags(map.flags)
    let notations = map.key.map { Notation($0) }
    elements(map.elements) { buffer, element in
      buffer.key(element.key, notations)
      buffer.put(" : ")
      buffer.verdict(element.verdict)
    }
    buffer.line(indent, "}")
  }

  private mutating func flags(_ flags: SetFlags) {
    if !flags.isEmpty { buffer.line(2, "flags \(flags.names.joined(separator: ","))") }
  }

  private mutating func elements<Element>(
    _ elements: [Element], _ print: (inout TextBuffer, Element) -> Void
  ) {
    guard !elements.isEmpty else { return }
    buffer.tabs(2)
    guard elements.count > Self.inlineElements else {
      buffer.put("elements = { ")
      for (index, element) in elements.enumerated() {
        if index > 0 { buffer.put(", ") }
        print(&buffer, element)
      }
      buffer.put(" }")
      buffer.newline()
      return
    }
    buffer.put("elements = {")
    buffer.newline()
    buffer.reserve(elements.count * 28)
    for element in elements {
      buffer.tabs(3)
      print(&buffer, element)
      buffer.put(",")
      buffer.newline()
    }
    buffer.line(2, "}")
  }

  private mutating func chain(_ chain: Chain, _ family: Table.Family) {
    note(.chain(chain.name))
    buffer.line(1, "chain \(chain.name) {")
    if let hook = chain.hook {
      let priority = Priority.text(hook.priority, hook: hook.hook, family: family)
      buffer.line(
        2,
        "type \(hook.type) hook \(hook.hook) priority \(priority); policy \(hook.policy.rawValue);")
    }
    for (index, rule) in chain.rules.enumerated() {
      note(.rule(chain: chain.name, index: index))
      buffer.tabs(2)
      buffer.rule(rule)
      buffer.newline()
    }
    buffer.line(1, "}")
  }
}

/// `ipv4_addr . inet_service`
func typeText(_ key: [DataType]) -> String { key.map(\.rawValue).joined(separator: " . ") }

extension SetFlags {
  /// The flags by nft's names, in the order in which nft prints them.
  var names: [String] {
    var names: [String] = []
    if contains(.constant) { names.append("constant") }
    if contains(.interval) { names.append("interval") }
    if contains(.timeout) { names.append("timeout") }
    if contains(.dynamic) { names.append("dynamic") }
    return names
  }
}
