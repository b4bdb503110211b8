public import Addresses
import JSONText

/// The modes in which a ruleset was made, as kept beside it: in its map file, and in the record of what is installed.
/// Without them nobody could say what to hold the ruleset against.
public struct RecordedModes: Sendable, Hashable {
  /// What becomes of connections that exist already, as the option's value says it.
  public enum Established: String, Sendable, Hashable, CaseIterable {
    /// They go on.
    case keep
    /// Each packet is held against the policies.
    case recheck
  }

  /// What becomes of connections that exist already. Connections that are cut once are no matter of the ruleset.
  public var established: Established
  /// Where unknown pods are denied; empty: nowhere.
  public var unknownPodBlocks: [CIDR]
  /// Whether what would be denied passes.
  public var isAudit: Bool
  /// Whether denials are logged.
  public var isLogged: Bool

  /// The plain mode unless told otherwise.
  public init(
    established: Established = .keep, unknownPodBlocks: [CIDR] = [], isAudit: Bool = false,
    isLogged: Bool = false
  ) {
    self.established = established
    self.unknownPodBlocks = unknownPodBlocks.sorted()
    self.isAudit = isAudit
    self.isLogged = isLogged
  }

  /// The options that ask for these modes; empty for the plain one.
  public var options: [String] {
    var words: [String] = []
    if established != .keep { words += ["--established", established.rawValue] }
    if !unknownPodBlocks.isEmpty { words += ["--unknown-pods", "deny"] }
    for block in unknownPodBlocks { words += ["--pod-cidr", block.description] }
    if isAudit { words.append("--audit") }
    if isLogged { words.append("--log-denied") }
    return words
  }

  /// Reads such options; nil where they are none that this version writes.
  public init?(options: some Sequence<Substring>) {
    self.init()
    var deniesUnknown = false
    var words = options.makeIterator()
    while let word = words.next() {
      switch word {
      case "--established":
        guard let mode = words.next().flatMap({ Established(rawValue: String($0)) }) else { return nil }
        established = mode
      case "--unknown-pods":
        guard words.next() == "deny" else { return nil }
        deniesUnknown = true
      case "--pod-cidr":
        guard let text = words.next(), let block = try? CIDR.parse(String(text)).block else { return nil }
        unknownPodBlocks.append(block)
      case "--audit": isAudit = true
      case "--log-denied": isLogged = true
      default: return nil
      }
    }
    guard deniesUnknown != unknownPodBlocks.isEmpty else { return nil }
    unknownPodBlocks.sort()
  }

  /// Reads a map file's member `modes`; nil where it is none that this version writes.
  init?(_ json: JSONValue) {
    guard let items = json.array else { return nil }
    let words = items.compactMap { $0.string.map { Substring($0) } }
    guard words.count == items.count else { return nil }
    self.init(options: words)
  }
}
