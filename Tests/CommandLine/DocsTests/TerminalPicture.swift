import Foundation
import TestSupport
import Testing

/// A picture of a terminal, as SVG: text in a monospaced font on a dark ground, one line each.
struct TerminalPicture {
  /// What stands in the title bar.
  let title: String
  /// The lines, commands with their prompt.
  let lines: [String]

  /// The file's text.
  var svg: String {
    let columns = lines.map(\.count).max() ?? 0
    let (width, height) = (columns * 8 + 32, lines.count * 19 + 56)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img">
      <title>\(Self.escaped(title))</title>
      <rect width="\(width)" height="\(height)" rx="8" fill="#1b1f27"/>
      <text x="\(width / 2)" y="22" fill="#8a93a3" text-anchor="middle" font-family="sans-serif" \
      font-size="13">\(Self.escaped(title))</text>
      <g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13" style="white-space:pre">

      """
    for (number, line) in lines.enumerated() where !line.isEmpty {
      text += "<text x=\"16\" y=\"\(52 + number * 19)\" fill=\"\(Self.colour(of: line))\""
      text += " textLength=\"\(line.count * 8)\">\(Self.escaped(line))</text>\n"
    }
    return text + "</g>\n</svg>\n"
  }

  private static func colour(of line: String) -> String {
    if line.hasPrefix("$ ") || line.hasPrefix("> ") { return "#ffffff" }
    if line.hasPrefix("netpolc: proven") { return "#7fd88f" }
    if line.contains("counterexample") { return "#ff8a80" }
    if line.drop(while: \.isWhitespace).hasPrefix("#") || line == "…" { return "#8a93a3" }
    return "#c9d1de"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      // Renderers of SVG join spaces, or leave those at the beginning out, whatever they are asked: these they keep.
      .replacing("\t", with: "    ").replacing(" ", with: "\u{a0}")
  }
}

@Suite("pictures of the terminal are drawn from what really is printed", .bounded)
struct TerminalPictureTests {
  /// A command, and which lines of its output the picture shows.
  struct Shot {
    let command: String
    let lines: ClosedRange<Int>
  }

  static let story = [
    Shot(
      command:
        "netpolc compile Fixtures/guide/01-sample Fixtures/guide/inventory.yaml --node node-a -o a.nft",
      lines: 0...1),
    Shot(command: "grep -A 2 'ip saddr @' a.nft | grep -o 'ip saddr.*' | cut -c 1-100", lines: 0...4),
    Shot(
      command:
        "sed 's/172.17.0.0.24, 172.17.2.0-/172.17.0.0-/' a.nft > b.nft  # somebody drops the exception",
      lines: 0...0),
    Shot(
      command:
        "netpolc verify Fixtures/guide/01-sample Fixtures/guide/inventory.yaml --node node-a --ruleset b.nft",
      lines: 0...4),
  ]

  @Test("docs/images/terminal.svg; NETPOLC_RECORD=1 draws it anew")
  func terminal() throws {
    var session = try DocumentSession()
    for shot in Self.story { session.add(shot.command) }
    var lines: [String] = []
    for (shot, answer) in zip(Self.story, try session.run()) {
      let plain = OutputPattern(lines: []).refreshed(from: answer.lines) ?? []
      let shown = plain.enumerated().filter { shot.lines.contains($0.offset) }.map(\.element)
      lines += ["$ \(shot.command)"] + shown + (plain.count > shown.count ? ["…"] : [])
    }
    let picture = TerminalPicture(title: "netpolc", lines: lines.map { $0.replacing("\t", with: "    ") })
    if let difference = Golden("../docs/images/terminal.svg").difference(from: picture.svg) {
      Issue.record("\(difference)")
    }
  }
}
