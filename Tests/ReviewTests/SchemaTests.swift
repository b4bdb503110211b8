import Foundation
import PolicyModel
import Review
import TestSupport
import Testing

/// Runs programs, for what the library alone cannot show.
enum Subprocess {
  struct Outcome {
    let status: Int32
    let output: String
    let complaints: String
  }

  static func run(_ program: String, _ arguments: [String], input: String = "", in directory: String? = nil)
    throws -> Outcome
  {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    // Files instead of pipes: no reader has to keep up.
    let folder = FileManager.default.temporaryDirectory.appending(path: "review-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    try Data(input.utf8).write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOf: files[1], encoding: .utf8),
      complaints: try String(contentsOf: files[2], encoding: .utf8))
  }
}

@Suite("JSON outputs meet their schemas")
struct SchemaTests {
  static let hasValidator =
    (try? Subprocess.run("python3", ["-W", "ignore", "-c", "import jsonschema"]).status) == 0

  private func validate(_ json: String, _ schema: String) throws {
    let program = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1]))
      jsonschema.Draft202012Validator.check_schema(schema)
      jsonschema.Draft202012Validator(schema).validate(json.load(sys.stdin))
      """
    let path = Fixtures.package.appending(path: "docs/schemas/\(schema).schema.json").path(
      percentEncoded: false)
    let outcome = try Subprocess.run("python3", ["-W", "ignore", "-c", program, path], input: json)
    #expect(outcome.status == 0, "\(schema): \(outcome.complaints)")
  }

  @Test("diff, lint, explain, assert", .enabled(if: hasValidator, "needs python3 with jsonschema"))
  func documents() throws {
    for scenario in Fixtures.folders(in: "review") {
      try validate(try Fixtures.text("review/\(scenario)/expected.json"), "diff")
    }
    let name = "review/\(DiffGoldenTests.inEveryFormat)"
    try validate(try Fixtures.text("\(name)/expected.lint.json"), "lint")
    let input = ReviewInput(fixtures: ["\(name)/new", "review/inventory.yaml"])
    let answers = try Explainer(input.cluster).explain(
      .pod(namespace: "monitoring", name: "prometheus"), .pod(namespace: "shop", name: "web-1"),
      TrafficReference("8080"))
    try validate(JSONExplanation.text(answers), "explain")
    try validate(try Fixtures.text("why-not/guide-sample.json"), "explain")
    try validate(try Fixtures.text("log/expected.json"), "explain")
    let arguments = [
      "assert", "assert/guide/fails.yaml", "guide/01-sample", "--inventory", "guide/inventory.yaml",
      "--format", "json",
    ]
    let outcome = try Subprocess.run(BuiltProgram.netpolc, arguments, in: Fixtures.path(""))
    #expect(outcome.status == 1)
    try validate(outcome.output, "assert-result")
  }
}

@Suite("the review commands")
struct ReviewCommandTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: String
    let status: Int32
    var says = ""
    var testDescription: String { arguments }
  }

  static let scenario = "review/a-port-becomes-a-range"
  static let both = "\(scenario)/old \(scenario)/new --inventory review/inventory.yaml"
  static let turned = "\(scenario)/new \(scenario)/old --inventory review/inventory.yaml"
  static let guide = "guide/01-sample --inventory guide/inventory.yaml"

  static let cases: [Case] = [
    Case(arguments: "diff \(both)", status: 1, says: "WIDENED"),
    Case(arguments: "diff \(both) --fail-on none", status: 0, says: "WIDENED"),
    Case(arguments: "diff \(both) --fail-on narrowed", status: 0),
    Case(arguments: "diff \(both) --fail-on widened", status: 1),
    Case(arguments: "diff \(turned) --fail-on widened", status: 0, says: "NARROWED"),
    Case(arguments: "diff \(turned) --fail-on narrowed", status: 1),
    Case(arguments: "diff \(both) --format markdown", status: 1, says: "| **widened** |"),
    Case(arguments: "diff \(both) --format html", status: 1, says: "<!DOCTYPE html>"),
    Case(arguments: "diff \(both) --format sarif", status: 1, says: "\"connectivity-widened\""),
    Case(arguments: "diff \(both) --format github", status: 1, says: "::warning file="),
    Case(arguments: "diff \(both) --format json", status: 1, says: "\"kind\":\"Diff\""),
    Case(arguments: "diff \(both) --ruleset", status: 1, says: "RULESET"),
    Case(arguments: "diff \(both) --node node-b", status: 0, says: "equivalent"),
    Case(
      arguments: "diff \(scenario)/old \(scenario)/old --inventory review/inventory.yaml", status: 0,
      says: "same"),
    Case(
      arguments:
        "diff \(scenario)/old \(scenario)/old --old-inventory review/inventory.yaml --inventory guide/inventory.yaml",
      status: 1, says: "VANISHED"),
    Case(
      arguments:
        "diff review/one-policy-split-into-two/old review/one-policy-split-into-two/new --inventory review/inventory.yaml",
      status: 0, says: "equivalent"),
    Case(arguments: "diff no-such-file \(scenario)/new", status: 2),
    Case(arguments: "diff \(scenario)/old", status: 2),
    Case(arguments: "explain default/v2-client default/hello-1 8080 \(guide)", status: 0, says: "ALLOWED"),
    Case(
      arguments: "explain default/v1-client default/hello-1 8080/TCP \(guide)", status: 1, says: "near miss"),
    Case(
      arguments: "explain default/v2-client default/hello-1 \(guide)", status: 0, says: "allowed: TCP 8080"),
    Case(
      arguments: "explain default/v2-client default/hello-1 8080 --path \(guide)", status: 0,
      says: "through the ruleset: the packet passes"),
    Case(
      arguments: "explain default/v1-client default/hello-1 8080 --path \(guide)", status: 1,
      says: "through the ruleset: the packet is dropped"),
    Case(
      arguments: "explain default/v1-client default/hello-1 8080 --why-not \(guide)", status: 1,
      says: "any one of these would allow it"),
    Case(arguments: "explain default/v1-client default/hello-1 --why-not \(guide)", status: 2),
    Case(arguments: "explain default/nobody default/hello-1 80 \(guide)", status: 2),
    Case(arguments: "explain nobody default/hello-1 80 \(guide)", status: 2),
    Case(
      arguments: "lint guide/03-two-peers --inventory guide/inventory.yaml", status: 1,
      says: "split-selectors"),
    Case(
      arguments: "lint guide/03-two-peers --inventory guide/inventory.yaml --ignore split-selectors",
      status: 0),
    Case(arguments: "lint --explain split-selectors", status: 0, says: "stray"),
    Case(arguments: "lint --explain no-such-rule", status: 2),
    Case(arguments: "lint", status: 2),
    Case(arguments: "assert assert/guide/holds.yaml \(guide)", status: 0, says: "5 expectations met"),
    Case(arguments: "assert assert/guide/fails.yaml \(guide)", status: 1, says: "3 failed"),
    Case(arguments: "assert guide/inventory.yaml \(guide)", status: 2),
  ]

  @Test("exit status and a word of the answer", arguments: cases)
  func command(example: Case) throws {
    let arguments = example.arguments.split(separator: " ").map(String.init)
    let outcome = try Subprocess.run(BuiltProgram.netpolc, arguments, in: Fixtures.path(""))
    #expect(outcome.status == example.status, "\(outcome.output)\(outcome.complaints)")
    #expect(
      example.says.isEmpty || outcome.output.contains(example.says), "\(outcome.output)\(outcome.complaints)")
    if example.status == 2 { #expect(outcome.output.isEmpty) }
  }
}

@Suite("documentation")
struct DocumentationTests {
  private func text(_ name: String) throws -> String {
    try String(contentsOf: Fixtures.package.appending(path: name), encoding: .utf8)
  }

  @Test("docs/lint.md is what the rules say")
  func lintPages() throws {
    let difference = Golden("../docs/lint.md").difference(from: LintRule.documentation)
    if let difference { Issue.record("\(difference)") }
  }

  /// A block that starts with `$ netpolc …` shows what the command prints, run in `Fixtures/`.
  @Test("every example of docs/review.md is what the program prints")
  func examples() throws {
    let blocks = try text("docs/review.md").components(separatedBy: "```").enumerated()
      .filter { $0.offset % 2 == 1 }.map(\.element).filter { $0.hasPrefix("console\n$ netpolc ") }
    #expect(blocks.count >= 4)
    for block in blocks {
      let lines = block.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
      let command = lines.first.map { $0.dropFirst("$ netpolc ".count) } ?? ""
      let outcome = try Subprocess.run(
        BuiltProgram.netpolc, command.split(separator: " ").map(String.init), in: Fixtures.path(""))
      #expect(lines.dropFirst().joined(separator: "\n") == outcome.output, "netpolc \(command)")
    }
  }
}
