import Foundation
import TestSupport
import Testing

@Suite("explain --history", .bounded)
struct HistoryTests {
  private func policy(_ ports: String) -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: p, namespace: default}
    spec: {podSelector: {matchLabels: {app: hello}}, ingress: [{ports: [\(ports)]}]}
    """
  }

  /// A repository that goes with the value.
  private final class Repository {
    let path: String
    private let folder = FileManager.default.temporaryDirectory.appending(
      path: "history-\(UUID().uuidString)")

    init() throws {
      path = folder.path(percentEncoded: false)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try git("init", "-q", "-b", "main")
      try git("commit", "-q", "--allow-empty", "-m", "nothing yet")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func git(_ arguments: String...) throws {
      let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
      let outcome = try CommandRun.named("git", ["-C", path] + identity + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }

    func commit(_ subject: String, _ text: String, in file: String = "policies/p.yaml") throws {
      let place = folder.appending(path: file)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
      try git("add", "-A")
      try git("commit", "-q", "-m", subject)
    }

    func explain(_ range: String, _ paths: [String] = ["policies"], _ more: [String] = [], input: String = "")
      throws -> CommandRun
    {
      let inventory =
        more.contains("--inventory") ? [] : ["--inventory", Fixtures.path("guide/inventory.yaml")]
      return try CommandRun.named(
        BuiltProgram.netpolc,
        ["explain", "default/v1-client", "default/hello-1", "8080", "--history", range] + paths + inventory
          + more,
        input: input, in: path)
    }
  }

  /// The lines of an answer without the names of commits.
  private func told(_ output: String) -> [String] {
    output.split(separator: "\n").map { String($0).replacing(#/\b[0-9a-f]{7,} /#, with: "") }
  }

  @Test("every commit that changes the verdict is told, and no other")
  func history() throws {
    let repository = try Repository()
    let steps: [(ports: String, subject: String)] = [
      ("{port: 80}", "only 80"), ("{port: 80}, {port: 443}", "443 too"), ("{port: 8080}", "8080 instead"),
      ("{port: 8000, endPort: 8100}", "a range around it"), ("{port: 81}", "81 instead"),
      ("nonsense", "a mistake"),
    ]
    for step in steps { try repository.commit(step.subject, policy(step.ports)) }
    func explain(_ range: String) throws -> CommandRun { try repository.explain(range) }
    let outcome = try explain("HEAD~6..HEAD~1")
    #expect(outcome.status == 1, "\(outcome.output)\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    let told = lines.filter { $0.contains(" at ") || $0.contains(" since ") }.map { line in
      let words = line.split(separator: " ")
      return "\(words[0]) \(words[1]) \(words.dropFirst(3).joined(separator: " "))"
    }
    #expect(
      told == [
        "ALLOWED at nothing yet", "DENIED since only 80", "ALLOWED since 8080 instead",
        "DENIED since 81 instead",
      ])
    #expect(lines.contains { $0.hasPrefix("  after   ") && $0.contains(":policies/p.yaml:4:") })
    #expect(lines.last == "5 commits looked at, 3 changes of the verdict")
    let broken = try explain("HEAD~1..HEAD")
    #expect(broken.status == 2 && broken.output.contains("UNKNOWN"), "\(broken.output)")
    #expect(try explain("no-such-revision..HEAD").status == 2)
    #expect(try explain("HEAD").status != 0)
  }

  @Test(
    "a merge that changes the verdict leads to the commit of the branch that did, through merges of merges")
  func merges() throws {
    let repository = try Repository()
    try repository.commit("allowed", policy("{port: 8080}"))
    try repository.git("switch", "-q", "-c", "outer")
    try repository.commit("beside", policy("{port: 8080}, {port: 1}"))
    try repository.git("switch", "-q", "-c", "inner")
    try repository.commit("still allowed", policy("{port: 8080}, {port: 2}"))
    try repository.commit("the culprit", policy("{port: 81}"))
    try repository.commit("later", policy("{port: 82}"))
    try repository.git("switch", "-q", "outer")
    try repository.git("commit", "-q", "--allow-empty", "-m", "elsewhere")
    try repository.git("merge", "-q", "--no-ff", "-m", "merge inner", "inner")
    try repository.git("switch", "-q", "main")
    try repository.commit("another file", "x", in: "notes.txt")
    try repository.git("merge", "-q", "--no-ff", "-m", "merge outer", "outer")
    let outcome = try repository.explain("main~2..main")
    #expect(outcome.status == 1)
    let lines = told(outcome.output)
    #expect(
      lines.filter { !$0.contains("before") && !$0.contains("after") } == [
        "ALLOWED at allowed", "DENIED since merge outer", "  brought by merge inner",
        "  brought by the culprit",
        "1 commit looked at, 1 change of the verdict",
      ], "\(outcome.output)")
    let json = try repository.explain("main~2..main", ["policies"], ["--format", "json"])
    #expect(json.status == 1)
    let schema = try JSONSchema(
      String(
        contentsOf: Fixtures.package.appending(path: "docs/schemas/explain.schema.json"), encoding: .utf8))
    #expect(schema.complaints(about: try ParsedJSON(parsing: json.output)) == [])
    #expect(json.output.contains("\"subject\":\"the culprit\""))
  }

  @Test("a merge that changes the verdict by itself is told alone")
  func mergeItself() throws {
    let repository = try Repository()
    try repository.commit("allowed", policy("{port: 8080}"))
    try repository.git("switch", "-q", "-c", "side")
    try repository.commit("other port", policy("{port: 8080}, {port: 1}"))
    try repository.git("switch", "-q", "main")
    try repository.git("merge", "-q", "--no-ff", "--no-commit", "side")
    try repository.commit("merge with an edit", policy("{port: 83}"))
    let outcome = try repository.explain("main~1..main")
    #expect(
      outcome.output.contains("DENIED since") && !outcome.output.contains("brought by"), "\(outcome.output)")
  }

  @Test("a path that is renamed is not there on one side, and that is said; one that never was is trouble")
  func renamedPaths() throws {
    let repository = try Repository()
    try repository.commit("closed", policy("{port: 81}"))
    try repository.git("mv", "policies", "rules")
    try repository.git("commit", "-q", "-m", "renamed")
    let old = try repository.explain("main~2..main", ["policies"])
    #expect(old.status == 0)
    #expect(
      told(old.output).filter { !$0.contains("before") && !$0.contains("after") } == [
        "ALLOWED at nothing yet", "  policies is not there: no policies of it", "DENIED since closed",
        "ALLOWED since renamed", "  policies is not there: no policies of it",
        "2 commits looked at, 2 changes of the verdict",
      ], "\(old.output)")
    let both = try repository.explain("main~1..main", ["policies", "rules"])
    #expect(both.status == 1)
    #expect(
      told(both.output) == [
        "DENIED at closed", "  rules is not there: no policies of it", "DENIED still at renamed",
        "  policies is not there: no policies of it", "1 commit looked at, 0 changes of the verdict",
      ], "\(both.output)")
    let never = try repository.explain("main~1..main", ["polices"])
    #expect(never.status == 2 && never.output.isEmpty)
    #expect(never.errors.contains("polices: no commit of the range has this path"))
  }

  @Test(
    "an inventory is read once, so it may come through a pipe; content that comes back is told of its commit")
  func inventoryOnce() throws {
    let repository = try Repository()
    try repository.commit("open", policy("{port: 8080}"))
    try repository.commit("closed", policy("{port: 81}"))
    try repository.commit("open again", policy("{port: 8080}"))
    let files = try repository.explain("main~3..main")
    let piped = try repository.explain(
      "main~3..main", ["policies"], ["--inventory", "-"], input: try Fixtures.text("guide/inventory.yaml"))
    #expect(piped.status == 0 && piped.output == files.output, "\(piped.output)\(piped.errors)")
    let lines = files.output.split(separator: "\n")
    let last = try #require(lines.last { $0.contains("ALLOWED since") }).split(separator: " ")[2]
    #expect(
      lines.contains { $0.hasPrefix("  after") && $0.contains("(\(last):policies/p.yaml") }, "\(files.output)"
    )
  }
}
