import Foundation
import TestSupport
import Testing

@Suite("netpolc compile", .bounded)
struct CompileTests {
  static let sample = ["Fixtures/guide/01-sample/policy.yaml", "Fixtures/guide/inventory.yaml"]

  @Test("the ruleset goes to standard output, everything for people to standard error")
  func streams() throws {
    let run = try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1])
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("# netpolc "))
    #expect(run.output.hasSuffix("}\n"))
    #expect(!run.output.contains("\nnetpolc: "))
    #expect(run.errors.contains("netpolc: proven in "))
    #expect(
      run.errors.contains("netpolc: 1 policy, 2 of 15 pods isolated, 2 classes, 21 rules, 19 elements\n"))
  }

  @Test("the same input in any order, from files or a folder, gives the same bytes")
  func order() throws {
    let folder = try TemporaryFolder()
    let expected = try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1]).output
    #expect(try CommandRun.netpolc("compile", Self.sample[1], Self.sample[0]).output == expected)
    #expect(
      try CommandRun.netpolc("compile", Self.sample[0], "--inventory", Self.sample[1]).output == expected)
    let documents = try Fixtures.text("guide/inventory.yaml").components(separatedBy: "\n---\n")
    try folder.write("all.yaml", documents.reversed().joined(separator: "\n---\n"))
    try folder.write("deep/policy.yml", Fixtures.text("guide/01-sample/policy.yaml"))
    #expect(try CommandRun.netpolc("compile", folder.path(".")).output == expected)
    let piped = try CommandRun.netpolc(
      "compile", "-", "--inventory", Self.sample[1], input: Fixtures.text("guide/01-sample/policy.yaml"))
    #expect(piped.output == expected)
  }

  @Test("--node isolates the pods of a node; peers are the whole inventory")
  func node() throws {
    let run = try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1], "--node", "node-b")
    #expect(run.status == 0)
    #expect(run.output.contains("elements = { 10.244.2.5 : jump in4-default/my-network-policy }"))
    #expect(run.output.contains("elements = { 10.244.1.21, 10.244.2.20 }"))
    let unknown = try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1], "--node", "node-z")
    #expect(unknown.status == 2)
    #expect(unknown.output.isEmpty)
    #expect(
      unknown.errors.hasPrefix(
        "error: --node: no pod runs on node \"node-z\"; the inventory has node-a, node-b [unknown-node]\n"))
  }

  @Test("-o writes the ruleset and its map, whole")
  func output() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1], "-o", folder.path("x.nft"))
    #expect(run.status == 0)
    #expect(run.output.isEmpty)
    #expect(folder.files == ["x.map.json", "x.nft"])
    let map = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: folder.path("x.map.json"))))
    let schema = try JSONSchema(
      String(contentsOf: Fixtures.package.appending(path: "docs/schemas/map.schema.json"), encoding: .utf8))
    let text = try String(contentsOf: URL(filePath: folder.path("x.map.json")), encoding: .utf8)
    #expect(schema.complaints(about: try ParsedJSON(parsing: text)) == [])
    let object = try #require(map as? [String: Any])
    #expect(object["apiVersion"] as? String == "netpolc/v1")
    let rules = try #require(object["rules"] as? [[String: Any]])
    let first = try #require(rules.first { $0["chain"] as? String == "in4-default/my-network-policy" })
    let sources = try #require(first["sources"] as? [[String: Any]])
    #expect(sources.first?["file"] as? String == "Fixtures/guide/01-sample/policy.yaml")
    #expect(sources.first?["line"] as? Int == 18)
    #expect(sources.first?["field"] as? String == "spec.ingress[0].from[0]")
    // A second run replaces both.
    #expect(
      try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1], "-o", folder.path("x.nft")).status
        == 0)
    #expect(folder.files == ["x.map.json", "x.nft"])
  }

  @Test("where one of ruleset and map cannot be written, neither is", arguments: ["x.nft", "x.map.json"])
  func oneOfTwo(taken: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path(taken), withIntermediateDirectories: false)
    let run = try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1], "-o", folder.path("x.nft"))
    #expect(run.status == 2)
    #expect(run.errors.contains("\(taken): cannot write: Is a directory"))
    #expect(folder.files == [taken])
  }

  @Test(
    "bad input: nothing on standard output, no file, exit status 2",
    arguments: [
      ("no such file", ["compile", "no-such-file.yaml"]),
      ("no path", ["compile"]),
      ("an unknown option", ["compile", "--nonsense", "x"]),
      ("a bad format", ["compile", "--format", "xml", "Fixtures/guide/01-sample"]),
      ("standard input twice", ["compile", "-", "-"]),
      ("a policy with errors", ["compile", "Fixtures/diagnostics"]),
      (
        "policies in the inventory",
        ["compile", "Fixtures/guide/01-sample", "--inventory", "Fixtures/guide/01-sample"]
      ),
      ("an unknown command", ["compose"]),
    ])
  func refused(name: String, arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let output = name == "an unknown command" ? [] : ["-o", folder.path("x.nft")]
    let run = try CommandRun(BuiltProgram.netpolc, arguments + output)
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.output.isEmpty)
    #expect(!run.errors.isEmpty)
    #expect(folder.files.isEmpty)
  }

  @Test("the map ties ruleset, policies and inventory together, and verify holds them against it")
  func seal() throws {
    let folder = try TemporaryFolder()
    let (ruleset, map) = (folder.path("x.nft"), folder.path("x.map.json"))
    #expect(try CommandRun.netpolc("compile", Self.sample[0], Self.sample[1], "-o", ruleset).status == 0)
    let same = try CommandRun.netpolc(
      "verify", Self.sample[0], Self.sample[1], "--ruleset", ruleset, "--map", map)
    #expect(same.status == 0, "\(same.errors)")
    #expect(
      same.errors.contains("is about this ruleset, these policies and this inventory; its verdict: proven\n"))
    let other = try CommandRun.netpolc(
      "verify", "Fixtures/guide/03-two-peers", Self.sample[1], "--ruleset", ruleset, "--map", map)
    #expect(other.status == 1)
    #expect(other.errors.contains("x.map.json: policies: digest mismatch: the map has "))
    try folder.write("x.nft", String(contentsOfFile: ruleset, encoding: .utf8) + "# a word more\n")
    let edited = try CommandRun.netpolc(
      "verify", Self.sample[0], Self.sample[1], "--ruleset", ruleset, "--map", map)
    #expect(edited.status == 1)
    #expect(edited.errors.contains("x.map.json: ruleset: digest mismatch: the map has "))
  }

  @Test("contradictions between objects name both places")
  func contradictions() throws {
    let folder = try TemporaryFolder()
    let policy = """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: twice}
      spec: {podSelector: {}}
      """
    try folder.write("a.yaml", policy)
    try folder.write("b.yaml", policy)
    func pod(_ name: String) -> String {
      "apiVersion: v1\nkind: Pod\nmetadata: {name: \(name)}\nstatus: {phase: Running, podIP: 10.0.0.1}\n"
    }
    try folder.write("pods.yaml", pod("one") + "---\n" + pod("two"))
    func node(_ name: String, _ block: String) -> String {
      "apiVersion: v1\nkind: Node\nmetadata: {name: \(name)}\nspec: {podCIDRs: [\(block)]}\n"
    }
    try folder.write("nodes.yaml", node("n1", "10.0.0.0/16") + "---\n" + node("n2", "10.0.1.0/24"))
    let run = try CommandRun.netpolc(
      "compile", "a.yaml", "b.yaml", "pods.yaml", "nodes.yaml", in: folder.path("."))
    #expect(run.status == 2)
    let expected = [
      "b.yaml:1:1: error: metadata.name: NetworkPolicy \"default/twice\" is written twice [duplicate-name]",
      "a.yaml:1:1: note: first written here",
      "pods.yaml:6:1: warning: status.podIPs: address 10.0.0.1 of pod default/two is also that of pod default/one: it may do only what each of them may [duplicate-address]",
      "pods.yaml:1:1: note: pod default/one",
      "nodes.yaml:6:1: warning: spec.podCIDRs: 10.0.1.0/24 of node n2 overlaps 10.0.0.0/16 of node n1 [overlapping-pod-cidrs]",
    ]
    for line in expected { #expect(run.errors.contains(line + "\n"), "missing: \(line)\nin:\n\(run.errors)") }
  }

  @Test("an object that two inputs have alike is one; of two that differ, both places are named")
  func overlappingInputs() throws {
    let folder = try TemporaryFolder()
    func namespace(_ labels: String) -> String {
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {\(labels)}}\n---\n"
    }
    func node(_ address: String) -> String {
      "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: \(address)}]}\n---\n"
    }
    func deployment(_ label: String) -> String {
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec: {template: {metadata: {labels: {app: \(label)}}, spec: {containers: [{name: c}]}}}

      """
    }
    let policy = """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: p, namespace: shop}
      spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}
      """
    try folder.write("repo/policies.yaml", policy)
    try folder.write("repo/objects.yaml", namespace("team: a") + node("10.9.0.1") + deployment("web"))
    try folder.write(
      "dump.yaml",
      namespace("kubernetes.io/metadata.name: shop, team: a") + node("10.9.0.1") + deployment("web"))
    for inventory in ["dump.yaml", "repo/objects.yaml"] {
      let run = try CommandRun.netpolc(
        "explain", "shop/deployment/web", "10.0.0.1", "80", "repo", "--inventory", inventory,
        in: folder.path("."))
      #expect(run.status == 0, "\(inventory): \(run.errors)")
    }
    try folder.write("dump.yaml", namespace("team: b") + node("10.9.0.2") + deployment("api"))
    let run = try CommandRun.netpolc(
      "explain", "shop/deployment/web", "10.0.0.1", "80", "repo", "--inventory", "dump.yaml",
      in: folder.path("."))
    #expect(run.status == 2)
    for object in ["Namespace \"shop\"", "Node \"n1\"", "Deployment \"shop/web\""] {
      let line = "error: metadata.name: \(object) is written twice, and not the same [duplicate-name]\n"
      #expect(run.errors.contains(line), "missing: \(line)\nin:\n\(run.errors)")
    }
  }

  @Test("warnings are told and counted; --strict makes them errors")
  func warnings() throws {
    let input = """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: nobody}
      spec: {podSelector: {matchLabels: {app: none}}, ingress: [{ports: [{port: http}]}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: names}
      spec: {podSelector: {}, ingress: [{ports: [{port: http}]}]}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: default}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      status: {phase: Running, podIP: 10.0.0.1}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: done}
      status: {phase: Succeeded, podIP: 10.0.0.2}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: new}
      status: {phase: Pending}
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: settings}
      """
    let run = try CommandRun.netpolc("compile", "-", "--no-verify", input: input)
    #expect(run.status == 0)
    if let difference = Golden("commands/compile-warnings.txt").difference(from: run.errors) {
      Issue.record("\(difference)")
    }
    let strict = try CommandRun.netpolc("compile", "-", "--strict", input: input)
    #expect(strict.status == 2)
    #expect(strict.output.isEmpty)
    #expect(strict.errors.hasSuffix("netpolc: 2 errors; nothing was written or applied\n"))
  }
}
