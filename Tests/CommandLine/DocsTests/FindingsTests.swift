import Foundation
import TestSupport
import Testing

@Suite("docs/manifests.md has every finding of the front end", .bounded)
struct FindingsTests {
  /// Findings that no file can bring about by itself.
  static let ofCommandLines: Set<String> = [
    "custom-workload", "exclusion-without-file", "left-out-excluded", "left-out-submodule", "no-manifests",
    "policy-in-inventory", "unreadable",
  ]

  /// The ids of the fixtures, each with its file.
  static let fixtures: [(id: String, path: String)] = {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("diagnostics/by-id"))) ?? []
    return names.sorted().map { (String($0.prefix { $0 != "." }), "diagnostics/by-id/\($0)") }
  }()

  @Test("the table; NETPOLC_RECORD=1 writes it", .long)
  func table() throws {
    var session = try DocumentSession()
    for fixture in Self.fixtures { session.add("netpolc compile Fixtures/\(fixture.path) >&-") }
    session.add("netpolc compile --inventory Fixtures/diagnostics/by-id/no-pods.yaml Fixtures/guide")
    session.add("mkdir empty; netpolc compile empty")
    session.add("netpolc compile absent.yaml")
    session.add("netpolc compile Fixtures/guide/01-sample Fixtures/guide/inventory.yaml --exclude absent >&-")
    session.add(
      "netpolc compile Fixtures/guide/01-sample Fixtures/guide/inventory.yaml --exclude 'poli*' >&-")
    session.add(
      "printf 'apiVersion: argoproj.io/v1alpha1\\nkind: Rollout\\nmetadata: {name: web}\\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: []}}}\\n' | netpolc lint - Fixtures/guide/01-sample >&-"
    )
    session.add(
      "(git init -q r && cd r && cp ../Fixtures/guide/01-sample/policy.yaml . && git add . && "
        + "git update-index --add --cacheinfo 160000,$(git hash-object policy.yaml),sub && git commit -qm one && "
        + "netpolc compile HEAD: >&-)")
    let commands =
      Self.fixtures.map(\.id) + [
        "policy-in-inventory", "no-manifests", "unreadable", "exclusion-without-file", "left-out-excluded",
        "custom-workload", "left-out-submodule",
      ]
    var rows: [(id: String, row: String)] = []
    for (id, answer) in zip(commands, try session.run()) {
      guard let line = answer.lines.first(where: { $0.hasSuffix("[\(id)]") }) else {
        Issue.record("\(id) is not found: \(answer.lines)")
        continue
      }
      let severity = ["error", "warning", "note"].first { line.contains("\($0): ") } ?? ""
      let message = line.firstRange(of: "\(severity): ").map { line[$0.upperBound...] } ?? line[...]
      let words = message.dropLast(id.count + 3).replacing("|", with: "\\|").replacing("<", with: "&lt;")
        .replacing("](", with: "]&#40;")
        .replacing(#/(\[0\]){4,}/#, with: "[0]…")
      let short = words.count > 220 ? words.prefix(217) + "…" : words
      rows.append((id, "| `\(id)` | \(severity) | \(short) |\n"))
    }
    let text = "| id | | for example |\n|---|---|---|\n" + rows.sorted { $0.id < $1.id }.map(\.row).joined()
    let document = try Document("docs/manifests.md")
    if let difference = GeneratedPart(document: document, name: "findings").difference(from: text) {
      Issue.record("\(difference)")
    }
  }

  @Test("what kubectl takes and netpolc does not; NETPOLC_RECORD=1 writes it")
  func stricter() throws {
    var text = "| where | written | kubectl | netpolc |\n|---|---|---|---|\n"
    let rows = NotationRow.table("notations") + NotationRow.table("documents")
    for row in rows where row.isStricter {
      let written = row.written.replacing("|", with: "\\|")
      let ids = row.netpolc.split(separator: ", ").map { "`\($0)`" }.joined(separator: ", ")
      // A source is counted in policies.
      let taken = ["yaml", "json"].contains(row.place) ? "policies: \(row.kubectl)" : "`\(row.kubectl)`"
      text += "| \(row.place) | \(written.isEmpty ? "nothing" : "`\(written)`") | \(taken) | \(ids) |\n"
    }
    let document = try Document("docs/manifests.md")
    if let difference = GeneratedPart(document: document, name: "stricter").difference(from: text) {
      Issue.record("\(difference)")
    }
  }

  @Test("each id of the sources has its file")
  func complete() throws {
    let pattern =
      #/(?:(?:report|line|fail)\(\s*(?:[a-z]+, |\.(?:error|warning|note),\s*)?|id: (?:[^"\n]*\? )?)"([a-z0-9]+(?:-[a-z0-9]+)+)"/#
    var found: Set<String> = ["alias", "anchor", "tag", "unreadable"]
    let sources = Fixtures.package.appending(path: "Sources")
    for folder in ["FrontEnd"] {
      let path = sources.appending(path: folder)
      let names = try FileManager.default.subpathsOfDirectory(atPath: path.path(percentEncoded: false))
      for name in names where name.hasSuffix(".swift") {
        let text = try String(contentsOf: path.appending(path: name), encoding: .utf8)
        for match in text.matches(of: pattern) { found.insert(String(match.1)) }
      }
    }
    let omissions = try String(
      contentsOf: sources.appending(path: "Node/NodeCompiler/OmissionReport.swift"), encoding: .utf8)
    for match in omissions.matches(of: pattern) { found.insert(String(match.1)) }
    #expect(found.subtracting(Set(Self.fixtures.map(\.id)).union(Self.ofCommandLines)) == [])
    #expect(Set(Self.fixtures.map(\.id)).subtracting(found) == [])
  }
}
