import Ruleset

/// A table in which chains that differ only in the chain that they go on to share their rules, for the symbolic execution.
///
/// Classes by the dozen walk the same ordered rules, and go on to a chain of their own where none of them decides: the *tail*
/// of their chain, which its last rule goes to. The rules are moved to a *body*, where a name that no chain has stands for the
/// tail. A body is executed once; `ChainExecutor` puts each tail behind it.
struct SharedBodies {
  /// The name that stands for the tail in a body.
  static let onward = "\u{1}onward"
  private static let reserved = "\u{1}"

  /// The body and the tail of a chain, by the names of chains.
  struct Parts {
    let body: String
    let tail: String
  }

  /// The table with its bodies behind its chains. A chain that has one goes to it, and to its tail, and nothing else.
  private(set) var table: Table
  /// The parts of the chains that have a body, by their names.
  private(set) var parts: [String: Parts] = [:]
  /// The names of the bodies, with the name of a chain that has these rules.
  private(set) var chainOfBody: [String: String] = [:]

  private var numbers: [String: Int] = [:]
  /// The tail of each chain that may have a body.
  private var tails: [Int: String] = [:]
  private var bodies: [Int: Int] = [:]
  private var rules: [[[Statement]]] = []
  private var placeOfRules: [[[Statement]]: Int] = [:]
  private var examples: [Int] = []

  /// Shares what can be shared in a table; it stays as it is where that is nothing. O(n) in the rules.
  init(_ table: Table) {
    self.table = table
    numbers = Dictionary(
      table.chains.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    guard numbers.count == table.chains.count, !numbers.keys.contains(where: { $0.hasPrefix(Self.reserved) })
    else { return }
    for (number, chain) in table.chains.enumerated() where chain.hook == nil && chain.rules.count > 1 {
      if case .verdict(.goto(let tail)) = chain.rules.last?.statements.first, tail != chain.name,
        chain.rules.last?.statements.count == 1, numbers[tail] != nil
      {
        tails[number] = tail
      }
    }
    if tails.count < 2 { return }
    for number in followed { tails[number] = nil }
    for number in tails.keys.sorted() { _ = body(of: number, depth: 0) }
    if rules.count < tails.count { share() }
  }

  /// The chains that are followed rule by rule: those with hooks, and where rules lead that ask for no address.
  private var followed: Set<Int> {
    var found: Set<Int> = []
    var waiting = table.chains.indices.filter { table.chains[$0].hook != nil }
    while let number = waiting.popLast() {
      guard found.insert(number).inserted else { continue }
      for rule in table.chains[number].rules
      where TableIndex.uses(rule).isDisjoint(with: [.source, .destination]) {
        waiting += rule.statements.flatMap(targets).compactMap { numbers[$0] }
      }
    }
    return found
  }

  private func targets(of statement: Statement) -> [String] {
    switch statement {
    case .verdict(let verdict): [verdict.target].compactMap { $0 }
    case .verdictMap(_, .anonymous(let elements)): elements.compactMap(\.verdict.target)
    case .verdictMap(_, .named(let name)):
      table.maps.filter { $0.name == name }.flatMap(\.elements).compactMap(\.verdict.target)
    case .match, .counter, .log, .limit, .reject, .unmodelled: []
    }
  }

  /// The number of the body of a chain; nil where it has none, or too many bodies lead to it.
  private mutating func body(of chain: Int, depth: Int) -> Int? {
    guard let tail = tails[chain], depth < 8 else { return nil }
    if let known = bodies[chain] { return known }
    let own = table.chains[chain].rules.map { rule in
      var statements = rule.statements
      guard case .verdict(.goto(let target)) = statements.last else { return statements }
      if target == tail {
        statements[statements.count - 1] = .verdict(.goto(Self.onward))
      } else if let number = numbers[target], number != chain, tails[number] == tail,
        let other = body(of: number, depth: depth + 1)
      {
        statements[statements.count - 1] = .verdict(.goto(Self.name(of: other)))
      }
      return statements
    }
    let number = placeOfRules[own] ?? rules.count
    if number == rules.count {
      placeOfRules[own] = number
      rules.append(own)
      examples.append(chain)
    }
    bodies[chain] = number
    return number
  }

  private static func name(of body: Int) -> String { "\(reserved)body \(body)" }

  private mutating func share() {
    for (chain, body) in bodies {
      guard let tail = tails[chain] else { continue }
      let name = Self.name(of: body)
      parts[table.chains[chain].name] = Parts(body: name, tail: tail)
      table.chains[chain].rules = [Rule([.verdict(.goto(name))]), Rule([.verdict(.goto(tail))])]
    }
    for (number, statements) in rules.enumerated() {
      let name = Self.name(of: number)
      table.chains.append(Chain(name, rules: statements.map { Rule($0) }))
      chainOfBody[name] = table.chains[examples[number]].name
    }
  }
}
