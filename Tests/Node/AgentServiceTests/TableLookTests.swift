import Addresses
import IncrementalLowering
import LinuxNet
import Lowering
import PolicyModel
import Ruleset
import RulesetText
import TestSupport
import Testing

@testable import AgentService

@Suite("Looks at the table in force", .needsRoot, .bounded)
struct TableLookTests {
  private let namespace: NetworkNamespace
  private let compiled: IncrementalCompiler

  init() throws {
    namespace = try NetworkNamespace()
    var contents = ManifestContents()
    contents.namespaces = [Namespace(name: "a")]
    contents.pods = [("web", "10.0.0.1"), ("db", "10.0.0.2")].map { name, address in
      Pod(
        namespace: "a", name: name, labels: ["app": name], addresses: [IPAddress(address)].compactMap(\.self),
        node: "n", origin: .nowhere)
    }
    contents.policies = [
      Policy(
        id: PolicyID(namespace: "a", name: "web"),
        subjects: PodSet(.own, LabelSelector(matchLabels: ["app": "web"])), ingress: [], egress: nil,
        origin: .nowhere)
    ]
    compiled = try IncrementalCompiler(contents, LoweringOptions(node: "n"))
  }

  /// Loads a table, looks at it, and returns the outcomes.
  private func look(at table: Table, loaded: Table? = nil) throws -> (
    KernelComparison.Outcome?, TableLook.Judgement?
  ) {
    let text = NFTPrinter.print(Ruleset([loaded ?? table]))
    let run = try namespace.run {
      Result { try CommandRun("/usr/sbin/nft", ["-f", "-"], input: text) }
    }.get()
    try #require(run.status == 0, "\(run.errors)")
    let status = AgentStatus()
    let folder = try TemporaryFolder()
    let look = TableLook(
      table: { table }, subjects: { [:] }, revision: 1, pretendsDifference: false,
      proof: .init(
        cluster: { [compiled] in compiled.resolvedCluster },
        proof: TableProof(AgentOptions(node: "n"), compiled.options.modes, status)),
      saves: true, saved: SavedTable(directory: folder.path("library")), node: "n", boot: "b", blocks: [],
      pods: { [] })
    var (outcome, judgement): (KernelComparison.Outcome?, TableLook.Judgement?) = (nil, nil)
    try namespace.run {
      look.run { input in
        switch input {
        case .looked(let result): outcome = result.outcome
        case .examined(let result):
          judgement = result.proof
          #expect((result.saving != nil) == (result.proof?.objection == nil), "what is wrong is not saved")
        default: Issue.record("another input")
        }
      }
    }
    return (outcome, judgement)
  }

  @Test("a table that does what the policies say is the same, proved and saved")
  func right() throws {
    let (outcome, judgement) = try look(at: compiled.table)
    #expect(outcome == .same)
    #expect(judgement != nil && judgement?.objection == nil)
  }

  @Test("a table that the kernel executes as it was sent, and that is wrong, is found by its proof")
  func wrong() throws {
    var table = compiled.table
    // What an event may have lost: a pod is not isolated any more.
    let place = try #require(table.maps.firstIndex { $0.name == "ingress4" })
    #expect(table.maps[place].elements.count == 1)
    table.maps[place].elements = []
    let (outcome, judgement) = try look(at: table)
    #expect(outcome == .same)
    #expect(
      judgement?.objection?.contains("should be dropped, but is accepted") == true,
      "\(String(describing: judgement))")
  }

  @Test("a table that is another in the kernel is not proved at all")
  func other() throws {
    var table = compiled.table
    table.maps = table.maps.map { map in
      var map = map
      map.elements = []
      return map
    }
    let (outcome, judgement) = try look(at: compiled.table, loaded: table)
    guard case .different = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(judgement == nil)
  }
}
