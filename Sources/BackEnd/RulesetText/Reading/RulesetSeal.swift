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
  /// What came of the proof.
  public let verdict: String?
  /// In which modes the ruleset was made; the plain one where the file does not say.
  public let modes: RecordedModes

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
    if let told = map["modes"] {
      guard let modes = RecordedModes(told) else {
        throw ReadFailure(line: 1, column: 1, message: "modes: none that this version of netpolc knows")
      }
      self.modes = modes
    } else {
      modes = RecordedModes()
    }
  }
}
