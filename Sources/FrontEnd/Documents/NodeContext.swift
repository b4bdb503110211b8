public import Diagnostics

/// The parts of a reading that nodes share: places, texts and findings.
public struct NodeContext {
  /// The places of the source.
  public let map: SourceMap
  /// Texts that are kept once.
  public var texts: Interner
  /// The findings so far.
  public var diagnostics: [Diagnostic] = []

  /// The anchors of the document so far; nil where anchors and aliases are refused.
  var anchors: Anchors?

  /// A context without findings.
  public init(_ map: SourceMap, texts: consuming Interner = Interner()) {
    self.map = map
    self.texts = texts
  }

  /// Adds a finding at a byte offset.
  public mutating func report(
    _ severity: Severity, _ id: String, at offset: Int, _ field: String, _ message: String,
    notes: [Diagnostic.Note] = []
  ) {
    let excerpt = map.excerpt(at: offset)
    diagnostics.append(
      Diagnostic(
        severity, id: id, at: map.location(offset), field: field, message, sourceLine: excerpt.text,
        skippedBytes: excerpt.skipped, notes: notes))
  }

  /// Adds the error that a source stopped being YAML or JSON.
  public mutating func report(_ fault: SyntaxFault) {
    report(.error, fault.id, at: fault.offset, "", fault.message)
  }
}
