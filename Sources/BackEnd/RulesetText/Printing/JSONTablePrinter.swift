import Addresses
import JSONText
import Ruleset

/// The commands for one table.
struct JSONTablePrinter {
  let table: Table

  /// `{"add": {"chain": {"family": "inet", "table": "t", …}}}` on a line of its own.
  func command(
    _ verb: String, _ kind: String, _ writer: inout JSONWriter, _ body: (inout JSONWriter) -> Void
  ) {
    writer.lineBreak()
    writer.object { writer in
      writer.key(verb)
      writer.object { writer in
        writer.key(kind)
        writer.object { writer in
          writer.key("family")
          writer.string(table.family.rawValue)
          writer.key(kind == "table" ? "name" : "table")
          writer.string(table.name)
          body(&writer)
        }
      }
    }
  }

  func print(_ writer: inout JSONWriter) {
    command("add", "table", &writer) { writer in
      if !table.flags.isEmpty {
        writer.key("flags")
        writer.array { writer in for flag in table.flags { writer.string(flag) } }
      }
    }
    for text in table.unmodelled {
      writer.lineBreak()
      unmodelled(text, &writer)
    }
    for chain in table.chains { self.chain(chain, &writer) }
    for set in table.sets { self.set(set, &writer) }
    for map in table.maps { self.map(map, &writer) }
    for chain in table.chains {
      for rule in chain.rules { self.rule(rule, of: chain, &writer) }
    }
  }

  private func chain(_ chain: Chain, _ writer: inout JSONWriter) {
    command("add", "chain", &writer) { writer in
      writer.key("name")
      writer.string(chain.name)
      guard let hook = chain.hook else { return }
      writer.key("type")
      writer.string(hook.type)
      writer.key("hook")
      writer.string(hook.hook)
      writer.key("prio")
      writer.number(hook.priority)
      writer.key("policy")
      writer.string(hook.policy.rawValue)
    }
  }

  private func keyType(_ key: [DataType], _ flags: SetFlags, _ writer: inout JSONWriter) {
    writer.key("type")
    if key.count == 1, let only = key.first {
      writer.string(only.rawValue)
    } else {
      writer.array { writer in for type in key { writer.string(type.rawValue) } }
    }
    guard !flags.isEmpty else { return }
    writer.key("flags")
    writer.array { writer in for name in flags.names { writer.string(name) } }
  }

  private func set(_ set: NamedSet, _ writer: inout JSONWriter) {
    let notations = set.key.map { Notation($0) }
    command("add", "set", &writer) { writer in
      writer.key("name")
      writer.string(set.name)
      keyType(set.key, set.flags, &writer)
      if set.autoMerge {
        writer.key("auto-merge")
        writer.bool(true)
      }
      guard !set.elements.isEmpty else { return }
      writer.key("elem")
      writer.array { writer in
        writer.reserve(set.elements.count * 24)
        for element in set.elements { writer.key(element, notations) }
      }
    }
  }

  private func map(_ map: VerdictMap, _ writer: inout JSONWriter) {
    let notations = map.key.map { Notation($0) }
    command("add", "map", &writer) { writer in
      writer.key("name")
      writer.string(map.name)
      keyType(map.key, map.flags, &writer)
      writer.key("map")
      writer.string("verdict")
      guard !map.elements.isEmpty else { return }
      writer.key("elem")
      writer.array { writer in
        writer.reserve(map.elements.count * 60)
        for element in map.elements { writer.verdictElement(element, notations) }
      }
    }
  }

  private func rule(_ rule: Rule, of chain: Chain, _ writer: inout JSONWriter) {
    command("add", "rule", &writer) { writer in
      writer.key("chain")
      writer.string(chain.name)
      if let comment = rule.comment {
        writer.key("comment")
        writer.string(quotable(comment, limit: 128))
      }
      writer.key("expr")
      writer.array { writer in for statement in rule.statements { writer.statement(statement) } }
    }
  }
}

/// JSON that a JSON reader found stays JSON; text is marked so that nft refuses it.
func unmodelled(_ text: String, _ writer: inout JSONWriter) {
  if text.utf8.first == UInt8(ascii: "{") {
    writer.raw(text)
  } else {
    writer.object { writer in
      writer.key("unmodelled")
      writer.string(text)
    }
  }
}
