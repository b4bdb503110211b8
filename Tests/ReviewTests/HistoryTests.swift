import Foundation
import TestSupport
import Testing

@Suite("explain --history")
struct HistoryTests {
  private func policy(_ ports: String) -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: p, namespace: default}
    spec: {podSelector: {matchLabels: {app: hello}}, ingress: [{ports: [\(ports)]}]}
    """
  }

  @Test("every commit that changes the verdict is told, and no other")
  func history() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)")
    let policies = folder.appending(path: "policies")
    try FileManager.default.createDirectory(at: policies, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path(percentEncoded: false)
    func git(_ arguments: String...) throws {
      let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
      let outcome = try Subprocess.run("git", ["-C", path] + identity + arguments)
      #expect(outcome.status == 0, "\(outcome.complaints)")
    }
    try git("init", "-q")
    try git("commit", "-q", "--allow-empty", "-m", "nothing yet")
    let steps: [(ports: String, subject: String)] = [
      ("{port: 80}", "only 80"), ("{port: 80}, {port: 443}", "443 too"), ("{port: 8080}", "8080 instead"),
      ("{port: 8000, endPort: 8100}", "a range around it"), ("{port: 81}", "81 instead"),
      ("nonsense", "a mistake"),
    ]
    for step in steps {
      try Data(policy(step.ports).utf8).write(to: policies.appending(path: "p.yaml"))
      try git("add", "-A")
      try git("commit", "-q", "-m", step.subject)
    }
    func explain(_ range: String) throws -> Subprocess.Outcome {
      try Subprocess.run(
        BuiltProgram.netpolc,
        [
          "explain", "default/v1-client", "default/hello-1", "8080", "--history", range, "policies",
          "--inventory", Fixtures.path("guide/inventory.yaml"),
        ], in: path)
    }
    let outcome = try explain("HEAD~6..HEAD~1")
    #expect(outcome.status == 1, "\(outcome.output)\(outcome.complaints)")
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
}
