public import Addresses
import Assembler
public import KernelProgram
public import PolicyModel
import Reachability
public import Ruleset

/// The meaning of a cluster's policies, against which tables are held.
///
/// It is made from policies and pods alone, so that it can be worked out while another thread makes the table. In a large
/// cluster with tiers of ClusterNetworkPolicy it is the meaning for stand-ins, as far as the policies distinguish pods; a table
/// that distinguishes more gets stand-ins of its own.
public final class ProofBasis {
  /// The time that it took to make it.
  public let duration: Duration
  private let cluster: Cluster
  private let node: String?
  private let modes: EnforcementModes
  private let families: [IPFamily]
  private let standIns: (parts: StandInParts, verifier: Verifier)?
  /// The verifier with every pod, once it was needed.
  private var everyPod: Verifier?

  /// The basis for tables of a node.
  ///
  /// - Parameters:
  ///   - cluster: the policies and pods.
  ///   - node: the node whose pods are isolated; nil: every pod.
  ///   - modes: the modes in which the table is made.
  ///   - families: the families of packets that are looked at.
  ///   - least: the number of pods from which on some stand for others.
  /// - Complexity: O(n log n) in the pods and the groups of the peers together.
  public init(
    _ cluster: Cluster, node: String?, modes: EnforcementModes = EnforcementModes(),
    families: Set<IPFamily> = Set(IPFamily.allCases), standInsFrom least: Int = 1_000
  ) {
    let started = ContinuousClock.now
    self.cluster = cluster
    self.node = node
    self.modes = modes
    self.families = IPFamily.allCases.filter(families.contains)
    var parts: StandInParts?
    if cluster.pods.count >= least, cluster.policies.contains(where: \.tier.isOfCluster) {
      let subjects = cluster.pods.indices.map { pod in node.map { cluster.pods[pod].isOn($0) } ?? true }
      parts = StandInParts(cluster, subjects: subjects, self.families, modes)
    }
    standIns = parts.map { ($0, Verifier(StandIns($0), modes: modes, limit: 8)) }
    if standIns == nil { everyPod = Verifier(Specification(cluster, node: node), modes: modes) }
    duration = started.duration(to: .now)
  }

  /// Verifies a table by the instructions that libnftables makes of its text.
  public func verify(_ table: Table) -> VerificationResult { verify(Assembler.assemble(table)) }

  /// Verifies what the kernel executes.
  ///
  /// - Parameter program: the table as the kernel holds it.
  /// - Returns: the result as it would be with every pod.
  public func verify(_ program: KernelTable) -> VerificationResult {
    let decoded = program.decoded(families)
    guard let standIns else { return verifyWithEveryPod(program, decoded) }
    var verifier = standIns.verifier
    if !standIns.parts.suffice(for: decoded) {
      var parts = standIns.parts
      parts.divide(by: decoded)
      verifier = Verifier(StandIns(parts), modes: modes, limit: 8)
    }
    let result = verifier.verify(program, decoded)
    // A packet that only stand-ins can send, or about which the two ways to execute a table disagree, shows nothing.
    guard case .undecided(let reasons) = result, reasons.contains(where: \.isOfOnePacket) else {
      return result
    }
    return verifyWithEveryPod(program, decoded)
  }

  private func verifyWithEveryPod(
    _ program: KernelTable, _ decoded: [(family: IPFamily, table: Table)]
  ) -> VerificationResult {
    let verifier = everyPod ?? Verifier(Specification(cluster, node: node), modes: modes)
    everyPod = verifier
    return verifier.verify(program, decoded)
  }
}

extension UndecidedReason {
  /// True where one packet, not the table, is the reason.
  fileprivate var isOfOnePacket: Bool { text == StandIns.doubt || text.hasPrefix("internal error") }
}
