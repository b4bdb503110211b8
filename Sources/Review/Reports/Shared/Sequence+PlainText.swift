import Wording

extension Sequence where Element == PlainText {
  /// The texts as lines, each ended.
  var ended: String { map { $0.text + "\n" }.joined() }

  /// The texts as lines, each ended and wrapped to the style's width; further lines are indented by four more spaces.
  func wrapped(_ style: TerminalStyle) -> String { map { style.wrapped($0, indent: 4) }.ended }
}
