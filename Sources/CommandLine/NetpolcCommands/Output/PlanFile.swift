import Digest
import JSONText
import RulesetText

/// A change that was looked at and is to be applied later, exactly as it was planned: the inputs, the options, the
/// digest of the ruleset, and the digest of the table that was loaded. Its schema is `docs/schemas/plan.schema.json`.
struct PlanFile: Equatable {
  /// One input, whole.
  struct Source: Equatable {
    /// The name for messages, as it was read.
    var name: String
    /// True where it was read as inventory, without policies.
    var isInventory: Bool
    /// The printed text.
    var text: String
  }

  /// The namespace of objects without one.
  var namespace: String
  /// True where warnings are errors.
  var strict: Bool
  /// The node whose pods are isolated; nil: every pod.
  var node: String?
  /// The modes, as options of compile.
  var modes: [String]
  /// True where an input without pods or policies may be applied.
  var allowEmpty: Bool
  /// The release limit, as `N` or `N%`; nil: the default.
  var maxReleased: String?
  /// The inputs in reading order.
  var sources: [Source]
  /// The digest of the ruleset's text, as hexadecimal digits.
  var ruleset: String
  /// The digest of the loaded table; nil: none was loaded.
  var loaded: String?

  /// The file's text: one line of JSON, whose member `check` is the digest of all others.
  var text: String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "Plan")
      json.pair("namespace", namespace)
      json.key("strict")
      json.bool(strict)
      if let node { json.pair("node", node) }
      json.list("modes", modes)
      json.key("allowEmpty")
      json.bool(allowEmpty)
      if let maxReleased { json.pair("maxReleased", maxReleased) }
      json.pair("ruleset", ruleset)
      if let loaded { json.pair("loaded", loaded) }
      json.key("sources")
      json.array { json in
        for source in sources {
          json.object { json in
            json.pair("name", source.name)
            json.pair("role", source.isInventory ? "inventory" : "input")
            json.pair("text", source.text)
          }
        }
      }
    }
    let body = json.text
    return "\(body.dropLast()),\"check\":\"\(SHA256.hex(body))\"}\n"
  }

  /// The reason for which a file is not a plan.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Reads a file's text.
  ///
  /// - Throws: `Failure` unless the text is one that `text` gives: an edited plan is refused.
  init(reading file: String) throws(Failure) {
    var scanner = JSONScanner(file)
    let json: JSONValue
    do throws(JSONFailure) {
      json = try scanner.value()
      try scanner.expectEnd()
    } catch { throw Failure(description: "not JSON: \(error.message)") }
    guard json["apiVersion"]?.string == "netpolc/v1", json["kind"]?.string == "Plan" else {
      throw Failure(description: "not a plan of netpolc/v1")
    }
    self.init(
      namespace: json["namespace"]?.string ?? "", strict: json["strict"] == .bool(true),
      node: json["node"]?.string, modes: json["modes"]?.array?.compactMap(\.string) ?? [],
      allowEmpty: json["allowEmpty"] == .bool(true), maxReleased: json["maxReleased"]?.string,
      sources: json["sources"]?.array?.map {
        Source(
          name: $0["name"]?.string ?? "", isInventory: $0["role"]?.string == "inventory",
          text: $0["text"]?.string ?? "")
      } ?? [], ruleset: json["ruleset"]?.string ?? "", loaded: json["loaded"]?.string)
    guard text == file else {
      throw Failure(description: "the plan was edited: make it again with `netpolc plan`")
    }
  }

  /// A plan from its parts.
  init(
    namespace: String, strict: Bool, node: String?, modes: [String], allowEmpty: Bool, maxReleased: String?,
    sources: [Source], ruleset: String, loaded: String?
  ) {
    self.namespace = namespace
    self.strict = strict
    self.node = node
    self.modes = modes
    self.allowEmpty = allowEmpty
    self.maxReleased = maxReleased
    self.sources = sources
    self.ruleset = ruleset
    self.loaded = loaded
  }
}
