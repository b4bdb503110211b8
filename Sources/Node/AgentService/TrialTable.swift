import Diagnostics
import IncrementalLowering
import Logging
import Lowering
import NodeAgent
import PolicyModel
import Ruleset
import RulesetText

/// The table of a dry run: compiled and proved as one that is installed, and never sent.
struct TrialTable {
  private var compiled: IncrementalCompiler
  let modes: EnforcementModes

  /// Compiles a cluster.
  init(_ contents: ManifestContents, node: String, _ modes: EnforcementModes) throws(LiveCluster
    .Contradiction)
  {
    self.modes = modes
    var lowering = LoweringOptions(node: node)
    lowering.modes = modes
    compiled = try IncrementalCompiler(contents, lowering)
  }

  /// The table and what it was made from.
  var table: Table { compiled.table }
  var cluster: Cluster { compiled.resolvedCluster }

  /// The size of the table, as a clause.
  var summary: String {
    let table = compiled.table
    let elements = table.sets.reduce(0) { $0 + $1.elements.count }
    return
      "\(table.chains.count) chains, \(table.sets.count) sets of \(elements) elements, \(compiled.classSubjects.count) denying chains"
  }

  /// Takes events, and returns the transaction that they would make; nil where nothing would change.
  mutating func apply(_ events: [ClusterEvent]) -> String? {
    let delta = compiled.apply(events).delta
    if delta.isEmpty { return nil }
    return NFTPrinter.transaction(delta) ?? "the whole table would be replaced"
  }
}

extension AgentLoop {
  /// Works out what would be done, and reports it in the log.
  mutating func tryOut(_ wanted: EnforcementModes) {
    let events = ledger.take()
    do throws(LiveCluster.Contradiction) {
      if trial?.modes == wanted {
        if !events.isEmpty, let transaction = trial?.apply(events) {
          log.info("would change the table", metadata: ["transaction": "\(transaction.prefix(4000))"])
        } else if events.isEmpty {
          return
        }
      } else {
        let made = try TrialTable(state.contents, node: options.node, wanted)
        log.info("would install the table", metadata: ["size": "\(made.summary)"])
        trial = made
      }
      guard let trial else { return }
      let proof = TableProof(options, wanted, status)
      let objection = proof.objection(trial.table, trial.cluster)
      status.change { $0.obstacles["table"] = objection.map { "not proved, and would not be sent: \($0)" } }
    } catch {
      ledger.add(events)
      fail("table", error.diagnostics.map(\.message).joined(separator: "; "))
      trial = nil
    }
  }
}
