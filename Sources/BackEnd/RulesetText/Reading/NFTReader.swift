public import Ruleset

/// Reads nft text: what netpolc prints, what `nft list ruleset` and `nft list table` print, and what people write
/// by hand in the manner of these.
///
/// Understood at the top: tables, `add` and `create` of tables, chains, sets, maps, rules and elements, `insert
/// rule` without a place, and `flush` and `delete` of tables or all. Other commands, variables and includes are
/// refused with their place. What this model has no word for becomes `unmodelled`. Counters' values, handles,
/// comments of tables, chains, sets and elements, and sizes of sets are read over.
public enum NFTReader {
  /// The ruleset that the text leaves in an empty kernel.
  ///
  /// - Throws: `ReadFailure`, with the place of the first thing that is no nft text or is not read here.
  public static func read(_ text: String) throws(ReadFailure) -> Ruleset {
    var reader = CommandReader(TextScanner(text))
    return try reader.commands()
  }
}

/// Reads commands from the top of a text to its end.
struct CommandReader {
  private var scanner: TextScanner
  private var tables: [TableBuilder] = []

  init(_ scanner: TextScanner) { self.scanner = scanner }

  mutating func commands() throws(ReadFailure) -> Ruleset {
    while true {
      scanner.skipSeparators()
      if scanner.isAtEnd { return Ruleset(tables.map(\.table)) }
      try command()
      scanner.skipBlanks()
      guard scanner.isAtEnd || [UInt8(ascii: "\n"), UInt8(ascii: ";")].contains(scanner.next) else {
        throw scanner.failure("expected the end of the command, found \(scanner.found)")
      }
    }
  }

  private mutating func command() throws(ReadFailure) {
    let start = scanner.offset
    let verb = try scanner.name("a command")
    switch verb {
    case "table": try table()
    case "add", "create":
      let kind = try scanner.name("an object")
      if kind == "table" { return try table() }
      try add(kind, at: start)
    case "insert":
      guard scanner.take("rule") else { throw scanner.failure("expected “rule”, found \(scanner.found)") }
      let place = try chain()
      tables[place.table].add(try placedRule(), toChain: place.name, first: true)
    case "flush", "delete", "destroy": try remove(verb, at: start)
    case "include", "define", "redefine", "undefine":
      throw scanner.failure("“\(verb)” is not read; write the values and rules themselves", at: start)
    default: throw scanner.failure("“\(verb)” is no command that is read here", at: start)
    }
  }

  private mutating func remove(_ verb: String, at start: Int) throws(ReadFailure) {
    if verb == "flush", scanner.take("ruleset") {
      tables = []
      return
    }
    guard scanner.take("table") else {
      throw scanner.failure("“\(verb)” is read for tables only", at: start)
    }
    let (family, name) = try tableName()
    guard let index = tables.firstIndex(where: { $0.isNamed(family, name) }) else { return }
    if verb == "flush" {
      tables[index].flushRules()
    } else {
      tables.remove(at: index)
    }
  }

  /// `inet netpolc`, or a name alone, which is in `ip`.
  private mutating func tableName() throws(ReadFailure) -> (Table.Family, String) {
    let first = try scanner.identifier("a family or a table")
    guard let family = Table.Family(rawValue: first) else { return (.ip, first) }
    return (family, try scanner.identifier("a table"))
  }

  private mutating func tableIndex() throws(ReadFailure) -> Int {
    scanner.skipBlanks()
    let start = scanner.offset
    let (family, name) = try tableName()
    guard let index = tables.firstIndex(where: { $0.isNamed(family, name) }) else {
      throw scanner.failure("there is no table \(family.rawValue) \(name) yet", at: start)
    }
    return index
  }

  private mutating func chain() throws(ReadFailure) -> (table: Int, name: String) {
    let table = try tableIndex()
    scanner.skipBlanks()
    let start = scanner.offset
    let name = try scanner.identifier("a chain")
    guard tables[table].hasChain(name) else {
      throw scanner.failure("there is no chain \(name) yet", at: start)
    }
    return (table, name)
  }

  private mutating func placedRule() throws(ReadFailure) -> Rule {
    let word = scanner.peekWord()
    guard !["position", "handle", "index"].contains(word) else {
      throw scanner.failure("a rule at a “\(word)” is not read")
    }
    return try scanner.rule()
  }

  private mutating func add(_ kind: String, at start: Int) throws(ReadFailure) {
    switch kind {
    case "rule":
      let place = try chain()
      tables[place.table].add(try placedRule(), toChain: place.name)
    case "chain", "set", "map":
      let index = try tableIndex()
      let known = tables[index].table.unmodelled.count
      try object(kind, at: start, table: index)
      guard tables[index].table.unmodelled.count == known else {
        throw scanner.failure("a \(kind) of this form is read inside its table only", at: start)
      }
    case "element":
      let index = try tableIndex()
      try elements(table: index)
    default: throw scanner.failure("“add \(kind)” is not read", at: start)
    }
  }

  /// `NAME { elements }` for a set or map that exists.
  private mutating func elements(table: Int) throws(ReadFailure) {
    scanner.skipBlanks()
    let start = scanner.offset
    let name = try scanner.identifier("a set")
    guard var body = tables[table].body(ofSet: name) else {
      throw scanner.failure("there is no set \(name) yet", at: start)
    }
    try scanner.elements(into: &body)
    guard body.isModelled else { throw scanner.failure("elements of this form are not read", at: start) }
    tables[table].add(body, name)
  }

  /// Reads the rest of a table after the word `table`: a name, and a block or nothing.
  private mutating func table() throws(ReadFailure) {
    let (family, name) = try tableName()
    let index: Int
    if let known = tables.firstIndex(where: { $0.isNamed(family, name) }) {
      index = known
    } else {
      index = tables.count
      tables.append(TableBuilder(family, name))
    }
    guard scanner.take(UInt8(ascii: "{")) else { return }
    while true {
      scanner.skipSeparators()
      if scanner.take(UInt8(ascii: "}")) { return }
      let start = scanner.offset
      let word = try scanner.name("an object of the table")
      switch word {
      case "comment": _ = try scanner.quoted()
      case "flags":
        repeat { tables[index].addFlag(try scanner.name("a flag")) } while scanner.take(UInt8(ascii: ","))
      default: try object(word, at: start, table: index)
      }
    }
  }

  /// A chain, set, map, or an object that stays text.
  private mutating func object(_ kind: String, at start: Int, table: Int) throws(ReadFailure) {
    switch kind {
    case "set", "map":
      let name = try scanner.identifier("a name")
      var body = SetBody(key: [])
      body.isMap = kind == "map"
      try scanner.setBody(&body)
      guard body.isModelled else { break }
      if let objection = tables[table].objection(to: body, name) {
        throw scanner.failure(objection, at: start)
      }
      tables[table].add(body, name)
      return
    case "chain":
      let name = try scanner.identifier("a chain")
      let (chain, isModelled) = try scanner.chainBody(name, family: tables[table].table.family)
      guard isModelled else { break }
      tables[table].add(chain)
      return
    case "counter", "quota", "limit", "flowtable", "ct", "secmark", "synproxy", "tunnel", "meter": break
    default: throw scanner.failure("“\(kind)” is no object of a table", at: start)
    }
    scanner.offset = start
    try scanner.skipBlock()
    tables[table].addUnmodelled(scanner.string(start..<scanner.offset))
  }
}
