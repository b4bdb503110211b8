import Foundation
import Synchronization
import TestSupport
import Testing

/// A Markdown file of the documentation, as far as its tests look at it: fenced blocks and links.
struct Document: Sendable, CustomTestStringConvertible {
  /// A fenced block.
  struct Block: Sendable {
    /// The line of its opening fence, from 1.
    let line: Int
    /// The words behind the fence: `console`, `sh skip: needs systemd`.
    let info: String
    /// The lines between the fences.
    let lines: [String]
    /// The line before the block, if that is an HTML comment.
    let comment: String?

    /// The first word of `info`.
    var language: String { info.split(separator: " ").first.map(String.init) ?? "" }
    /// The words of `info` after the first.
    var options: String {
      info.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    }
    /// Why the block is not run; nil for one that is.
    var skipped: String? { options.hasPrefix("skip: ") ? String(options.dropFirst(6)) : nil }
    /// Whether it needs root.
    var needsRoot: Bool { options == "root" }
  }

  /// The path from the package's directory: `docs/faq.md`.
  let path: String
  /// The whole text.
  let text: String
  let blocks: [Block]

  var testDescription: String { path }

  init(_ path: String) throws {
    self.path = path
    text = try String(contentsOf: Fixtures.package.appending(path: path), encoding: .utf8)
    blocks = Self.blocks(text)
  }

  /// Whether the document says that its commands are run by another test than these.
  var isRunElsewhere: Bool { text.contains("<!-- commands are run in Fixtures/ by another test -->") }

  /// The pages at the top of the repository and everything below `docs/`, in the order of their names.
  static let all: [Document] = {
    let docs = Fixtures.package.appending(path: "docs").path(percentEncoded: false)
    let below = (FileManager.default.enumerator(atPath: docs)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    return (["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] + below).compactMap {
      try? Document($0)
    }
  }()

  private static func blocks(_ text: String) -> [Block] {
    var blocks: [Block] = []
    var open: (line: Int, info: String, comment: String?, lines: [String])?
    var before = ""
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let block = open {
        if line == "```" {
          blocks.append(Block(line: block.line, info: block.info, lines: block.lines, comment: block.comment))
          open = nil
        } else {
          open?.lines.append(String(line))
        }
      } else if line.hasPrefix("```") {
        let comment = before.hasPrefix("<!--") && before.hasSuffix("-->") ? before : nil
        open = (number + 1, String(line.dropFirst(3)), comment, [])
      }
      before = String(line)
    }
    return blocks
  }

  /// The targets of links and pictures outside of fenced blocks, each with its line from 1.
  var links: [(line: Int, target: String)] {
    var found: [(Int, String)] = []
    var fenced = false
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") { fenced.toggle() }
      if fenced { continue }
      for match in line.matches(of: #/\]\(([^)\s]+)\)/#) { found.append((number + 1, String(match.1))) }
    }
    return found
  }

  /// The anchors of the headings, as GitHub makes them.
  var anchors: Set<String> {
    var fenced = false
    var result: Set<String> = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("```") { fenced.toggle() }
      guard !fenced, line.hasPrefix("#") else { continue }
      let words = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
      result.insert(
        String(
          words.filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " " }
            .map { $0 == " " ? "-" : $0 }))
    }
    return result
  }
}

/// Text between `<!-- generated: NAME -->` and `<!-- end -->`, which a test writes and keeps fresh.
struct GeneratedPart {
  let document: Document
  let name: String

  /// Nil where the document holds this text; otherwise what to tell. `NETPOLC_RECORD=1` writes it.
  func difference(from text: String) -> String? {
    let opening = "<!-- generated: \(name) -->\n"
    guard let start = document.text.range(of: opening),
      let end = document.text.range(of: "<!-- end -->", range: start.upperBound..<document.text.endIndex)
    else { return "\(document.path) has no part \(opening)" }
    if document.text[start.upperBound..<end.lowerBound] == text { return nil }
    guard Recording.isOn else {
      return
        "the part \(name) of \(document.path) is not fresh: NETPOLC_RECORD=1 writes it; it should be\n\(text)"
    }
    let old = String(document.text[start.upperBound..<end.lowerBound])
    Recording.replace(opening + old + "<!-- end -->", by: opening + text + "<!-- end -->", in: document.path)
    return nil
  }
}

/// Whether tests write what they found into the files they compare with.
enum Recording {
  static let isOn =
    ProcessInfo.processInfo.environment["NETPOLC_RECORD"] == "1"
    && ProcessInfo.processInfo.environment["CI"] == nil

  private static let writing = Mutex(())

  /// Replaces a part of a file; several tests write parts of one file at the same time.
  static func replace(_ old: String, by new: String, in path: String) {
    writing.withLock { _ in
      let url = Fixtures.package.appending(path: path)
      guard let text = try? String(contentsOf: url, encoding: .utf8) else { return }
      try? Data(text.replacing(old, with: new, maxReplacements: 1).utf8).write(to: url)
    }
  }
}
