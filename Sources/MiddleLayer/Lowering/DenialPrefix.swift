import Digest
import Ruleset

/// The prefix of the log lines that a chain's denials leave: written here and read here, and nowhere else.
public struct DenialPrefix: Sendable, Hashable {
  /// The kernel's limit in bytes: `NF_LOG_PREFIXLEN` without the byte that ends it.
  public static let longest = 127

  /// Whether the packet was only counted, and passed.
  public let isAudit: Bool
  /// The chain's name, or of one that is too long for a log line what `init` made of it.
  public let chain: String

  private static let words = (deny: "netpolc deny ", audit: "netpolc audit ")
  private static let end = ": "

  /// The prefix of a chain. A name that does not fit is cut, and told apart from others by its digest.
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

  /// As it stands in the log.
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

/// What the chains of a ruleset that deny stand for, whatever the modes it was compiled in.
public struct DenyingChains: Sendable {
  /// What a chain stands for.
  public enum Meaning: Sendable, Hashable {
    /// A class of pods. A reply's chain asks about the packet that it answers.
    case pods(Provenance.Chain, isReply: Bool)
    /// The end of several classes with many rules.
    case shared(isReply: Bool)
    /// Addresses of the node that no pod of the inventory had.
    case unknownPods
  }

  private var meanings: [String: Meaning] = [unknownPodsChain: .unknownPods]

  /// The chains of a ruleset in the plain mode. O(chains).
  public init(_ lowered: LoweredRuleset) {
    let classes = Dictionary(
      lowered.provenance.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for chain in lowered.table.chains where chain.rules.contains(where: \.isDenial) {
      for (name, isReply) in [(chain.name, false), (ReplyTwins.name(chain.name), true)] {
        meanings[DenialPrefix(isAudit: false, chain: name).chain] =
          classes[chain.name].map { .pods($0, isReply: isReply) } ?? .shared(isReply: isReply)
      }
    }
  }

  /// What the chain of a prefix stands for; nil for one that this ruleset has in no mode.
  public subscript(prefix: DenialPrefix) -> Meaning? { meanings[prefix.chain] }

  /// Whether what the chain of a prefix logs are replies; of an unknown chain its name tells.
  public func isOfReplies(_ prefix: DenialPrefix) -> Bool {
    switch self[prefix] {
    case .pods(_, let isReply), .shared(let isReply): isReply
    case .unknownPods: false
    case nil: prefix.chain.hasSuffix(ReplyTwins.name(""))
    }
  }

  /// The chain that denies unknown pods.
  static let unknownPodsChain = "unknown"
}
