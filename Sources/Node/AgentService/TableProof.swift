import Addresses
import KernelProgram
import NodeCompiler
import PolicyModel
import Proving
import Ruleset
import Verification

/// The proof that a table does what a node's policies say.
struct TableProof: Sendable {
  let node: String
  let modes: EnforcementModes
  let status: AgentStatus

  init(_ options: AgentOptions, _ modes: EnforcementModes, _ status: AgentStatus) {
    node = options.node
    self.modes = modes
    self.status = status
  }

  /// A reason why the table is not proved; nil where it is.
  func objection(
    _ table: Table, _ cluster: Cluster, _ families: Set<IPFamily> = Set(IPFamily.allCases)
  ) -> String? {
    judge(Proof(of: table, for: cluster, node: node, modes, families: families))
  }

  /// A reason why what the kernel executes is not proved; nil where it is.
  func objection(_ program: KernelTable, _ cluster: Cluster) -> String? {
    judge(Proof(of: program, for: cluster, node: node, modes))
  }

  private func judge(_ proof: Proof) -> String? {
    status.change {
      $0.proofSeconds = proof.duration / .seconds(1)
      $0.proving.add(proof.duration)
      $0.verdict =
        switch proof.result {
        case .proven: .proven
        case .counterexample: .counterexample
        case .undecided: .undecided
        }
    }
    guard let objection = proof.objection else { return nil }
    status.count("netpolc_agent_proof_failures_total")
    return objection
  }
}
