public import Diagnostics

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

  /// Creates a finding.
  public init(rule: String, severity: Severity, message: String, location: SourceLocation?) {
    self.rule = rule
    self.severity = severity
    self.message = message
    self.location = location
  }

  /// A finding of a diagnostic.
  public init(_ diagnostic: Diagnostic) {
    let field = diagnostic.field.isEmpty ? "" : "\(diagnostic.field): "
    self.init(
      rule: diagnostic.id, severity: diagnostic.severity, message: field + diagnostic.message,
      location: diagnostic.location)
  }

  /// The file as a path: `REV:PATH` without its revision.
  var path: String? {
    guard let file = location?.file else { return nil }
    guard let colon = file.firstIndex(of: ":"), colon != file.startIndex else { return file }
    return String(file[file.index(after: colon)...])
  }
}
