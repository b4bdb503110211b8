import Foundation
import PolicyModel
import Reports
import PolicyExplain
import PolicyLint
import PolicyTrace
import TestSupport
import Testing

@Suite("JSON outputs meet their schemas", .bounded)
struct SchemaTests {
  /// The complaints of a validator that shares nothing with the one in TestSupport, where there is one.
  static let hasOtherValidator =
    (try? CommandRun.named("python3", ["-W", "ignore", "-c", "import jsonschema"]).status) == 0

  static func schema(_ name: String) -> String { "docs/schemas/\(name).schema.json" }

  /// Every document that the commands write in JSON, with the schema that it must meet.
  static func documents() throws -> [(name: String, json: String, schema: String)] {
    var documents: [(name: String, json: String, schema: String)] = []
    for scenario in Fixtures.folders(in: "review") {
      documents.append(
        (scenario, try Fixtures.text("review/\(scenario)/expected.json"), schema("diff")))
    }
    let name = ReviewScenario.strayDash.folder
    documents.append(("lint", try Fixtures.text("\(name)/expected.lint.json"), schema("lint")))
    let input = ReviewInput(fixtures: ["\(name)/new", "review/inventory.yaml"])
    let answers = try Explainer(input.cluster, input.networkPolicies).explain(
      .pod(namespace: "monitoring", name: "prometheus"), .pod(namespace: "shop", name: "web-1"),
      TrafficReference("8080"))
    documents.append(("explain", JSONExplanation.text(answers), schema("explain")))
    documents.append(("why-not", try Fixtures.text("why-not/guide-sample.json"), schema("explain")))
    documents.append(("group", try Fixtures.text("explain/group.json"), schema("explain")))
    for line in try Fixtures.text("explain/path.json").split(separator: "\n") {
      documents.append(("path", String(line), schema("explain")))
    }
    documents.append(("log", try Fixtures.text("log/expected.json"), schema("explain")))
    let arguments = [
      "assert", "assert/guide/fails.yaml", "guide/01-sample", "--inventory", "guide/inventory.yaml",
      "--format", "json",
    ]
    let outcome = try CommandRun.named(BuiltProgram.netpolc, arguments, in: Fixtures.path(""))
    #expect(outcome.status == 1)
    documents.append(("assert", outcome.output, schema("assert-result")))
    return documents
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Fixtures.package.appending(path: path), encoding: .utf8)
  }

  static let sarif = "Fixtures/sarif/sarif-schema-2.1.0.json"

  /// Every finding of diff and lint in SARIF: of the revisions, the guide's policies, and the cases of lint's rules.
  static func sarifDocuments() -> [(name: String, json: String)] {
    var documents: [(name: String, json: String)] = []
    for scenario in ReviewScenario.all {
      documents.append(
        (
          "diff \(scenario)",
          SARIF.text(DiffFindings.findings(scenario.difference), rules: DiffFindings.rules, version: "test")
        ))
    }
    for example in LintExample.all {
      for yaml in example.fires + example.silent {
        documents.append(("lint \(example.rule)", findings(yaml).sarif(version: "test")))
      }
    }
    for path in DiffGoldenTests.everyInput {
      let input = ReviewInput(fixtures: path)
      let outcome = Linter().run(
        input.contents, input.networkPolicies, input.cluster, readerFindings: input.findings)
      documents.append(("lint \(path)", outcome.sarif(version: "test")))
    }
    return documents
  }

  private static func findings(_ yaml: String) -> Linter.Outcome {
    let input = ReviewInput(yaml, LintExample.inventory)
    return Linter().run(
      input.contents, input.networkPolicies, input.cluster, readerFindings: input.findings)
  }

  @Test("diff, lint, explain, assert")
  func documents() throws {
    for document in try Self.documents() {
      let schema = try JSONSchema(Self.text(document.schema))
      #expect(schema.complaints(about: try ParsedJSON(parsing: document.json)) == [], "\(document.name)")
    }
  }

  @Test("SARIF meets the schema of OASIS, and names rules that the tool lists")
  func sarif() throws {
    let schema = try JSONSchema(Self.text(Self.sarif))
    let documents = Self.sarifDocuments()
    #expect(documents.count > 80)
    for document in documents {
      let value = try ParsedJSON(parsing: document.json)
      #expect(schema.complaints(about: value) == [], "\(document.name)")
      guard case .array(let rules) = value["runs"]?[0]?["tool"]?["driver"]?["rules"],
        case .array(let results) = value["runs"]?[0]?["results"]
      else {
        Issue.record("\(document.name): no rules or no results")
        continue
      }
      let known = Set(rules.map { $0["id"] })
      for result in results { #expect(known.contains(result["ruleId"]), "\(document.name)") }
    }
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let what: String
    let complaint: String
    let damage: @Sendable (inout ParsedJSON) -> Void
    var testDescription: String { what }
  }

  static let damages: [Damage] = [
    Damage(what: "another version", complaint: "$.version: string(\"2.2.0\") is not listed") {
      $0["version"] = .string("2.2.0")
    },
    Damage(what: "no runs", complaint: "$: runs is missing") { $0["runs"] = nil },
    Damage(what: "a field of nobody's", complaint: "$.runs[0].colour: nothing is allowed here") {
      $0["runs"]?[0]?["colour"] = .string("red")
    },
    Damage(what: "no driver", complaint: "$.runs[0].tool: driver is missing") {
      $0["runs"]?[0]?["tool"]?["driver"] = nil
    },
    Damage(what: "one rule twice", complaint: "$.runs[0].tool.driver.rules: an entry stands twice") {
      let rule = $0["runs"]?[0]?["tool"]?["driver"]?["rules"]?[0] ?? .null
      $0["runs"]?[0]?["tool"]?["driver"]?["rules"] = .array([rule, rule])
    },
    Damage(
      what: "a level that is none", complaint: "$.runs[0].results[0].level: string(\"fatal\") is not listed"
    ) { $0["runs"]?[0]?["results"]?[0]?["level"] = .string("fatal") },
    Damage(what: "a message that is a text", complaint: "$.runs[0].results[0].message: is string, not") {
      $0["runs"]?[0]?["results"]?[0]?["message"] = .string("hello")
    },
    Damage(what: "an empty message", complaint: "$.runs[0].results[0].message: fits none") {
      $0["runs"]?[0]?["results"]?[0]?["message"] = .object([:])
    },
    Damage(what: "line nought", complaint: "startLine: 0.0 is less than 1") {
      $0["runs"]?[0]?["results"]?[0]?["locations"]?[0]?["physicalLocation"]?["region"]?["startLine"] =
        .number(0)
    },
    Damage(what: "half a line", complaint: "startLine: is number, not") {
      $0["runs"]?[0]?["results"]?[0]?["locations"]?[0]?["physicalLocation"]?["region"]?["startLine"] =
        .number(1.5)
    },
    Damage(what: "no identifier", complaint: "$.runs[0].results[0].guid: x does not match") {
      $0["runs"]?[0]?["results"]?[0]?["guid"] = .string("x")
    },
  ]

  @Test("a damaged SARIF is refused", arguments: damages)
  func damagedSarif(example: Damage) throws {
    let schema = try JSONSchema(Self.text(Self.sarif))
    var document = try ParsedJSON(parsing: Fixtures.text("\(ReviewScenario.strayDash.folder)/expected.sarif"))
    example.damage(&document)
    let complaints = schema.complaints(about: document)
    #expect(complaints.contains { $0.contains(example.complaint) }, "\(complaints)")
  }

  @Test(
    "another validator agrees", .enabled(if: hasOtherValidator, "needs python3 with the module jsonschema"))
  func otherValidator() throws {
    let program = """
      import json, sys, jsonschema
      for schema, documents in json.load(sys.stdin):
          schema = json.load(open(schema))
          validator = jsonschema.validators.validator_for(schema)
          validator.check_schema(schema)
          for document in documents: validator(schema).validate(json.loads(document))
      """
    var bySchema: [String: [String]] = [Self.sarif: Self.sarifDocuments().map(\.json)]
    for document in try Self.documents() { bySchema[document.schema, default: []].append(document.json) }
    let input = bySchema.map { schema, documents -> [Any] in
      [Fixtures.package.appending(path: schema).path(percentEncoded: false), documents]
    }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: input), as: UTF8.self)
    let outcome = try CommandRun.named("python3", ["-W", "ignore", "-c", program], input: text)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}

