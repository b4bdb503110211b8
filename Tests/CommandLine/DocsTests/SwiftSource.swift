import Foundation
import TestSupport

/// One Swift file below `Sources/`, with its documentation comments.
struct SwiftSource {
  /// A documentation comment and the declaration below it.
  struct Comment {
    /// The first line of the comment, counted from 1.
    let line: Int
    /// The lines without `///`.
    let text: [String]
    /// The declaration up to its body, attributes left out, on one line; empty where nothing follows.
    let declaration: String

    /// The sentences about the declaration, without the list of parameters, results and errors.
    var description: String {
      text.prefix { !$0.hasPrefix("- Param") && !$0.hasPrefix("- Return") && !$0.hasPrefix("- Throws") }
        .joined(separator: " ").trimmingCharacters(in: .whitespaces)
    }

    /// True for a function or initializer that throws itself, and not only takes a function that does.
    var isOfThrowingFunction: Bool {
      var depth = 0
      let outside = declaration.filter { sign in
        if sign == "(" { depth += 1 }
        defer { if sign == ")" { depth -= 1 } }
        return depth == 0
      }
      return outside.contains(" throws") && (outside.contains("func ") || outside.contains("init"))
    }
  }

  /// The path below the package's directory.
  let path: String
  let lines: [String]
  let comments: [Comment]
  /// Public declarations without a comment: the line, counted from 1, and its text.
  let undocumented: [(line: Int, text: String)]

  /// The file's name without its ending, up to a `+`: the name of its main type.
  var mainType: String {
    let name = path.split(separator: "/").last?.dropLast(".swift".count) ?? ""
    return String(name.prefix { $0 != "+" })
  }

  /// Reads a file.
  init(path: String) throws {
    self.path = path
    let text = try String(contentsOf: Fixtures.package.appending(path: path), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    self.lines = lines.last == "" ? lines.dropLast() : lines
    var comments: [Comment] = []
    var undocumented: [(line: Int, text: String)] = []
    var waiting: (line: Int, text: [String])?
    for (index, raw) in lines.enumerated() {
      let line = raw.trimmingCharacters(in: .whitespaces)
      if line.hasPrefix("///") {
        let words = line.dropFirst(3).trimmingCharacters(in: .whitespaces)
        waiting = (waiting?.line ?? index + 1, (waiting?.text ?? []) + [words])
        continue
      }
      if line.hasPrefix("@"), !line.contains(" func "), !line.contains(" var "), !line.contains(" let "),
        !line.contains(" init"), !line.contains(" struct "), waiting != nil
      {
        continue
      }
      if let (start, text) = waiting {
        let declaration = Self.declaration(lines[index...])
        comments.append(Comment(line: start, text: text, declaration: declaration))
        waiting = nil
      } else if line.firstMatch(of: Self.needsComment) != nil {
        undocumented.append((index + 1, line))
      }
    }
    self.comments = comments
    self.undocumented = undocumented
  }

  /// Every Swift file below `Sources/`, by path.
  static let all: [SwiftSource] = {
    let found = FileManager.default.enumerator(atPath: Fixtures.package.appending(path: "Sources").path())
    let paths = (found?.allObjects ?? []).compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
    return paths.sorted().compactMap { try? SwiftSource(path: "Sources/\($0)") }
  }()

  /// Public declarations but for operators and descriptions, whose meaning their protocol states.
  nonisolated(unsafe) private static let needsComment =
    #/^public (?!import |extension |static func (==|<)|func hash|func encode|var description|var hashValue|init\(from )/#

  /// A declaration up to its body, on one line.
  private static func declaration(_ lines: ArraySlice<String>) -> String {
    var text = ""
    for line in lines.prefix(12).map({ $0.trimmingCharacters(in: .whitespaces) }) {
      let isWhole = text.count { $0 == "(" } == text.count { $0 == ")" }
      if !text.isEmpty, isWhole, line.firstMatch(of: /^(->|throws|async|where|\{)/) == nil { break }
      text += (text.isEmpty ? "" : " ") + line
      if isWhole, text.contains("{") { break }
    }
    return String(text.prefix { $0 != "{" })
  }
}
