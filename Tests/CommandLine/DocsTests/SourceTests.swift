import Foundation
import TestSupport
import Testing

/// The habits of the sources that CONTRIBUTING.md names, held by reading every file below `Sources/`.
@Suite("sources: sizes, names and comments", .bounded)
struct SourceTests {
  /// The number of findings that are still allowed, by rule. It only ever becomes smaller.
  static let allowed: [String: Int] = [:]

  /// Fails where there are more findings of a rule than are still allowed.
  private func judge(_ rule: String, _ findings: [String]) {
    let allowed = Self.allowed[rule] ?? 0
    #expect(
      findings.count <= allowed,
      "\(rule): \(findings.count) findings, \(allowed) allowed\n\(findings.joined(separator: "\n"))")
  }

  @Test(
    "half of the files have at most 110 lines, 95 of 100 at most 280, none more than 400",
    arguments: ["Sources", "Tests"])
  func sizes(of directory: String) throws {
    let files = directory == "Tests" ? SwiftSource.tests : SwiftSource.all
    let sizes = files.map(\.lines.count).sorted()
    try #require(sizes.count > 200)
    #expect(sizes[sizes.count / 2] <= 110)
    #expect(sizes[sizes.count * 95 / 100] <= 280)
    judge("long files", files.filter { $0.lines.count > 400 }.map { "\($0.path): \($0.lines.count) lines" })
  }

  @Test("a file carries the name of its main type")
  func names() throws {
    let others = try (SwiftSource.all + SwiftSource.tests).filter { source in
      let name = source.mainType
      if name == "main" { return false }
      let declaration = try Regex(
        #"\b(struct|class|enum|actor|protocol|typealias|extension) ([A-Za-z0-9_]+\.)*\#(name)\b"#)
      return !source.lines.contains { $0.firstMatch(of: declaration) != nil }
    }
    judge("file names", others.map(\.path))
  }

  @Test("a comment begins with a noun of the field or a verb, and says more than the name")
  func comments() {
    let openers: Set<String> = [
      "what", "who", "whether", "how", "which", "why", "nobody", "somebody", "whoever", "whose", "whatever",
    ]
    var questions: [String] = []
    var short: [String] = []
    var repetitions: [String] = []
    for source in SwiftSource.all {
      for comment in source.comments {
        let words = comment.description.split(separator: " ")
        let place = "\(source.path):\(comment.line): \(comment.description)"
        if let first = words.first, openers.contains(first.lowercased()) { questions.append(place) }
        if words.count <= 2 { short.append(place) }
        if comment.isPublic, comment.saysOnlyTheName { repetitions.append(place) }
      }
    }
    judge("question words", questions)
    judge("short comments", short)
    judge("comments that say no more than the name", repetitions)
  }

  @Test("public declarations are documented, throwing functions with what they throw")
  func declarations() {
    var undocumented: [String] = []
    var silent: [String] = []
    for source in SwiftSource.all {
      undocumented += source.undocumented.map { "\(source.path):\($0.line): \($0.text)" }
      for comment in source.comments {
        let declaration = comment.declaration
        guard comment.isOfThrowingFunction, comment.isPublic,
          !comment.text.contains(where: { $0.hasPrefix("- Throws:") })
        else { continue }
        silent.append("\(source.path):\(comment.line): \(declaration)")
      }
    }
    judge("undocumented", undocumented)
    judge("throwing without - Throws", silent)
  }
}
