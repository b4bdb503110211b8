import TestSupport
import Testing

/// Checks that have nothing to check: a misspelt path, an inventory without pods.
@Suite("no command passes for a check of nothing", .bounded)
struct EmptyInputTests {
  /// A command, its exit status, and words of its messages.
  struct Row: Sendable, CustomTestStringConvertible {
    let command: String
    let status: Int32
    let says: String
    var testDescription: String { command }

    init(_ command: String, _ status: Int32, _ says: String) {
      (self.command, self.status, self.says) = (command, status, says)
    }
  }

  private static let inventory = "Fixtures/guide/inventory.yaml"
  private static let policies = "Fixtures/guide/01-sample"
  private static let noPolicy = "no policy was read, so that "

  static let rows: [Row] = [
    Row("lint \(inventory)", 2, "\(noPolicy)there is nothing to look for mistakes in"),
    Row("lint \(inventory) --format json", 2, ""),
    Row("lint namespace.yaml", 2, noPolicy),
    Row("lint calico.yaml", 2, noPolicy),
    Row(
      "assert expectations.yaml \(inventory)", 2, "\(noPolicy)everything is allowed and nothing is checked"),
    Row("assert empty.yaml \(policies) \(inventory)", 2, "the file contains no expectations"),
    Row("assert none.yaml \(policies) \(inventory)", 2, "the file contains no expectations"),
    Row("assert expectations.yaml \(policies)", 1, ""),
    Row("verify \(inventory)", 2, "\(noPolicy)every pod is open"),
    Row(
      "verify \(policies)", 2, "no pod with an address was read, so that there is nobody to deny anything to"),
    Row("verify namespace.yaml", 2, noPolicy),
    // A ruleset that was made before does something: it is held against the policies.
    Row("verify open.json \(inventory)", 2, ""),
    Row("verify --ruleset open.json \(inventory)", 0, "warning: \(noPolicy)every pod is open"),
    Row("verify --ruleset sample.json \(inventory)", 1, "warning: \(noPolicy)every pod is open"),
    Row("verify --ruleset open.json \(inventory) --strict", 2, noPolicy),
    Row("compile \(inventory) -o made.nft", 0, "netpolc: nothing to prove: no policy was read"),
    Row("compile \(policies) -o made.nft", 0, "netpolc: nothing to prove: no pod with an address was read"),
    Row("compile \(inventory) -o made.nft --strict", 2, "no-policies"),
    Row("diff \(inventory) \(inventory)", 0, "warning: \(noPolicy)neither revision has one"),
    Row("diff \(inventory) \(inventory) --strict", 2, noPolicy),
    Row("diff \(policies) namespace.yaml --inventory \(inventory)", 1, ""),
    Row(
      "explain default/hello-1 default/v2-client 80 \(inventory)", 0,
      "warning: \(noPolicy)everything is allowed"),
    Row("explain app=nowhere default/v2-client 80 \(policies) \(inventory)", 2, "app=nowhere"),
    Row("list \(inventory)", 0, "warning: \(noPolicy)everything is allowed"),
    Row("plan \(inventory)", 2, "no policy was read"), Row("plan \(policies)", 2, "no pod"),
  ]

  @Test("exit status and words", arguments: rows)
  func row(_ row: Row) throws {
    let folder = try TemporaryFolder()
    try folder.write("namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    try folder.write(
      "calico.yaml",
      "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {}\n"
    )
    let head = "apiVersion: netpolc/v1\nkind: Assertions\n"
    try folder.write(
      "expectations.yaml",
      head + "expectations:\n  - {expect: deny, from: {namespace: default}, to: {namespace: default}}\n")
    try folder.write("empty.yaml", "")
    try folder.write("none.yaml", head + "expectations: []\n")
    try folder.write(
      "open.json",
      CommandRun.netpolc("compile", Fixtures.path("guide/inventory.yaml"), "--format", "json").output)
    try folder.write(
      "sample.json",
      CommandRun.netpolc(
        "compile", Fixtures.path("guide/01-sample"), Fixtures.path("guide/inventory.yaml"), "--format", "json"
      ).output)
    let words = row.command.split(separator: " ").map { word in
      word.hasPrefix("Fixtures/") ? Fixtures.path(String(word.dropFirst(9))) : String(word)
    }
    let run = try CommandRun(BuiltProgram.netpolc, words, in: folder.path(""))
    #expect(run.status == row.status, "\(run.output)\(run.errors)")
    // Where an empty file of expectations is empty altogether it is not even a document.
    #expect((run.errors + run.output).contains(row.says), "\(run.output)\(run.errors)")
    if row.status == 2 { #expect(!run.errors.contains("proven"), "\(run.errors)") }
  }
}
