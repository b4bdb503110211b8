import JSONText
public import Ruleset

/// Reads libnftables JSON: what `nft -j list ruleset` and `nft -j list table` print, and commands that `nft -j -f`
/// loads, such as netpolc's own.
///
/// Understood: objects as they are listed, and `add`, `create`, `insert`, `delete` and `flush` as `NFTReader` has
/// them. What this model has no word for stays as JSON in `unmodelled`. Text that was cut off, which nft 1.0.6
/// prints for tables with flags while it reports success, is refused.
public enum JSONReader {
  /// The ruleset that the commands leave in an empty kernel.
  ///
  /// - Throws: `ReadFailure`, with the place of the first thing that is no JSON or no ruleset.
  public static func read(_ text: String) throws(ReadFailure) -> Ruleset {
    var reader = JSONCommandReader(text)
    do {
      return try reader.commands()
    } catch {
      throw ReadFailure(error.message, at: error.offset, in: Array(text.utf8))
    }
  }
}

/// Reads the list of commands or objects.
struct JSONCommandReader {
  private var scanner: JSONScanner
  private var tables: [TableBuilder] = []

  init(_ text: String) { scanner = JSONScanner(text) }

  mutating func commands() throws(JSONFailure) -> Ruleset {
    var isFirstKey = true
    var isRuleset = false
    try scanner.openObject()
    while let key = try scanner.nextKey(first: &isFirstKey) {
      guard key == "nftables" else {
        try scanner.skip()
        continue
      }
      isRuleset = true
      var isFirst = true
      try scanner.openArray()
      while try scanner.nextItem(first: &isFirst) { try command() }
    }
    guard isRuleset else { throw scanner.failure("no “nftables” in it", at: 0) }
    try scanner.expectEnd()
    return Ruleset(tables.map(\.table))
  }

  private mutating func command() throws(JSONFailure) {
    _ = try scanner.kind()
    let start = scanner.offset
    var isFirst = true
    try scanner.openObject()
    guard let verb = try scanner.nextKey(first: &isFirst) else { throw scanner.failure("an empty command") }
    switch verb {
    case "metainfo": try scanner.skip()
    case "add", "create", "insert", "delete", "destroy", "flush":
      _ = try scanner.kind()
      let objectStart = scanner.offset
      var isFirst = true
      try scanner.openObject()
      guard let kind = try scanner.nextKey(first: &isFirst) else { throw scanner.failure("an empty command") }
      switch verb {
      case "add", "create": try object(kind, at: objectStart)
      case "insert":
        guard kind == "rule" else { throw scanner.failure("only rules are inserted", at: objectStart) }
        try object(kind, at: objectStart, first: true)
      default: try remove(verb, kind)
      }
      try end(&isFirst)
    default: try object(verb, at: start)
    }
    try end(&isFirst)
  }

  private mutating func end(_ isFirst: inout Bool) throws(JSONFailure) {
    guard try scanner.nextKey(first: &isFirst) == nil else {
      throw scanner.failure("more than one thing in a command")
    }
  }

  private mutating func remove(_ verb: String, _ kind: String) throws(JSONFailure) {
    _ = try scanner.kind()
    let start = scanner.offset
    if verb == "flush", kind == "ruleset" {
      try scanner.skip()
      tables = []
      return
    }
    guard kind == "table" else { throw scanner.failure("“\(verb)” is read for tables only", at: start) }
    let value = try scanner.value()
    guard let (family, name) = named(value, "name"),
      let index = tables.firstIndex(where: { $0.isNamed(family, name) })
    else { return }
    if verb == "flush" { tables[index].flushRules() } else { tables.remove(at: index) }
  }

  /// Family and table of an object.
  private func named(_ value: JSONValue, _ key: String) -> (Table.Family, String)? {
    guard let family = Table.Family(rawValue: value["family"]?.string ?? "ip"), let name = value[key]?.string
    else {
      return nil
    }
    return (family, name)
  }

  private mutating func object(_ kind: String, at start: Int, first: Bool = false) throws(JSONFailure) {
    _ = try scanner.kind()
    let bodyStart = scanner.offset
    if kind == "unmodelled" {
      guard !tables.isEmpty else { throw scanner.failure("no table stands before it", at: start) }
      tables[tables.count - 1].addUnmodelled(try scanner.string())
      return
    }
    if kind == "table" { return try table() }
    let properties = try scanner.properties()
    let value = properties.value
    guard let (family, name) = named(value, "table"),
      let index = tables.firstIndex(where: { $0.isNamed(family, name) })
    else { throw scanner.failure("the \(kind) is of no table that stands before it", at: bodyStart) }
    let end = scanner.offset
    var isModelled = true
    switch kind {
    case "set", "map", "element":
      isModelled = try setOrElements(kind, properties, bodyStart, table: index)
    case "chain": isModelled = try chain(value, bodyStart, table: index)
    case "rule": try rule(properties, bodyStart, table: index, first: first)
    default: isModelled = false
    }
    scanner.move(to: end)
    // The whole of it: `{"counter": {…}}`, without its command.
    if !isModelled { tables[index].addUnmodelled("{\"\(kind)\": \(scanner.text(bodyStart..<end))}") }
  }

