public import Diagnostics
public import Documents
import Wording

/// Reads files of settings; the schema of `.netpolc.yaml` is `docs/schemas/config.schema.json`.
public struct SettingsReader {
  private var diagnostics: [Diagnostic] = []
  private var settings = ReviewSettings()
  private let base: String

  private init(base: String) { self.base = base }

  /// Reads a file `.netpolc.yaml`.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - base: the directory that its patterns count from.
  /// - Returns: the settings, and what is wrong; with an error they are not to be used.
  public static func read(_ source: ManifestSource, base: String) -> (ReviewSettings, [Diagnostic]) {
    let (documents, faults) = DocumentValue.documents(in: source)
    var reader = SettingsReader(base: base)
    if faults.isEmpty, documents.count != 1 {
      reader.report(SourceLocation(file: source.name, line: 1, column: 1), "", "must be one document")
    }
    for document in documents { reader.read(document) }
    return (reader.settings, faults + reader.diagnostics)
  }

  /// Reads a file `.netpolcignore`: a pattern on each line, as git's ignore files have them.
  public static func readIgnoreFile(_ source: ManifestSource, base: String) -> ReviewSettings {
    var settings = ReviewSettings()
    for (number, line) in source.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let pattern = PathPattern(line) else { continue }
      settings.exclusions.append(
        ReviewSettings.Entry(
          text: pattern.text, location: SourceLocation(file: source.name, line: number + 1, column: 1)))
      settings.bases.append(base)
    }
    return settings
  }

  private mutating func report(_ place: SourceLocation, _ field: String, _ message: String) {
    diagnostics.append(Diagnostic(.error, id: "bad-config", at: place, field: field, message))
  }

  private mutating func members(
    _ value: DocumentValue, _ field: String, known: [String]
  ) -> [String: DocumentValue] {
    guard case .object(let members) = value.content else {
      report(value.location, field, "must be an object")
      return [:]
    }
    for member in members where !known.contains(member.key) {
      report(
        member.location, field,
        "unknown field \(ForeignText(member.key).quoted); known are \(known.joined(separator: ", "))")
    }
    return Dictionary(
      members.filter { known.contains($0.key) }.map { ($0.key, $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  private mutating func text(_ value: DocumentValue?, _ field: String) -> ReviewSettings.Entry? {
    guard let value else { return nil }
    guard case .scalar(let text, _) = value.content, !text.isEmpty else {
      report(value.location, field, "must be a text")
      return nil
    }
    return ReviewSettings.Entry(text: text, location: value.location)
  }

  private mutating func texts(_ value: DocumentValue?, _ field: String) -> [ReviewSettings.Entry] {
    guard let value else { return [] }
    guard case .list(let entries) = value.content else {
      report(value.location, field, "must be a list")
      return []
    }
    return entries.enumerated().compactMap { text($1, "\(field)[\($0)]") }
  }

  private mutating func read(_ document: DocumentValue) {
    let fields = members(
      document, "", known: ["apiVersion", "kind", "paths", "inventory", "node", "exclude", "suppress"])
    for (key, wanted) in [("apiVersion", "netpolc/v1"), ("kind", "Config")]
    where text(fields[key], key)?.text != wanted {
      report(fields[key]?.location ?? document.location, key, "must be \"\(wanted)\"")
    }
    settings.paths = texts(fields["paths"], "paths")
    settings.inventory = texts(fields["inventory"], "inventory")
    settings.node = text(fields["node"], "node")
    settings.exclusions = texts(fields["exclude"], "exclude")
    for entry in settings.exclusions where PathPattern(entry.text) == nil {
      report(entry.location, "exclude", "is no pattern: \(ForeignText(entry.text).quoted)")
    }
    settings.bases = settings.exclusions.map { _ in base }
    guard let list = fields["suppress"] else { return }
    guard case .list(let entries) = list.content else {
      report(list.location, "suppress", "must be a list")
      return
    }
    for (number, entry) in entries.enumerated() { suppression(entry, "suppress[\(number)]") }
  }

  private mutating func suppression(_ value: DocumentValue, _ field: String) {
    let fields = members(value, field, known: ["rule", "reason", "files"])
    let files = text(fields["files"], "\(field).files")
    guard let rule = text(fields["rule"], "\(field).rule"),
      let reason = text(fields["reason"], "\(field).reason")
    else {
      report(value.location, field, "needs a rule and a reason")
      return
    }
    settings.suppressions.append(
      ReviewSettings.Suppression(
        rule: rule.text, reason: reason.text, files: files.flatMap { PathPattern($0.text) },
        location: value.location))
  }
}
