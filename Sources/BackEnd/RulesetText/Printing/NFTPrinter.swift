public import Ruleset

/// Prints a ruleset as nft text: what `nft -f` loads, laid out for people who review it.
///
/// The order is that of the ruleset; equal rulesets give equal bytes. Names must be such as nft takes: they are
/// printed as they are. Sets with no operand, and anything else that nft refuses, is printed so that nft refuses
/// it, never so that it means something else.
public enum NFTPrinter {
  /// Text that adds the ruleset to what the kernel has: every table is created where it is missing, and what it
  /// holds already stays.
  public static func print(_ ruleset: Ruleset, annotations: Annotations = Annotations()) -> String {
    printed(ruleset, annotations: annotations).text
  }

  /// Text that puts the table in the place of its former content, in one transaction.
  ///
  /// The first line creates the table so that the second has something to delete: `destroy` would say it in one,
  /// but needs nft 1.0.7.
  public static func replacing(_ table: Table, annotations: Annotations = Annotations()) -> String {
    printed(replacing: table, annotations: annotations).text
  }

  /// The text of a table that is printed already, as `print` gives it, behind the commands that make way for it: the same as
  /// `replacing` of the table without annotations.
  public static func replacing(_ table: Table, printed text: String) -> String { opening(table) + text }

  /// The commands that make way for a table.
  private static func opening(_ table: Table) -> String {
    let name = "\(table.family.rawValue) \(table.name)"
    return "table \(name)\ndelete table \(name)\n\n"
  }

  /// One rule as its line in a chain says it: `ip saddr @web4 tcp dport 80 return`, with its comment.
  public static func text(of rule: Rule) -> String {
    var buffer = TextBuffer()
    buffer.rule(rule)
    return buffer.text
  }

  /// An element's key as a set of this type lists it: `10.0.0.1 . 80`.
  public static func text(of key: ElementKey, _ types: [DataType]) -> String {
    var buffer = TextBuffer()
    buffer.key(key, types.map(Notation.init))
    return buffer.text
  }

  /// As `print`, with the place of each object and rule in the text.
  public static func printed(_ ruleset: Ruleset, annotations: Annotations = Annotations()) -> PrintedRuleset {
    var printer = TablePrinter(annotations)
    printer.header()
    for (index, table) in ruleset.tables.enumerated() {
      if index > 0 { printer.blankLine() }
      printer.table(table)
    }
    return printer.finished
  }

  /// As `replacing`, with the place of each object and rule in the text.
  public static func printed(replacing table: Table, annotations: Annotations = Annotations())
    -> PrintedRuleset
  {
    var printer = TablePrinter(annotations)
    printer.header()
    printer.opening(opening(table))
    printer.table(table)
    return printer.finished
  }

  /// As `printed(replacing:annotations:)`, with the text of large sets from an earlier ruleset that has them too.
  public static func printed(
    replacing table: Table, annotations: Annotations = Annotations(), reusing sets: inout PrintedSets
  ) -> PrintedRuleset {
    var printer = TablePrinter(annotations, sets)
    sets = PrintedSets()
    printer.header()
    printer.opening(opening(table))
    printer.table(table)
    sets = printer.printedSets ?? PrintedSets()
    return printer.finished
  }
}

/// The texts of large sets, kept for rulesets that share them: those of a cluster's nodes.
public struct PrintedSets: Sendable {
  /// Sets with fewer elements are as quickly printed as found.
  static let fewest = 64
  private var texts: [String: (elements: [ElementKey], key: [DataType], bytes: [UInt8], lines: Int)] = [:]

  /// Creates an empty text.
  public init() {}

  /// The lines of the set's elements. Elements are compared, which takes no time where the two are one array.
  func find(_ set: NamedSet) -> (bytes: [UInt8], lines: Int)? {
    guard let known = texts[set.name], known.key == set.key, known.elements == set.elements else {
      return nil
    }
    return (known.bytes, known.lines)
  }

  mutating func keep(_ set: NamedSet, _ bytes: [UInt8], lines: Int) {
    texts[set.name] = (set.elements, set.key, bytes, lines)
  }
}

/// The text of a ruleset, and where in it everything stands.
public struct PrintedRuleset: Sendable {
  /// A thing of the ruleset that has lines of its own.
  public enum Item: Sendable, Hashable {
    /// A table's first line.
    case table(String)
    /// A set, its elements included.
    case set(String)
    /// A verdict map, its elements included.
    case map(String)
    /// A chain's first lines.
    case chain(String)
    /// The rule of the chain at this index, from 0.
    case rule(chain: String, index: Int)
  }

  /// The printed text.
  public let text: String
  /// The first line of each thing, from 1, ascending.
  public let items: [(line: Int, item: Item)]
  /// The number of bytes of the text before the first table.
  let start: Int

  /// The text from the first table on, without the commands that make way for it.
  public var tableText: String { String(decoding: text.utf8.dropFirst(start), as: UTF8.self) }

  /// The item at a line, counted from 1; nil before the first table.
  public func item(atLine line: Int) -> Item? { items.last { $0.line <= line }?.item }
}
