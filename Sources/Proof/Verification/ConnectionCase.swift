import Addresses
import PolicyModel
import Reachability
import Ruleset

/// Packets of one state and one direction of their connections, for tables that look at the direction.
struct ConnectionCase: Hashable {
  let state: ConnectionState
  /// Nil for states without a connection.
  let isReply: Bool?

  /// Every case there is. An error that is related may go either way.
  static let each = [
    ConnectionCase(state: .new, isReply: false), ConnectionCase(state: .established, isReply: false),
    ConnectionCase(state: .established, isReply: true), ConnectionCase(state: .related, isReply: false),
    ConnectionCase(state: .related, isReply: true), ConnectionCase(state: .invalid, isReply: nil),
    ConnectionCase(state: .untracked, isReply: nil),
  ]

  /// True where the case is worked out with both ends of each packet exchanged: what is said about replies is
  /// said about the packets that they answer.
  var isMirrored: Bool { state == .established && isReply == true }
}

extension Table {
  /// The table as packets of one case meet it: what asks for nothing but state or direction is decided, and chains that
  /// they cannot come to are gone.
  func assuming(_ packets: ConnectionCase) -> Table {
    var table = self
    for chain in table.chains.indices {
      for rule in table.chains[chain].rules.indices {
        table.chains[chain].rules[rule].statements = decided(
          table.chains[chain].rules[rule].statements, packets)
      }
    }
    var reached: Set<String> = []
    var waiting = table.chains.filter { $0.hook != nil }.map(\.name)
    let byName = Dictionary(table.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    while let name = waiting.popLast() {
      guard reached.insert(name).inserted, let chain = byName[name] else { continue }
      for statement in chain.rules.flatMap(\.statements) {
        switch statement {
        case .verdict(let verdict): waiting += [verdict.target].compactMap { $0 }
        case .verdictMap(_, let lookup): waiting += elements(lookup).compactMap(\.verdict.target)
        default: break
        }
      }
    }
    table.chains.removeAll { !reached.contains($0.name) }
    return table
  }

  private func elements(_ lookup: VerdictLookup) -> [VerdictElement] {
    switch lookup {
    case .anonymous(let elements): elements
    case .named(let name): maps.first { $0.name == name }?.elements ?? []
    }
  }

  /// A condition that holds is left out; one that fails ends the rule where it stands.
  private func decided(_ statements: [Statement], _ packets: ConnectionCase) -> [Statement] {
    var result: [Statement] = []
    for statement in statements {
      switch statement {
      case .match(let match):
        guard let holds = holds(match, packets) else { result.append(statement); continue }
        if !holds { return result }
      case .verdictMap([.ctState], let lookup):
        let value = UInt128(packets.state.rawValue)
        let hit = elements(lookup).first { $0.key.fields.count == 1 && $0.key.fields[0].contains(value) }
        guard let hit else { return result }
        result.append(.verdict(hit.verdict))
      default: result.append(statement)
      }
    }
    return result
  }

  /// True where a condition on state or direction alone holds; nil for any other.
  private func holds(_ match: Match, _ packets: ConnectionCase) -> Bool? {
    let value: UInt128
    switch match.key {
    case [.ctState]: value = UInt128(packets.state.rawValue)
    case [.ctDirection]:
      guard let isReply = packets.isReply else { return nil }
      value = isReply ? 1 : 0
    default: return nil
    }
    let isIn: Bool
    switch match.operand {
    case .anyBit(let bits) where match.key == [.ctState]: isIn = value & bits != 0
    case .value(let key): isIn = key.fields.count == 1 && key.fields[0].contains(value)
    case .anonymousSet(let keys):
      isIn = keys.contains { $0.fields.count == 1 && $0.fields[0].contains(value) }
    default: return nil
    }
    switch match.comparison {
    case .equal: return isIn
    case .notEqual: return !isIn
    default: return nil
    }
  }

  /// The table that does to a packet what this one does to the packet with both ends exchanged: addresses, and the first
  /// two bytes behind the network header with the next two.
  var mirrored: Table {
    var table = self
    for chain in table.chains.indices {
      for rule in table.chains[chain].rules.indices {
        table.chains[chain].rules[rule].statements = table.chains[chain].rules[rule].statements.flatMap(
          mirror)
      }
    }
    return table
  }

  private func mirror(_ statement: Statement) -> [Statement] {
    switch statement {
    case .match(var match):
      if match.key == [.icmpType] || match.key == [.icmpv6Type] { return [messageType(match)].flatMap { $0 } }
      guard let key = mirror(match.key) else {
        return [.unmodelled("an ICMP type among other fields of replies")]
      }
      match.key = key
      return [.match(match)]
    case .verdictMap(let fields, let lookup):
      guard let key = mirror(fields) else { return [.unmodelled("a map of ICMP types of replies")] }
      return [.verdictMap(key, lookup)]
    default: return [statement]
    }
  }

  /// The type is the first byte: of the exchanged packet the third.
  private func messageType(_ match: Match) -> [Statement] {
    let keys: [ElementKey]
    switch match.operand {
    case .value(let key): keys = [key]
    case .anonymousSet(let list): keys = list
    default: return [.unmodelled("a set of ICMP types of replies")]
    }
    guard match.comparison == .equal, keys.allSatisfy({ $0.fields.count == 1 }) else {
      return [.unmodelled("an order of ICMP types of replies")]
    }
    let isIPv4 = match.key == [.icmpType]
    let elements = keys.map { key in
      ElementKey.concatenation([
        Interval(isIPv4 ? 1 : 58), Interval(key.fields[0].lower << 8, key.fields[0].upper << 8 | 255),
      ])
    }
    return [
      .match(Match(.metaNFProto, .equal, .value(ElementKey(isIPv4 ? 2 : 10)))),
      .match(Match([.metaL4Proto, .thDport], .equal, .anonymousSet(elements))),
    ]
  }

  private func mirror(_ fields: [Field]) -> [Field]? {
    let pairs: [(Field, Field)] = [
      (.ipSaddr, .ipDaddr), (.ip6Saddr, .ip6Daddr), (.thSport, .thDport), (.tcpSport, .tcpDport),
      (.udpSport, .udpDport), (.sctpSport, .sctpDport),
    ]
    var result: [Field] = []
    for field in fields {
      if field == .icmpType || field == .icmpv6Type { return nil }
      let other = pairs.first { $0.0 == field }?.1 ?? pairs.first { $0.1 == field }?.0
      result.append(other ?? field)
    }
    return result
  }
}

extension Packet {
  /// The packet with both ends exchanged.
  var mirrored: Packet {
    var packet = self
    (packet.source, packet.destination) = (destination, source)
    (packet.firstBytes, packet.destinationPort) = (destinationPort, firstBytes)
    return packet
  }
}
