import Addresses
import JSONText

/// A line of a log as text: some programs write one JSON object a line.
public enum LogLine: Sendable {
  /// The words of a line; `packet` where they are of a program that parts the packet into members of its own.
  case text(Substring)
  /// The prefix that ulogd was given, and the packet.
  case record(prefix: String, LoggedPacket?)

  /// Reads a line: `journalctl -o json` (`MESSAGE`), ulogd's JSON (`oob.prefix`, `src_ip`, `ip.protocol` …), or any other
  /// text as it is.
  public init(_ line: Substring) {
    self = .text(line)
    guard line.first == "{" else { return }
    var scanner = JSONScanner(String(line))
    guard let value = try? scanner.value() else { return }
    if let message = value["MESSAGE"]?.string {
      self = .text(message[...])
    } else if let prefix = value["oob.prefix"]?.string {
      func number<Number: FixedWidthInteger>(_ key: String) -> Number? {
        value[key]?.integer.flatMap { Number(exactly: $0) }
      }
      func address(_ key: String) -> IPAddress? { value[key]?.string.flatMap { IPAddress($0) } }
      self = .record(
        prefix: prefix,
        LoggedPacket(
          address("src_ip"), address("dest_ip"), transport: number("ip.protocol") ?? number("ip6.nexthdr"),
          ports: (number("src_port"), number("dest_port"))))
    }
  }
}
