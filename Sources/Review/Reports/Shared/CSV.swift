import Wording

/// Comma-separated values (RFC 4180).
enum CSV {
  /// One record with its end of line. A field that a spreadsheet would take for a formula is text.
  static func record(_ fields: [String]) -> String {
    fields.map { field in
      let visible = ForeignText(field).visible
      let text = visible.first.map { "=+-@".contains($0) } == true ? "'" + visible : visible
      let isPlain = !text.contains { ",\"\n\r".contains($0) }
      return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
    }.joined(separator: ",") + "\n"
  }
}