@Suite("the review commands", .bounded)
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
    Case(arguments: "diff \(both) --node node-b", status: 1, says: "no effect on today's"),
    Case(
      arguments: "diff \(scenario)/old \(scenario)/new", status: 1,
      says: "there is no pod today; pods to come: "),
    Case(arguments: "diff \(scenario)/old \(scenario)/old", status: 0, says: "same"),
    Case(
      arguments: "diff \(scenario)/old \(scenario)/old --inventory review/inventory.yaml", status: 0,
      says: "same"),
    Case(
      arguments:
        "diff \(scenario)/old \(scenario)/old --old-inventory review/inventory.yaml --inventory guide/inventory.yaml",
      status: 1, says: "GONE"),
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
    let outcome = try CommandRun.named(BuiltProgram.netpolc, arguments, in: Fixtures.path(""))
    #expect(outcome.status == example.status, "\(outcome.output)\(outcome.errors)")
    #expect(
      example.says.isEmpty || outcome.output.contains(example.says), "\(outcome.output)\(outcome.errors)")
    if example.status == 2 { #expect(outcome.output.isEmpty) }
  }
}

@Suite("documentation", .bounded)
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
      let outcome = try CommandRun.named(
        BuiltProgram.netpolc, command.split(separator: " ").map(String.init), in: Fixtures.path(""))
      #expect(lines.dropFirst().joined(separator: "\n") == outcome.output, "netpolc \(command)")
    }
  }
}
