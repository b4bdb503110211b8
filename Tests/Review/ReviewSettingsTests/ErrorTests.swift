import TestSupport
import Testing

@Suite("errors of the input", .bounded)
struct ErrorTests {
  private func folder(_ text: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("a.yaml", text)
    return folder
  }

  /// The arguments of each command with `--format` but for it; every one reads `a.yaml`.
  static let commands: [[String]] = [
    ["list", "a.yaml"], ["lint", "a.yaml"], ["diff", "a.yaml", "b.yaml"], ["diff", "b.yaml", "a.yaml"],
    ["diff", "b.yaml", "b.yaml", "--inventory", "a.yaml"], ["assert", "e.yaml", "a.yaml"],
    ["assert", "a.yaml", "b.yaml"], ["explain", "shop/a", "shop/b", "80", "a.yaml"],
    ["explain", "--from-log", "log", "a.yaml"], ["compile", "a.yaml"],
  ]

  /// The beginning of what standard output has in each format: a whole document of it, and never an empty report.
  static let beginnings = [
    "text": "", "json": "{\"apiVersion\":\"netpolc/v1\",\"kind\":\"InputErrors\",",
    "markdown": "### netpolc: ",
    "html": "<!DOCTYPE html>", "sarif": "{\"$schema\":", "github": "::error file=a.yaml,line=",
    "junit": "<?xml version=",
    "csv": "severity,id,file,line,column,field,message\nerror,",
    "dot": "digraph errors {\n  label=\"netpolc: ",
  ]

  @Test("are in the chosen format too, for each command and each of its formats", arguments: commands)
  func formats(_ arguments: [String]) throws {
    let folder = try self.folder("kind: [\n")
    try folder.write("b.yaml", TreeTests.policy)
    try folder.write("log", "")
    try folder.write(
      "e.yaml",
      "apiVersion: netpolc/v1\nkind: Assertions\nexpectations: [{expect: deny, to: {namespace: shop}}]\n")
    let program = BuiltProgram.netpolc
    let help = try CommandRun(program, [arguments[0], "--help"]).output.replacing(#/\s+/#, with: " ")
    let listed = try #require(help.firstMatch(of: #/--format <format> .*?\(values: (.*?)[;)]/#), "\(help)")
    let formats = listed.output.1.split(separator: ", ").map(String.init)
    #expect(formats.count >= 2)
    for format in formats {
      let run = try CommandRun(program, arguments + ["--format", format], in: folder.path("."))
      #expect(run.status == 2, "\(format): \(run.output) \(run.errors)")
      #expect(run.errors.contains("a.yaml:"), "\(format): \(run.errors)")
      // A ruleset is written whole or not at all.
      let begins = arguments[0] == "compile" ? "" : try #require(Self.beginnings[format], "\(format)")
      #expect(run.output.hasPrefix(begins), "\(format): \(run.output)")
      #expect(run.output.isEmpty == begins.isEmpty, "\(format): \(run.output)")
      if !begins.isEmpty { #expect(run.output.contains("a.yaml"), "\(format): \(run.output)") }
    }
  }

  @Test(
    "about the command line's ends and ports are in the chosen format too",
    arguments: [
      (["list", "b.yaml", "--from", "shop/nobody", "--format", "csv"], "error,unknown-endpoint,"),
      (["explain", "shop/nobody", "shop/b", "80", "b.yaml", "--format", "json"], "\"id\":\"no-answer\""),
      (["explain", "1.2.3.4", "2.2.2.2", "http", "b.yaml", "--format", "json"], "\"id\":\"unknown-port\""),
      (
        ["explain", "shop/a", "shop/b", "80", "b.yaml", "--history", "a..b", "--format", "json"],
        "\"id\":\"no-history\""
      ),
    ])
  func questions(_ arguments: [String], _ words: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("b.yaml", TreeTests.policy)
    let run = try CommandRun(BuiltProgram.netpolc, arguments, in: folder.path("."))
    #expect(run.status == 2 && run.output.contains(words), "\(run.output) \(run.errors)")
    #expect(run.errors.contains("netpolc: error: "), "\(run.errors)")
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
    #expect(noPolicy.status == 2)
    #expect(
      noPolicy.errors.contains(
        "error: no policy was read, so that there is nothing to look for mistakes in [no-policy]"),
      "\(noPolicy.errors)")
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
