public import Addresses
public import KernelProgram
public import PolicyModel
public import Ruleset
public import Verification

/// The comparison of a table with the policies that it should enforce, and the time that it took.
///
/// ```swift
/// let proof = Proof(of: lowered.table, for: cluster, node: "node-a", modes)
/// if let objection = proof.objection { … }
/// ```
public struct Proof: Sendable {
  /// The cluster whose policies are the specification.
  public let cluster: Cluster
  /// The table that was compared; of a program, the listing that gives its rules their words.
  public let table: Table
  /// The modes that the table was held against.
  public let modes: EnforcementModes
  /// Proven, counterexamples, or undecided with the reasons.
  public let result: VerificationResult
  /// The time that the specification and the comparison took together.
  public let duration: Duration

  /// Compares a table with the policies of a cluster. The time grows with the classes of pods and the rules of the
  /// table, not with pods times policies.
  ///
  /// - Parameters:
  ///   - table: the table, without other tables' chains.
  ///   - cluster: the policies and pods.
  ///   - node: the node whose pods are isolated; nil: every pod.
  ///   - modes: the modes in which the table was made.
  ///   - families: the families of packets that are looked at.
  public init(
    of table: Table, for cluster: Cluster, node: String?, _ modes: EnforcementModes = EnforcementModes(),
    families: Set<IPFamily> = Set(IPFamily.allCases)
  ) {
    self.cluster = cluster
    self.modes = modes
    self.table = table
    var found: VerificationResult = .undecided([])
    duration = ContinuousClock().measure {
      found = Verifier.verify(table, for: cluster, node: node, modes: modes, families: families)
    }
    result = found
  }

  /// Compares a table with the policies of a cluster whose meaning is worked out already.
  ///
  /// - Parameters:
  ///   - table: the table, without other tables' chains.
  ///   - cluster: the policies and pods.
  ///   - modes: the modes in which the table was made.
  ///   - basis: the meaning of the same policies, in the same modes.
  public init(of table: Table, for cluster: Cluster, _ modes: EnforcementModes, _ basis: ProofBasis) {
    self.cluster = cluster
    self.modes = modes
    self.table = table
    var found: VerificationResult = .undecided([])
    duration = basis.duration + ContinuousClock().measure { found = basis.verify(table) }
    result = found
  }

  /// Compares what the kernel executes with the policies of a cluster.
  ///
  /// - Parameters:
  ///   - program: the table as the kernel holds it.
  ///   - listing: the same table with its rules as text, for counterexamples. Nothing is concluded from it.
  ///   - cluster: the policies and pods.
  ///   - node: the node whose pods are isolated; nil: every pod.
  ///   - modes: the modes in which the table was made.
  ///   - reasons: what else of the kernel is not looked at, such as another table that drops packets; with any of them
  ///     nothing is proven.
  public init(
    of program: KernelTable, listedAs listing: Table? = nil, for cluster: Cluster, node: String?,
    _ modes: EnforcementModes = EnforcementModes(), besides reasons: [UndecidedReason] = []
  ) {
    self.cluster = cluster
    self.modes = modes
    table = listing ?? Table(program.family, program.name)
    var found: VerificationResult = .undecided([])
    duration = ContinuousClock().measure {
      found = Verifier.verify(program, for: cluster, node: node, modes: modes)
    }
    result = found.isProven && !reasons.isEmpty ? .undecided(reasons) : found
  }

  /// The counterexamples with names of pods, policies and rules; empty unless the result is a counterexample.
  public var counterexamples: [CounterexampleText] {
    guard case .counterexample(let found) = result else { return [] }
    return found.map { CounterexampleText(counterexample: $0, cluster: cluster, table: table) }
  }

  /// The first reason why the table is not proven, as text of one or more lines; nil where it is proven.
  public var objection: String? {
    switch result {
    case .proven: nil
    case .counterexample: counterexamples.first?.text ?? "a counterexample was found"
    case .undecided(let reasons): reasons.first?.description ?? "undecided"
    }
  }

  /// The duration in words: `12 ms`, `1.4 s`.
  public var time: String {
    let milliseconds =
      duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    return milliseconds < 1_000
      ? "\(milliseconds) ms" : "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
  }

  /// The statement that a successful proof establishes, as a clause:
  /// `the ruleset does what the policies say, for every packet`.
  public var promise: String {
    var promise =
      modes.isAudit
      ? "the ruleset drops nothing and counts what the policies deny"
      : "the ruleset does what the policies say"
    if !modes.unknownPodBlocks.isEmpty {
      promise += modes.isAudit ? ", and unknown pods" : " and denies unknown pods"
    }
    if modes.sourceCheck != .off {
      promise += modes.isAudit ? ", and forged sources" : " and drops forged sources"
    }
    if modes.established == .recheck { promise += ", also on connections that exist" }
    return promise + ", for every packet"
  }
}
