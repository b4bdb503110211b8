import Documents

/// Compares the two readers of YAML, netpolc's scanner and libyaml, event by event.
public enum YAMLAgreement {
  /// The first event, or the fault, in which the readers differ, in a sentence; nil where they agree.
  public static func difference(in input: [UInt8]) -> String? {
    let map = SourceMap(ManifestSource(name: "input.yaml", bytes: input))
    guard map.isUTF8 else { return nil }
    guard var scanner = YAMLCursor(map), var library = YAMLCursor(map, scans: false) else {
      return "no memory for a reader"
    }
    while true {
      let (scanned, read) = (step(&scanner), step(&library))
      guard scanned == read else { return "the scanner gives \(scanned), and libyaml \(read)" }
      if read.isLast { return nil }
    }
  }

  /// True where the scanner reads a source to its end, without libyaml.
  public static func isScanned(_ input: [UInt8]) -> Bool {
    let map = SourceMap(ManifestSource(name: "input.yaml", bytes: input))
    guard var cursor = YAMLCursor(map) else { return false }
    while !step(&cursor).isLast {}
    return cursor.isScanned
  }

  /// All that a cursor tells at an event, or its fault.
  private struct Step: Equatable, CustomStringConvertible {
    var event: Event?
    var offset: Int
    var text: String
    var isPlain = false
    var kind = ScalarKind.null
    var decoration = Decoration.none

    var isLast: Bool { event == nil || event == .end }

    var description: String {
      let name = event.map { "\($0)" } ?? "a fault"
      return "\(name) at \(offset) '\(text)' plain \(isPlain) \(kind) \(decoration)"
    }
  }

  private static func step(_ cursor: inout YAMLCursor) -> Step {
    do throws(SyntaxFault) {
      let event = try cursor.next()
      var step = Step(event: event, offset: cursor.offset(of: cursor.position), text: "")
      guard event == .key || event == .scalar else {
        step.decoration = cursor.decoration
        return step
      }
      step.text = cursor.text.string
      (step.isPlain, step.kind, step.decoration) = (cursor.isPlain, cursor.scalarKind, cursor.decoration)
      return step
    } catch {
      return Step(event: nil, offset: error.offset, text: "\(error.id): \(error.message)")
    }
  }
}
