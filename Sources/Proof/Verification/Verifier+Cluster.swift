public import Addresses
import Assembler
public import KernelProgram
public import PolicyModel
import Reachability
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
    let decoded = program.decoded(IPFamily.allCases.filter(families.contains))
    if cluster.pods.count >= least, cluster.policies.contains(where: \.tier.isOfCluster) {
      let subjects = cluster.pods.indices.map { pod in node.map { cluster.pods[pod].isOn($0) } ?? true }
      if let standIns = StandIns(cluster, subjects: subjects, decoded, modes) {
        let result = Verifier(standIns, modes: modes, limit: 8).verify(program, decoded)
        // A packet that only stand-ins can send, or about which the two ways to execute a table disagree, shows nothing.
        guard case .undecided(let reasons) = result, reasons.contains(where: \.isOfOnePacket) else {
          return result
        }
      }
    }
    return Verifier(Specification(cluster, node: node), modes: modes).verify(program, decoded)
  }
}

extension UndecidedReason {
  /// True where one packet, not the table, is the reason.
  fileprivate var isOfOnePacket: Bool { text == StandIns.doubt || text.hasPrefix("internal error") }
}
