import Addresses
public import PolicyModel

/// A table of traffic that a reader can follow: who, to whom, on which port, and whether it passes.
///
/// ```
/// # source            destination        port       verdict
/// default/client      default/web        80/TCP     allow   # why
/// 172.17.0.9          default/web        -/ICMP     deny
/// ```
public struct TrafficTable: Sendable {
  /// A line of the table.
  public struct Row: Sendable {
    /// The line as written.
    public let text: String
    /// The packets that it stands for: one for each family that both ends have.
    public let probes: [ConnectionAttempt]
    /// Whether they pass.
    public let isAllowed: Bool
  }

  /// What a table can get wrong.
  public struct Malformed: Error, CustomStringConvertible {
    /// The line, and what is wrong with it.
    public let description: String
  }

  /// The rows, in order.
  public let rows: [Row]

  /// Reads a table. Pods are found by `namespace/name` among the contents' pods.
  public init(_ text: String, _ contents: ManifestContents) throws {
    rows = try text.split(separator: "\n").compactMap { line in
      let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
      if words.isEmpty { return nil }
      guard words.count == 4, ["allow", "deny"].contains(words[3]) else {
        throw Malformed(description: "not 'source destination port verdict': \(line)")
      }
      let sources = try Self.addresses(words[0], contents)
      let destinations = try Self.addresses(words[1], contents)
      let probes = try IPFamily.allCases.compactMap { family -> ConnectionAttempt? in
        guard let source = sources.first(where: { $0.family == family }),
          let destination = destinations.first(where: { $0.family == family })
        else { return nil }
        let (transport, port) = try Self.port(words[2], family)
        return ConnectionAttempt(source, destination, transport, port)
      }
      guard !probes.isEmpty else { throw Malformed(description: "no family in common: \(line)") }
      return Row(text: String(line), probes: probes, isAllowed: words[3] == "allow")
    }
  }

  private static func addresses(_ word: String, _ contents: ManifestContents) throws -> [IPAddress] {
    if let address = IPAddress(word) { return [address] }
    guard let pod = contents.pods.first(where: { $0.displayName == word }) else {
      throw Malformed(description: "no pod \(word)")
    }
    return pod.addresses
  }

  private static func port(_ word: String, _ family: IPFamily) throws -> (UInt8, UInt16) {
    let parts = word.split(separator: "/")
    guard parts.count == 2 else { throw Malformed(description: "not PORT/PROTOCOL: \(word)") }
    let transport: UInt8? =
      switch parts[1] {
      case "TCP": 6
      case "UDP": 17
      case "SCTP": 132
      case "ICMP": family == .ipv4 ? 1 : 58
      default: UInt8(parts[1])
      }
    let port = parts[0] == "-" ? 0 : UInt16(parts[0])
    guard let transport, let port else { throw Malformed(description: "not PORT/PROTOCOL: \(word)") }
    return (transport, port)
  }
}
