import Addresses
import KernelProgram
import PolicyModel
import Proving
import Ruleset

/// The proof that a table does what a node's policies say.
struct TableProof: Sendable {
  let node: String
  let modes: EnforcementModes
  let status: AgentStatus

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
    status.change { $0.proofSeconds = proof.duration / .seconds(1) }
    guard let objection = proof.objection else { return nil }
    status.count("netpolc_agent_proof_failures_total")
    return objection
  }
}
