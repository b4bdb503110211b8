public import Diagnostics
import PolicyModel

/// A finding in the formats that services of code hosting read.
public struct ReportedFinding: Sendable {
  /// The rule's stable id.
  public let rule: String
  /// The severity of the finding.
  public let severity: Severity
  /// The message of the finding.
  public let message: String
  /// Where; nil for none.
  public let location: SourceLocation?

  /// Other places that decide, without `location`.
  public let related: [SourceLocation]

  /// The most related places that are reported.
  private static let mostRelated = 8

  /// Creates a finding.
  public init(
    rule: String, severity: Severity, message: String, location: SourceLocation?,
    related: [SourceLocation] = []
  ) {
    self.rule = rule
    self.severity = severity
    self.message = message
    self.location = location
    self.related = related
  }

  /// A finding at the first of some places, with the others as related ones.
  init(rule: String, severity: Severity, message: String, places: [Origin]) {
    let first = places.first?.location
    var seen: Set<SourceLocation> = []
    let others = places.map(\.location).filter { $0 != first && seen.insert($0).inserted }
    self.init(
      rule: rule, severity: severity, message: message, location: first,
      related: Array(others.prefix(Self.mostRelated)))
  }

  /// A finding of a diagnostic.
  public init(_ diagnostic: Diagnostic) {
    let field = diagnostic.field.isEmpty ? "" : "\(diagnostic.field): "
    self.init(
      rule: diagnostic.id, severity: diagnostic.severity, message: field + diagnostic.message,
      location: diagnostic.location)
  }

  /// The file as a path: `REV:PATH` without its revision.
  var path: String? { location.map(Self.path) }

  /// The file of a place as a path: `REV:PATH` without its revision, and without `./`, which services do not take for the same.
  static func path(_ location: SourceLocation) -> String {
    var path = location.file[...]
    if let colon = path.firstIndex(of: ":"), colon != path.startIndex {
      path = path[path.index(after: colon)...]
    }
    while path.hasPrefix("./") { path = path.dropFirst(2) }
    return String(path)
  }
}
