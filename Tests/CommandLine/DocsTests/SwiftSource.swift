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

    /// True for a declaration that other modules see, a case or a requirement of a public type included.
    let isPublic: Bool

    /// True where the description has no word that the declared name has not, articles and the like apart.
    var saysOnlyTheName: Bool {
      let name = declaration.firstMatch(
        of: /\b(?:func|var|let|case|struct|class|enum|actor|protocol|typealias) `?([A-Za-z0-9_]+)/)
      guard let name = name?.1, description.allSatisfy({ $0.isLetter || $0 == " " || $0 == "." }) else {
        return false
      }
      let parts = name.replacing(/([a-z0-9])([A-Z])/) { "\($0.1) \($0.2)" }.split(separator: " ")
      let known = Set(parts.map(Self.stem)).union(Self.fillers)
      return description.split { !$0.isLetter }.map(Self.stem).allSatisfy(known.contains)
    }

    /// Words that say nothing by themselves.
    private static let fillers = Set(
      "a an the of i are in for to and or it thi that a with by on true where".split(separator: " ").map(
        String.init))

    /// A word in lower case without the ending of a plural.
    private static func stem(_ word: Substring) -> String {
      let word = word.lowercased()
      return word.hasSuffix("s") ? String(word.dropLast()) : word
    }

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
    // The indents of the public enumerations and protocols around, whose members are public too.
    var open: [(indent: Int, isProtocol: Bool)] = []
    for (index, raw) in lines.enumerated() {
      let line = raw.trimmingCharacters(in: .whitespaces)
      let indent = raw.prefix { $0 == " " }.count
      if let innermost = open.last, line.hasPrefix("}"), indent == innermost.indent { open.removeLast() }
      let isMember =
        open.last.map {
          indent == $0.indent + 2
            && line.firstMatch(of: $0.isProtocol ? Self.requirement : Self.enumerationCase) != nil
        } ?? false
      let isPublic = isMember || line.firstMatch(of: Self.publicKeyword) != nil
      if isPublic, line.hasSuffix("{"), let kind = line.firstMatch(of: #/\b(enum|protocol) /#)?.1 {
        open.append((indent, kind == "protocol"))
      }
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
        comments.append(Comment(line: start, text: text, declaration: declaration, isPublic: isPublic))
        waiting = nil
      } else if isMember || line.firstMatch(of: Self.needsComment) != nil {
        undocumented.append((index + 1, line))
      }
    }
    self.comments = comments
    self.undocumented = undocumented
  }

  /// Every Swift file below `Sources/`, by path.
  static let all = below("Sources")

  /// Every Swift file below `Tests/`, by path.
  static let tests = below("Tests")

  private static func below(_ directory: String) -> [SwiftSource] {
    let found = FileManager.default.enumerator(atPath: Fixtures.package.appending(path: directory).path())
    let paths = (found?.allObjects ?? []).compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
    return paths.sorted().compactMap { try? SwiftSource(path: "\(directory)/\($0)") }
  }

  /// Public declarations but for operators and descriptions, whose meaning their protocol states.
  nonisolated(unsafe) private static let needsComment =
    #/^(?:@[^ ]+ )*public (?!import |extension |static func (==|<)|func hash|func encode|var description|var hashValue|init\(from )/#

  nonisolated(unsafe) private static let publicKeyword = #/^(?:@[^ ]+ )*(?:nonisolated |final )*public /#
  /// A requirement of a protocol.
  nonisolated(unsafe) private static let requirement =
    #/^(?:@[^ ]+ )*(?:mutating |static )*(?:func|var|init|subscript|associatedtype)\b/#
  nonisolated(unsafe) private static let enumerationCase = #/^(?:indirect )?case [a-z`]/#

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
