import Lowering
import PolicyModel
import RulesetText
import TestSupport
import Testing

@Suite("golden rulesets", .bounded)
struct GoldenRulesetTests {
  static let guide = Fixtures.folders(in: "guide").map { "guide/\($0)" }
  static let scenarios = Fixtures.folders(in: "scenarios").map { "scenarios/\($0)" }

  @Test("the ruleset of every fixture is the expected one, byte for byte", arguments: guide + scenarios)
  func ruleset(name: String) throws {
    let scenario = name.hasPrefix("guide/") ? Scenario(name, "guide/inventory.yaml") : Scenario(name)
    #expect(scenario.errors.isEmpty, "\(scenario.errors)")
    var lowerer = Lowerer(scenario.cluster)
    let lowered = lowerer.lower()
    let text = NFTPrinter.replacing(lowered.table, annotations: lowered.annotations)
    if let difference = Golden("\(name)/expected.nft").difference(from: text) {
      Issue.record("\(difference)")
    }
  }

  @Test(
    "the ruleset with a counter for each rule of ClusterNetworkPolicy is the expected one, byte for byte",
    arguments: ["administrators-and-tenants", "ten-ordered-rules"])
  func counted(name: String) throws {
    let scenario = Scenario("scenarios/\(name)")
    var lowerer = Lowerer(scenario.cluster)
    let lowered = lowerer.lower(LoweringOptions(modes: EnforcementModes(counts: .rules)))
    let text = NFTPrinter.replacing(lowered.table, annotations: lowered.annotations)
    if let difference = Golden("scenarios/\(name)/counted.nft").difference(from: text) {
      Issue.record("\(difference)")
    }
  }

  @Test("the order of objects, labels and addresses is forgotten", arguments: guide + scenarios)
  func order(name: String) throws {
    let scenario = name.hasPrefix("guide/") ? Scenario(name, "guide/inventory.yaml") : Scenario(name)
    var generator = SeededGenerator(seed: 7)
    var contents = scenario.contents
    let expected = Self.text(contents)
    for _ in 0..<5 {
      contents.pods.shuffle(using: &generator)
      contents.policies.shuffle(using: &generator)
      contents.namespaces.shuffle(using: &generator)
      contents.nodes.shuffle(using: &generator)
      #expect(Self.text(contents) == expected)
    }
  }

  @Test("random clusters in any order give one text", arguments: UInt64(1)...60)
  func randomOrder(seed: UInt64) {
    var contents = RandomCluster(seed: seed, pods: 14, policies: 8).contents
    let expected = Self.text(contents)
    var generator = SeededGenerator(seed: seed)
    contents.pods.shuffle(using: &generator)
    contents.policies.shuffle(using: &generator)
    contents.namespaces.shuffle(using: &generator)
    #expect(Self.text(contents) == expected, "seed \(seed)")
  }

  private static func text(_ contents: ManifestContents) -> String {
    var lowerer = Lowerer(Cluster.resolve(contents).cluster)
    let lowered = lowerer.lower()
    return NFTPrinter.replacing(lowered.table, annotations: lowered.annotations)
  }
}
