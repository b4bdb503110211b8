import Addresses
import Ruleset

/// Values of fields and elements in nft text.
extension TextScanner {
  /// The key of an element: one value or range for each field.
  mutating func key(_ notations: [Notation]) throws(ReadFailure) -> ElementKey {
    let first = try interval(notations.first ?? .mark)
    guard notations.count > 1 else { return .single(first) }
    var fields = [first]
    fields.reserveCapacity(notations.count)
    for notation in notations.dropFirst() {
      guard take(".") else {
        throw failure("expected “.” and \(notations.count) values, found \(found)")
      }
      fields.append(try interval(notation))
    }
    return .concatenation(fields)
  }

  /// One value or range; bits of `ct state` with `|` between them are one value.
  mutating func interval(_ notation: Notation) throws(ReadFailure) -> Interval<UInt128> {
    skipBreaks()
    let start = offset
    var value = try word(notation)
    if notation == .connectionState {
      while take(UInt8(ascii: "|")) { value = Interval(value.lower | (try word(notation)).lower) }
    } else if value.isSingle, notation != .interface, take("-") {
      let upper = try word(notation)
      guard upper.upper >= value.lower else { throw failure("the range ends before it starts", at: start) }
      value = Interval(value.lower, upper.upper)
    }
    return value
  }

  /// One value, prefix or range that is a single word.
  private mutating func word(_ notation: Notation) throws(ReadFailure) -> Interval<UInt128> {
    skipBreaks()
    let start = offset
    if next == UInt8(ascii: "\"") {
      let text = try quoted()
      if notation == .interface, let name = InterfaceName.interval(text) { return name }
      if let value = notation.parse(Array(text.utf8)[...]) { return value }
      throw failure("“\(text)” is no value here", at: start)
    }
    var range = word()
    // `10.0.0.1:accept`: only IPv6 addresses hold colons.
    if notation != .ipv6, notation != .interface, let colon = bytes[range].firstIndex(of: UInt8(ascii: ":")) {
      range = range.lowerBound..<colon
      offset = colon
    }
    guard !range.isEmpty else { throw failure("expected a value, found \(found)") }
    guard let value = notation.parse(bytes[range]) else {
      if bytes[start] == UInt8(ascii: "$") {
        throw failure("variables are not read; write the value", at: start)
      }
      var refused = failure("“\(string(range))” is \(notation.expectation)", at: start)
      refused.isOfHostName = notation == .ipv4 || notation == .ipv6
      throw refused
    }
    return value
  }
}

extension Notation {
  /// The end of “X is …”, where a word is no value of this kind.
  var expectation: String {
    switch self {
    case .ipv4: "no IPv4 address, prefix or range"
    case .ipv6: "no IPv6 address, prefix or range"
    case .networkProtocol: "no network protocol"
    case .transportProtocol: "no protocol between 0 and 255"
    case .port: "no port between 0 and 65535, nor a service known here"
    case .mark: "no 32-bit number"
    case .connectionState: "no state of a connection"
    case .connectionStatus: "no status of a connection"
    case .number: "no number between 0 and 255"
    case .connectionDirection: "neither “original” nor “reply”"
    case .icmp: "no type of ICMP message"
    case .icmpv6: "no type of ICMPv6 message"
    case .interface: "no interface name"
    case .existence: "neither “exists” nor “missing”"
    }
  }
}
