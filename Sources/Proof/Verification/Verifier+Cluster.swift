public import Addresses
import Assembler
public import KernelProgram
public import PolicyModel
public import Ruleset

extension Verifier {
  /// Verifies a table by the instructions that libnftables makes of its text; as below.
  public static func verify(
    _ table: Table, for cluster: Cluster, node: String?, modes: EnforcementModes = EnforcementModes(),
    families: Set<IPFamily> = Set(IPFamily.allCases), standInsFrom least: Int = 1_000
  ) -> VerificationResult {
    verify(
      Assembler.assemble(table), for: cluster, node: node, modes: modes, families: families,
      standInsFrom: least)
  }

  /// Verifies what the kernel executes for a node of a cluster.
  ///
  /// Rules in order are worked out over all addresses that they name. In a large cluster with tiers of ClusterNetworkPolicy
  /// a few pods stand for all those that are treated alike.
  ///
  /// - Parameters:
  ///   - program: the table as the kernel holds it.
  ///   - cluster: the policies and pods.
  ///   - node: the node whose pods are isolated; nil: every pod.
  ///   - modes: the modes in which the table was made.
  ///   - families: the families of packets that are looked at.
  ///   - least: the number of pods from which on some stand for others.
  /// - Returns: the result as it would be with every pod.
  public static func verify(
    _ program: KernelTable, for cluster: Cluster, node: String?, modes: EnforcementModes = EnforcementModes(),
    families: Set<IPFamily> = Set(IPFamily.allCases), standInsFrom least: Int = 1_000
  ) -> VerificationResult {
    ProofBasis(cluster, node: node, modes: modes, families: families, standInsFrom: least).verify(program)
  }
}
