import Digest

/// The prefix of the log lines that a chain's denials leave: written and read here only.
public struct DenialPrefix: Sendable, Hashable {
  /// The kernel's limit in bytes: `NF_LOG_PREFIXLEN` without the byte that ends it.
  public static let longest = 127

  /// True where the packet was only counted and logged, and passed.
  public let isAudit: Bool
  /// The chain's name, shortened where it exceeds the log prefix limit.
  public let chain: String

  private static let words = (deny: "netpolc deny ", audit: "netpolc audit ")
  private static let end = ": "

  /// The prefix of a chain. A name that does not fit is cut, and kept distinct by its digest.
  public init(isAudit: Bool, chain: String) {
    self.isAudit = isAudit
    let room = Self.longest - Self.words.audit.utf8.count - Self.end.utf8.count
    self.chain =
      chain.utf8.count <= room
      ? chain : "\(chain.prefix(room - 9))~\(SHA256.hex(chain).prefix(8))"
  }

  private init(isAudit: Bool, read chain: String) {
    self.isAudit = isAudit
    self.chain = chain
  }

  /// The text at the beginning of the log line.
  public var text: String { (isAudit ? Self.words.audit : Self.words.deny) + chain + Self.end }

  /// The first prefix in a line, whatever stands before it, and what follows; nil for a line that has none. O(n).
  public static func find(in line: Substring) -> (prefix: DenialPrefix, rest: Substring)? {
    let bytes = line.utf8
    // Every prefix begins alike, and most lines of a log are not of this table.
    let first = words.deny.utf8.first
    var place = bytes.startIndex
    while let start = bytes[place...].firstIndex(where: { $0 == first }) {
      for (word, isAudit) in [(words.deny, false), (words.audit, true)]
      where bytes[start...].starts(with: word.utf8) {
        let name = bytes.index(start, offsetBy: word.utf8.count)
        // A chain's name has no space, so the first one ends the prefix.
        guard let space = bytes[name...].firstIndex(of: UInt8(ascii: " ")), space > name,
          bytes[bytes.index(before: space)] == UInt8(ascii: ":")
        else { continue }
        let end = bytes.index(before: space)
        guard name < end else { continue }
        let prefix = DenialPrefix(isAudit: isAudit, read: String(line[name..<end]))
        return (prefix, line[bytes.index(after: space)...])
      }
      place = bytes.index(after: start)
    }
    return nil
  }
}
