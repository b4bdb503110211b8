import Foundation
import TestSupport
import Testing

/// Completion as readers have it: each shell itself is asked what it offers, with the script that netpolc generates for it.
@Suite("completion, in the shells", .bounded, .onOwnThread)
struct CompletionTests {
  @Test("bash offers paths, nodes, namespaces and ids of lint", .needsProgram("bash"))
  func bash() throws { try Self.check("bash", ["bash"]) }

  @Test("zsh offers paths, nodes, namespaces and ids of lint", .long, .needsProgram("zsh"))
  func zsh() throws { try Self.check("zsh", ["zsh", "-f"]) }

  @Test("fish offers paths, nodes, namespaces and ids of lint", .needsProgram("fish"))
  func fish() throws { try Self.check("fish", ["fish", "--no-config"]) }

  /// One line of the table.
  struct Case {
    /// The command line up to the cursor.
    let line: String
    /// False where other candidates may be offered too.
    let isWhole: Bool
    /// Candidates, ascending.
    let candidates: [String]
  }

  /// The table of `Fixtures/completion`.
  static func cases() throws -> [Case] {
    try Fixtures.text("completion/cases.txt").split(separator: "\n").compactMap { line in
      guard let match = line.wholeMatch(of: #/"(.*)" ([=+])(.*)/#) else { return nil }
      return Case(
        line: String(match.1), isWhole: match.2 == "=",
        candidates: match.3.split(separator: " ").map(String.init).sorted())
    }
  }

  private static func check(_ shell: String, _ command: [String]) throws {
    let folder = try TemporaryFolder()
    let script = try folder.write(
      "script", try CommandRun.netpolc("--generate-completion-script", shell).output)
    let place = folder.path("here")
    try FileManager.default.createDirectory(atPath: place + "/policies", withIntermediateDirectories: true)
    try folder.write("here/policies/policy.yaml", Fixtures.text("guide/01-sample/policy.yaml"))
    try folder.write("here/inventory.yaml", Fixtures.text("guide/inventory.yaml"))
    try folder.write("here/plan.json", "{}")
    let programs = URL(filePath: BuiltProgram.netpolc).deletingLastPathComponent().path(
      percentEncoded: false)
    let path = "PATH=\(programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    let cases = try cases()
    #expect(cases.count > 15)
    for entry in cases {
      let run = try CommandRun.named(
        path, command + [Fixtures.path("completion/complete.\(shell)"), script, entry.line], in: place)
      // A folder has its slash in some shells.
      let offered = Set(
        run.output.split(separator: "\n").map { $0.hasSuffix("/") ? String($0.dropLast()) : String($0) })
      let wanted = Set(entry.candidates)
      let isRight = entry.isWhole ? offered == wanted : offered.isSuperset(of: wanted)
      #expect(isRight, "\(shell): \"\(entry.line)\" offers \(offered.sorted()) \(run.errors)")
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Tests of a program that not every machine has; skipped without it.
  static func needsProgram(_ name: String) -> Self {
    .enabled(
      if: ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
      }, "needs \(name), which is not installed")
  }
}
