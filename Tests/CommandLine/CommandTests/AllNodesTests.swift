import Foundation
import TestSupport
import Testing

@Suite("netpolc compile --all-nodes", .bounded)
struct AllNodesTests {
  private static let sample = ["Fixtures/guide/01-sample/policy.yaml", "Fixtures/guide/inventory.yaml"]

  @Test(
    "every node's files are those of --node, byte for byte",
    arguments: [[], ["--no-verify"], ["--format", "json"]])
  func same(options: [String]) throws {
    let folder = try TemporaryFolder()
    let all = try CommandRun(
      BuiltProgram.netpolc, ["compile"] + Self.sample + ["--all-nodes", "-o", folder.path("all")] + options)
    #expect(all.status == 0, "\(all.errors)")
    #expect(all.output.isEmpty)
    #expect(all.errors.contains("rulesets of 2 nodes in "))
    let ending = options.contains("json") ? "json" : "nft"
    for node in ["node-a", "node-b"] {
      let one = try CommandRun(
        BuiltProgram.netpolc,
        ["compile"] + Self.sample + ["--node", node, "-o", folder.path("\(node).\(ending)")] + options)
      #expect(one.status == 0, "\(one.errors)")
      for file in ["\(node).\(ending)", "\(node).map.json"] {
        let own = try Data(contentsOf: URL(filePath: folder.path(file)))
        #expect(try Data(contentsOf: URL(filePath: folder.path("all/\(file)"))) == own, "\(file)")
      }
    }
  }

  @Test(
    "what does not go together is told",
    arguments: [
      (["--all-nodes"], "--all-nodes needs a directory"),
      (["--all-nodes", "-o", "x", "--node", "node-a"], "exclude each other"),
      (["--all-nodes", "-o", "x", "--check"], "for one node"),
    ])
  func misuse(options: [String], words: String) throws {
    let run = try CommandRun(BuiltProgram.netpolc, ["compile"] + Self.sample + options)
    #expect(run.status == 2)
    #expect(run.errors.contains(words))
  }

  @Test("a pipe on standard error sees no progress")
  func quiet() throws {
    let run = try CommandRun(BuiltProgram.netpolc, ["compile"] + Self.sample)
    #expect(!run.errors.contains("\r"))
  }
}
