import Addresses
import Wording

/// `80`, `53/UDP`, `ICMP`, `89` with a protocol number behind a slash: what of a connection is asked about.
public struct TrafficReference: Sendable, Hashable {
  /// The protocol's number.
  public let transport: UInt8
  /// The destination port; 0 for protocols without.
  public let port: UInt16

  /// A protocol by number, and a port of it; 0 for a protocol without.
  public init(transport: UInt8, port: UInt16) { (self.transport, self.port) = (transport, port) }

  /// `TCP 80`, `ICMP`.
  public var words: String {
    let name = IPProtocol(transport).description
    return IPProtocol(transport).hasPorts ? "\(name) \(port)" : name
  }

  /// Reads `PORT`, `PORT/PROTOCOL`, `PROTOCOL/PORT` or the name of a protocol without ports; nil for anything else.
  public init?(_ text: String) {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, IPProtocol(named: parts[0]) != nil { parts.reverse() }
    if parts.count == 1, let named = IPProtocol(named: parts[0]), [.icmp, .icmpv6].contains(named) {
      (transport, port) = (named.rawValue, 0)
      return
    }
    guard parts.count <= 2, let port = UInt16(parts[0]),
      let carried = parts.count == 1 ? .tcp : IPProtocol(named: parts[1]), carried.hasPorts
    else { return nil }
    (transport, self.port) = (carried.rawValue, port)
  }
}