  private mutating func table() throws(JSONFailure) {
    let start = scanner.offset
    let value = try scanner.value()
    guard let (family, name) = named(value, "name") else {
      throw scanner.failure("a table needs a family and a name", at: start)
    }
    let index = tables.firstIndex { $0.isNamed(family, name) } ?? tables.count
    if index == tables.count { tables.append(TableBuilder(family, name)) }
    for flag in value["flags"]?.strings ?? [] { tables[index].addFlag(flag) }
  }

  private mutating func setOrElements(
    _ kind: String, _ properties: JSONScanner.Properties, _ start: Int, table: Int
  ) throws(JSONFailure) -> Bool {
    let value = properties.value
    guard let name = value["name"]?.string else {
      throw scanner.failure("the \(kind) has no name", at: start)
    }
    var body: SetBody
    if kind == "element" {
      guard let known = tables[table].body(ofSet: name) else {
        throw scanner.failure("there is no set \(name) yet", at: start)
      }
      body = known
    } else {
      guard let described = SetBody(kind, value) else { return false }
      body = described
    }
    if let elements = properties.deferred["elem"] {
      scanner.move(to: elements)
      try scanner.elements(into: &body)
    }
    guard body.isModelled else {
      if kind == "element" { throw scanner.failure("elements of this form are not read", at: start) }
      return false
    }
    if let objection = tables[table].objection(to: body, name) { throw scanner.failure(objection, at: start) }
    tables[table].add(body, name)
    return true
  }

  private mutating func chain(_ value: JSONValue, _ start: Int, table: Int) throws(JSONFailure) -> Bool {
    guard let name = value["name"]?.string else { throw scanner.failure("the chain has no name", at: start) }
    var chain = Chain(name)
    if let hook = value["hook"]?.string {
      guard value["dev"] == nil else { return false }
      guard let type = value["type"]?.string, let prio = value["prio"]?.integer,
        let priority = Int32(exactly: prio),
        let policy = Chain.Hook.Policy(rawValue: value["policy"]?.string ?? "accept")
      else { throw scanner.failure("the base chain lacks its type, priority or policy", at: start) }
      chain.hook = Chain.Hook(hook, type: type, priority: priority, policy: policy)
    }
    tables[table].add(chain)
    return true
  }

  private mutating func rule(
    _ properties: JSONScanner.Properties, _ start: Int, table: Int, first: Bool
  ) throws(JSONFailure) {
    let value = properties.value
    guard let name = value["chain"]?.string, tables[table].hasChain(name) else {
      throw scanner.failure("the rule is of no chain that stands before it", at: start)
    }
    guard value["index"] == nil, value["position"] == nil else {
      throw scanner.failure("a rule at a place is not read", at: start)
    }
    var rule = Rule([], comment: value["comment"]?.string)
    if let expressions = properties.deferred["expr"] {
      scanner.move(to: expressions)
      rule.statements = try scanner.statements()
    }
    tables[table].add(rule, toChain: name, first: first)
  }
}

extension JSONValue {
  /// One string, or several.
  var strings: [String]? {
    if let string { return [string] }
    return array?.compactMap(\.string)
  }
}

extension SetBody {
  /// The set or map that the properties describe, without elements; nil if it is not modelled.
  init?(_ kind: String, _ value: JSONValue) {
    guard let names = value["type"]?.strings else { return nil }
    let types = names.compactMap { DataType(rawValue: $0) }
    guard types.count == names.count, !types.isEmpty else { return nil }
    self.init(key: types)
    isMap = kind == "map"
    guard !isMap || value["map"]?.string == "verdict" else { return nil }
    for flag in value["flags"]?.strings ?? [] {
      switch flag {
      case "interval": flags.insert(.interval)
      case "constant": flags.insert(.constant)
      case "timeout": flags.insert(.timeout)
      case "dynamic": flags.insert(.dynamic)
      default: return nil
      }
    }
    if value["timeout"] != nil || value["gc-interval"] != nil { flags.insert(.timeout) }
    autoMerge = value["auto-merge"] == .bool(true)
    // A statement but a counter decides whether an element is found.
    for statement in value["stmt"]?.array ?? [] where statement.tagged?.key != "counter" { return nil }
  }
}
