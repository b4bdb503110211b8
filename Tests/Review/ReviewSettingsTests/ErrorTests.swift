import TestSupport
import Testing

@Suite("errors of the input", .bounded)
struct ErrorTests {
  private func folder(_ text: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("a.yaml", text)
    return folder
  }

  @Test(
    "are in the chosen format too",
    arguments: [
      ("list", "json", "\"kind\":\"InputErrors\""), ("lint", "sarif", "\"ruleId\":\"yaml-syntax"),
      ("lint", "github", "::error file=a.yaml,line="), ("list", "markdown", "### netpolc: 2 errors"),
    ])
  func formats(_ command: String, _ format: String, _ words: String) throws {
    let folder = try self.folder("kind: [\n")
    let run = try CommandRun.netpolc(command, "a.yaml", "--format", format, in: folder.path("."))
    #expect(run.status == 2)
    #expect(run.output.contains(words), "\(run.output) \(run.errors)")
    #expect(run.errors.contains("a.yaml:"))
  }

  @Test("many that are alike are folded, and the likely cause is told")
  func folded() throws {
    let many = (0..<40).map { "kind: NetworkPolicy\nmetadata: {name: p\($0)}\nspec: {podSelector: {}}\n" }
      .joined(separator: "---\n")
    var folder = try self.folder(many)
    let run = try CommandRun.netpolc("list", "a.yaml", in: folder.path("."))
    #expect(
      run.status == 2 && run.errors.contains("… and 35 more like this [missing-api-version]"), "\(run.errors)"
    )
    let annotations = try CommandRun.netpolc("lint", "a.yaml", "--format", "github", in: folder.path("."))
    #expect(annotations.output.split(separator: "\n").count == 5, "\(annotations.output)")
    #expect(annotations.output.contains("apiVersion is not set (and 35 more like this)\n"))
    let comment = try CommandRun.netpolc("list", "a.yaml", "--format", "markdown", in: folder.path("."))
    #expect(comment.output.contains("### netpolc: 40 errors"), "\(comment.output)")
    #expect(comment.output.contains("- … and 35 more like this\n"), "\(comment.output)")
    let glued = TreeTests.policy + TreeTests.policy.replacing("name: web", with: "name: api")
    folder = try self.folder(glued)
    let twice = try CommandRun.netpolc("list", "a.yaml", in: folder.path("."))
    #expect(
      twice.errors.contains("likely cause: a line '---' between two objects is missing"), "\(twice.errors)")
    folder = try self.folder(TreeTests.policy)
    let exchanged = try CommandRun.netpolc("list", "a.yaml", "--inventory", "a.yaml", in: folder.path("."))
    #expect(
      exchanged.errors.contains("likely cause: policies are given as --inventory"), "\(exchanged.errors)")
  }

  @Test("the arguments of assert and explain that are exchanged are told")
  func exchanged() throws {
    let folder = try self.folder(TreeTests.policy)
    try folder.write(
      "e.yaml",
      "apiVersion: netpolc/v1\nkind: Assertions\nexpectations: [{expect: deny, to: {namespace: shop}}]\n")
    let run = try CommandRun.netpolc("assert", "a.yaml", "e.yaml", in: folder.path("."))
    #expect(run.errors.contains("FILE is not the file of expectations"), "\(run.errors)")
    for port in ["80", "80/TCP", "tcp/80"] {
      let explained = try CommandRun.netpolc(
        "explain", "a.yaml", "shop/a", "shop/b", port, in: folder.path("."))
      #expect(
        explained.errors.contains("the order is netpolc explain SOURCE DESTINATION PORT PATH..."),
        "\(explained.errors)")
    }
    try folder.write("apps.yaml", TreeTests.workloads)
    let noPolicy = try CommandRun.netpolc("lint", "apps.yaml", in: folder.path("."))
    #expect(noPolicy.output.hasPrefix("nothing found: no policy was read\n"), "\(noPolicy.output)")
  }

  @Test("in a file of one long line the caret shows a window of it")
  func window() throws {
    let pods = (0..<900).map {
      "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\($0)\",\"namespace\":\"x\",\"labels\":{\"app\":\"\($0)\"}}}"
    }
    let bad =
      "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"podSelectr\":{}}}"
    let folder = try TemporaryFolder()
    try folder.write(
      "a.json",
      "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\((pods + [bad]).joined(separator: ","))]}\n")
    let run = try CommandRun.netpolc("list", "a.json", in: folder.path("."))
    let lines = run.errors.split(separator: "\n").map(String.init)
    let place = try #require(lines.firstIndex { $0.contains("unknown-field") }, "\(run.errors)")
    #expect(lines[place + 1].contains("podSelectr") && lines[place + 1].utf8.count < 200, "\(run.errors)")
    let caret = try #require(lines[place + 2].firstIndex(of: "^"))
    let column = lines[place + 2].distance(from: lines[place + 2].startIndex, to: caret)
    #expect(lines[place + 1].dropFirst(column).hasPrefix("\"podSelectr\""), "\(run.errors)")
  }
}
