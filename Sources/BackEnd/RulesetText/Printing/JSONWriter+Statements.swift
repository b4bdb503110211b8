import Addresses
import JSONText
import Ruleset

/// Expressions and statements as libnftables JSON.
extension JSONWriter {
  /// Writes an object with one member: `{"name": …}`.
  private mutating func tagged(_ name: String, _ body: (inout JSONWriter) -> Void) {
    openObject()
    key(name)
    body(&self)
    closeObject()
  }

  mutating func key(_ key: ElementKey, _ notations: [Notation]) {
    switch key {
    case .single(let value): interval(value, notations.first ?? .mark)
    case .concatenation(let fields):
      tagged("concat") { writer in
        writer.array { writer in
          for (index, field) in fields.enumerated() {
            writer.interval(field, index < notations.count ? notations[index] : .mark)
          }
        }
      }
    }
  }

  private mutating func interval(_ interval: Interval<UInt128>, _ notation: Notation) {
    if notation == .interface, let name = InterfaceName.name(interval) {
      string(name)
    } else if let length = notation.prefixLength(interval) {
      tagged("prefix") { writer in
        writer.object { writer in
          writer.key("addr")
          writer.value(interval.lower, notation)
          writer.key("len")
          writer.number(length)
        }
      }
    } else if interval.isSingle {
      value(interval.lower, notation)
    } else {
      tagged("range") { writer in
        writer.array { writer in
          writer.value(interval.lower, notation)
          writer.value(interval.upper, notation)
        }
      }
    }
  }

  /// Names only where libnftables has its own table of them: a protocol's name would be looked up on the host.
  private mutating func value(_ value: UInt128, _ notation: Notation) {
    if let family = notation.family {
      plainString { $0.appendAddress(value & family.maximum, family) }
    } else if notation == .existence {
      bool(value != 0)
    } else if notation != .transportProtocol, let name = notation.printed?.name(value) {
      string(name)
    } else {
      number(value)
    }
  }

  mutating func verdict(_ verdict: Verdict) {
    switch verdict {
    case .accept: tagged("accept") { $0.null() }
    case .drop: tagged("drop") { $0.null() }
    case .continue: tagged("continue") { $0.null() }
    case .return: tagged("return") { $0.null() }
    case .jump(let chain): branch("jump", chain)
    case .goto(let chain): branch("goto", chain)
    }
  }

  private mutating func branch(_ kind: String, _ chain: String) {
    tagged(kind) { writer in writer.tagged("target") { $0.string(chain) } }
  }

  mutating func verdictElement(_ element: VerdictElement, _ notations: [Notation]) {
    openArray()
    key(element.key, notations)
    verdict(element.verdict)
    closeArray()
  }

  mutating func field(_ field: Field) {
    let words = field.rawValue.split(separator: " ").map(String.init)
    switch field {
    case .fibSourceRoute:
      tagged("fib") { writer in
        writer.object { writer in
          writer.key("result")
          writer.string("oif")
          writer.key("flags")
          writer.array { writer in for flag in ["saddr", "iif"] { writer.string(flag) } }
        }
      }
    case .metaNFProto, .metaL4Proto, .metaMark, .metaIifKind:
      tagged("meta") { writer in writer.tagged("key") { $0.string(words[1]) } }
    case .metaIifName, .metaOifName:
      tagged("meta") { writer in writer.tagged("key") { $0.string(field.rawValue) } }
    case .ctState, .ctStatus, .ctMark, .ctDirection:
      tagged("ct") { writer in writer.tagged("key") { $0.string(words[1]) } }
    default:
      tagged("payload") { writer in
        writer.object { writer in
          writer.key("protocol")
          writer.string(words[0])
          writer.key("field")
          writer.string(words[1])
        }
      }
    }
  }

  private mutating func fields(_ key: [Field]) {
    if key.count == 1, let only = key.first {
      field(only)
    } else {
      tagged("concat") { writer in
        writer.array { writer in for item in key { writer.field(item) } }
      }
    }
  }

  mutating func statement(_ statement: Statement) {
    switch statement {
    case .match(let match): tagged("match") { $0.match(match) }
    case .verdictMap(let key, let lookup): tagged("vmap") { $0.verdictMap(key, lookup) }
    case .counter: tagged("counter") { $0.null() }
    case .log(let prefix, let group): tagged("log") { $0.log(prefix, group) }
    case .limit(let rate, let unit, let burst):
      tagged("limit") { writer in
        writer.object { writer in
          writer.key("rate")
          writer.number(rate)
          writer.key("burst")
          writer.number(burst)
          writer.key("per")
          writer.string(unit)
        }
      }
    case .reject: tagged("reject") { $0.null() }
    case .verdict(let verdict): self.verdict(verdict)
    case .unmodelled(let text): unmodelled(text, &self)
    }
  }

  private mutating func log(_ prefix: String?, _ group: UInt16?) {
    guard prefix != nil || group != nil else {
      null()
      return
    }
    object { writer in
      if let prefix {
        writer.key("prefix")
        writer.string(quotable(prefix, limit: 127))
      }
      if let group {
        writer.key("group")
        writer.number(group)
      }
    }
  }

  private mutating func verdictMap(_ fields: [Field], _ lookup: VerdictLookup) {
    object { writer in
      writer.key("key")
      writer.fields(fields)
      writer.key("data")
      switch lookup {
      case .named(let name): writer.string("@\(name)")
      case .anonymous(let elements):
        let notations = fields.map { Notation($0) }
        writer.tagged("set") { writer in
          writer.array { writer in
            for element in elements { writer.verdictElement(element, notations) }
          }
        }
      }
    }
  }

  private mutating func match(_ match: Match) {
    let notations = match.key.map { Notation($0) }
    object { writer in
      if case .anyBit(let bits) = match.operand {
        writer.anyBit(bits, match, isNegated: match.comparison == .notEqual)
        return
      }
      writer.key("op")
      writer.string(match.comparison.rawValue)
      writer.key("left")
      writer.fields(match.key)
      writer.key("right")
      switch match.operand {
      case .value(let key):
        // libnftables has no concatenated operand but in a set.
        if match.key.count > 1 { writer.set([key], notations) } else { writer.key(key, notations) }
      case .anonymousSet(let keys): writer.set(keys, notations)
      case .namedSet(let name): writer.string("@\(name)")
      case .anyBit: writer.null()
      }
    }
  }

  private mutating func set(_ keys: [ElementKey], _ notations: [Notation]) {
    tagged("set") { writer in
      writer.array { writer in for key in keys { writer.key(key, notations) } }
    }
  }

  private mutating func anyBit(_ bits: UInt128, _ match: Match, isNegated: Bool) {
    key("op")
    guard match.key.count == 1, bits != 0,
      let names = match.key.first.flatMap({ Notation($0).bits?.names(ofBits: bits) })
    else {
      string(isNegated ? "==" : "!=")
      key("left")
      tagged("&") { writer in
        writer.array { writer in
          writer.fields(match.key)
          writer.number(bits)
        }
      }
      key("right")
      number(0)
      return
    }
    string(isNegated ? "!" : "in")
    key("left")
    fields(match.key)
    key("right")
    let list = names.split(separator: ",").map(String.init)
    if list.count == 1, let only = list.first {
      string(only)
    } else {
      array { writer in for name in list { writer.string(name) } }
    }
  }
}
