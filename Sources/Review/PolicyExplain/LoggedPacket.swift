public import Addresses
import JSONText

/// A packet as described by a log line.
public struct LoggedPacket: Sendable, Hashable {
  /// The sender's address.
  public let source: IPAddress
  /// The receiver's address.
  public let destination: IPAddress
  /// The protocol's number.
  public let transport: UInt8
  /// The sender's port; nil where the line has none.
  public let sourcePort: UInt16?
  /// The receiver's port; nil where the line has none.
  public let destinationPort: UInt16?

  /// A packet; ports of a protocol without are left out.
  init?(_ source: IPAddress?, _ destination: IPAddress?, transport: UInt8?, ports: (UInt16?, UInt16?)) {
    guard let source, let destination, let transport, source.family == destination.family else { return nil }
    self.source = source
    self.destination = destination
    self.transport = transport
    let hasPorts = Self.transportsWithPorts.contains(transport)
    sourcePort = hasPorts ? ports.0 : nil
    destinationPort = hasPorts ? ports.1 : nil
  }

  private static let transportsWithPorts: Set<UInt8> = [6, 17, 132]

  /// Reads what the kernel writes behind a prefix, and ulogd's LOGEMU after it: `IN=… OUT=… SRC=… DST=… PROTO=TCP
  /// SPT=… DPT=…`. The kernel logs no ports of SCTP, and none of a later fragment; nil where an address or the protocol is
  /// missing.
  public init?(fields text: Substring) {
    var fields: [Substring: Substring] = [:]
    for word in text.split(separator: " ") {
      // What an ICMP error is about follows in brackets.
      if word.hasPrefix("[") { break }
      guard let equals = word.firstIndex(of: "=") else { continue }
      let key = word[..<equals]
      if fields[key] == nil { fields[key] = word[word.index(after: equals)...] }
    }
    func port(_ key: Substring) -> UInt16? { fields[key].flatMap { UInt16($0) } }
    self.init(
      fields["SRC"].flatMap { IPAddress(String($0)) }, fields["DST"].flatMap { IPAddress(String($0)) },
      transport: fields["PROTO"].flatMap(Self.transport), ports: (port("SPT"), port("DPT")))
  }

  /// As `nf_log_syslog` names protocols, and ulogd; others by number.
  private static func transport(_ name: Substring) -> UInt8? {
    IPProtocol(named: String(name))?.rawValue ?? UInt8(name)
  }
}
