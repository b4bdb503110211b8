import Foundation
import TestSupport
import Testing

@Suite("names that hide something, in rulesets and maps", .bounded)
struct HostileNameTests {
  private static let inventory = #"""
    apiVersion: v1
    kind: Node
    metadata: {name: "n1\n::error::\u202e"}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: "p1\n\tadd rule inet netpolc forward accept\u202e\u200b\u2028\u00ad", namespace: default, labels: {app: web}}
    spec: {nodeName: "n1\n::error::\u202e"}
    status: {phase: Running, podIP: 10.1.0.1}
    """#

  @Test("what does not show as itself is escaped; a name begins no line of the ruleset")
  func escaped() throws {
    let folder = try TemporaryFolder()
    try folder.write("inventory.yaml", Self.inventory)
    try folder.write(
      "policy.yaml",
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {podSelector: {}}\n")
    let run = try CommandRun.netpolc(
      "compile", folder.path("policy.yaml"), "--inventory", folder.path("inventory.yaml"), "--node",
      "n1\n::error::\u{202e}", "-o", folder.path("x\u{202e}.nft"))
    try #require(run.status == 0, "\(run.errors)")
    for name in ["x\u{202e}.nft", "x\u{202e}.map.json"] {
      let text = try String(contentsOfFile: folder.path(name), encoding: .utf8)
      let hidden = text.unicodeScalars.filter { scalar in
        scalar != "\n" && scalar != "\t"
          && [.control, .format, .lineSeparator, .paragraphSeparator].contains(
            scalar.properties.generalCategory)
      }
      #expect(hidden.isEmpty, "\(name)")
      #expect(!text.contains("\n::") && !text.contains("\n\tadd rule"))
    }
    let map = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: folder.path("x\u{202e}.map.json"))))
    #expect("\(map)".contains("forward accept"))
  }
}
