import Ruleset

extension RuleDecoder {
  /// Statements in which a protocol and the port that is asked for behind it are one condition: the traffic of a port alone
  /// is a part of each of 256 protocols.
  static func joined(_ statements: [Statement]) -> [Statement] {
    var result: [Statement] = []
    for statement in statements {
      if case .match(let port) = statement, port.key == [.thDport], port.comparison == .equal,
        case .value(.single(let ports)) = port.operand, case .match(let transport)? = result.last,
        transport.key == [.metaL4Proto], transport.comparison == .equal,
        case .value(.single(let transports)) = transport.operand
      {
        result[result.count - 1] = .match(
          Match([.metaL4Proto, .thDport], .equal, .value(.concatenation([transports, ports]))))
      } else {
        result.append(statement)
      }
    }
    return result
  }
}
