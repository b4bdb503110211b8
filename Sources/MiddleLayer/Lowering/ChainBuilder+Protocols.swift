import Addresses
import PolicyModel
import Ruleset
import TableLayout

extension ChainBuilder {
  /// The lines of a list that is walked, parted by protocol: most rules are about TCP, so a packet of another protocol has few
  /// to pass.
  struct LinesByProtocol {
    /// The lines that TCP can match, in order.
    let tcp: [Line]
    /// The lines that another protocol can match, in order.
    let others: [Line]
  }

  /// The lines of a walked list by protocol; nil where too few are about TCP alone for another chain to be worth it.
  func linesByProtocol(_ lines: [Line]) -> LinesByProtocol? {
    let transports = lines.map { $0.rule.statements.onlyTransport }
    let ofTCP = transports.reduce(0) { $0 + ($1 == .tcp ? 1 : 0) }
    if ofTCP < denseFrom { return nil }
    return LinesByProtocol(
      tcp: zip(lines, transports).filter { $1 == nil || $1 == .tcp }.map(\.0),
      others: zip(lines, transports).filter { $1 != .tcp }.map(\.0))
  }

  /// The rule that sends all but TCP to another chain.
  static func otherProtocols(to chain: String) -> Line {
    let isOther = Match(.metaL4Proto, .notEqual, .value(ElementKey(UInt128(TransportProtocol.tcp.number))))
    return Line(rule: Rule([.match(isOther), .verdict(.goto(chain))]), policies: [], origins: [])
  }
}

extension [Statement] {
  /// The only transport protocol that packets have which match; nil where several can.
  fileprivate var onlyTransport: TransportProtocol? {
    for case .match(let match) in self {
      switch match.key {
      case [.tcpDport]: return .tcp
      case [.udpDport]: return .udp
      case [.sctpDport]: return .sctp
      case [.metaL4Proto]:
        guard match.comparison == .equal, case .value(.single(let number)) = match.operand, number.isSingle
        else { continue }
        return TransportProtocol.allCases.first { UInt128($0.number) == number.lower }
      default: continue
      }
    }
    return nil
  }
}
