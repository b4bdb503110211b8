import JSONText

/// The digests of a map file: which ruleset was proved, and against what.
public struct RulesetSeal: Sendable, Hashable {
  /// The digest of the ruleset's text.
  public let ruleset: String
  /// The digest of the policies, where the file has one.
  public let policies: String?
  /// The digest of pods and namespaces, where the file has one.
  public let inventory: String?
  /// The node whose pods the ruleset isolates; nil: every pod.
  public let node: String?
  /// The result of the proof, as text.
  public let verdict: String?
  /// The modes in which the ruleset was made, as command-line options; empty where the file says none.
  public let modes: [String]

  /// The failure of a file whose modes this version does not know.
  public static let unknownModes = ReadFailure(
    line: 1, column: 1, message: "modes: none that this version of netpolc knows")

  /// Reads a map file's text.
  ///
  /// - Throws: `ReadFailure` where it is no JSON, or no map file of this version.
  public init(reading text: String) throws(ReadFailure) {
    var scanner = JSONScanner(text)
    let map: JSONValue
    do throws(JSONFailure) {
      map = try scanner.value()
      try scanner.expectEnd()
    } catch {
      throw ReadFailure(error.message, at: error.offset, in: Array(text.utf8))
    }
    guard map["apiVersion"]?.string == "netpolc/v1", map["kind"]?.string == "RulesetMap" else {
      throw ReadFailure(line: 1, column: 1, message: "not a map file of netpolc/v1")
    }
    ruleset = map["ruleset"]?["sha256"]?.string ?? ""
    policies = map["inputs"]?["policies"]?.string
    inventory = map["inputs"]?["inventory"]?.string
    node = map["inputs"]?["node"]?.string
    verdict = map["proof"]?["verdict"]?.string
    if let modes = map["modes"] {
      guard let items = modes.array else { throw Self.unknownModes }
      self.modes = try items.map { (item) throws(ReadFailure) in
        guard let word = item.string else { throw Self.unknownModes }
        return word
      }
    } else {
      modes = []
    }
  }
}
