/// A place in an input: which source, and where in it.
public struct SourceLocation: Sendable, Hashable, Comparable {
  /// The names of a source, which its places share: every object of a cluster holds a place.
  private final class Source: Sendable {
    let file: String
    let template: String?

    init(_ file: String, _ template: String?) {
      self.file = file
      self.template = template
    }
  }

  private let source: Source
  /// The line, from 1.
  public let line: Int
  /// The column in bytes, from 1.
  public let column: Int

  /// The source as a person named it: a path, `<stdin>`, or `REV:PATH`.
  public var file: String { source.file }
  /// The file that the lines around were rendered from, as a comment `# Source: FILE` before them says; nil without one.
  public var template: String? { source.template }

  /// A place in `file`.
  public init(file: String, line: Int, column: Int, template: String? = nil) {
    source = Source(file, template)
    self.line = line
    self.column = column
  }

  /// A place in the source and template of another place.
  public init(besides other: SourceLocation, line: Int, column: Int) {
    source = other.source
    self.line = line
    self.column = column
  }

  /// True for the same place, whether or not the two share their names.
  public static func == (left: SourceLocation, right: SourceLocation) -> Bool {
    left.line == right.line && left.column == right.column
      && (left.source === right.source || left.file == right.file && left.template == right.template)
  }

  /// Hashes the place.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(file)
    hasher.combine(line)
    hasher.combine(column)
  }

  /// By source, then line, then column.
  public static func < (left: SourceLocation, right: SourceLocation) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

extension SourceLocation: CustomStringConvertible {
  /// `file:line:column`, which editors open at the place, and behind it the template.
  public var description: String {
    "\(file):\(line):\(column)" + (template.map { " (rendered from \($0))" } ?? "")
  }
}

/// The severity of a finding.
public enum Severity: String, Sendable, Hashable, CaseIterable {
  /// Nothing is written and nothing applied.
  case error
  /// The work goes on; `--strict` makes it an error.
  case warning
  /// Something to know.
  case note
}

/// One finding about the input, with the place it is about.
///
/// Printed as `file:line:column: error: field.path: message [id]`, then the source line and a caret.
public struct Diagnostic: Sendable, Hashable {
  /// Another place that has to do with the finding: where the same name was first used, say.
  public struct Note: Sendable, Hashable {
    /// The other place.
    public let location: SourceLocation?
    /// The text that describes the location.
    public let message: String

    /// A note at `location`, if it has one.
    public init(_ message: String, at location: SourceLocation?) {
      self.location = location
      self.message = message
    }
  }

  /// The severity of the finding.
  public var severity: Severity
  /// A stable name of the kind of finding, in kebab case: `unknown-field`. Scripts may depend on it.
  public let id: String
  /// Where; nil when the finding is about no place in a source.
  public let location: SourceLocation?
  /// The field, as the API server spells it: `spec.ingress[0].ports[1].port`; empty when it is about no field.
  public let field: String
  /// The defect, and the value that was found.
  public let message: String
  /// The text of the source line at `location`, for the caret, if the source is still at hand.
  public var sourceLine: String?
  /// The number of the line's bytes that stand before `sourceLine`: 0, but for a window of a very long line.
  public var skippedBytes: Int
  /// Related locations, such as an earlier definition.
  public let notes: [Note]

  /// Creates a finding.
  public init(
    _ severity: Severity, id: String, at location: SourceLocation?, field: String = "", _ message: String,
    sourceLine: String? = nil, skippedBytes: Int = 0, notes: [Note] = []
  ) {
    self.skippedBytes = skippedBytes
    self.severity = severity
    self.id = id
    self.location = location
    self.field = field
    self.message = message
    self.sourceLine = sourceLine
    self.notes = notes
  }

  /// The order of findings in a report: by place, those without one last; then by field and text.
  public static func inReadingOrder(_ left: Diagnostic, _ right: Diagnostic) -> Bool {
    switch (left.location, right.location) {
    case (let a?, let b?) where a != b: a < b
    case (.some, nil): true
    case (nil, .some): false
    default: (left.field, left.message) < (right.field, right.message)
    }
  }
}
