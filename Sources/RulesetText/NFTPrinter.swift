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
    printer.line("table \(table.family.rawValue) \(table.name)")
    printer.line("delete table \(table.family.rawValue) \(table.name)")
    printer.blankLine()
    printer.table(table)
    return printer.finished
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

  /// The text.
  public let text: String
  /// The first line of each thing, from 1, ascending.
  public let items: [(line: Int, item: Item)]

  /// What the line, from 1, belongs to; nil before the first table.
  public func item(atLine line: Int) -> Item? { items.last { $0.line <= line }?.item }
}
