public import PolicyTrace

/// The result of comparing a ruleset with its policies.
public enum VerificationResult: Sendable {
  /// Every packet of the model is treated as it must be.
  case proven(Statistics)
  /// These packets are not; each was followed through the ruleset by itself to make sure.
  case counterexample([Counterexample])
  /// Something is not modelled, so nothing is claimed.
  case undecided([UndecidedReason])

  /// The amounts of work done.
  public struct Statistics: Sendable, Hashable {
    /// Combinations of family, connection state and first bytes, each executed once.
    public var cases = 0
    /// Classes of subjects of the specification.
    public var classes = 0
    /// Chains of the table.
    public var chains = 0
    /// Rules of the table.
    public var rules = 0
    /// Elements of the table's sets and maps.
    public var elements = 0
    /// Entries of all diagrams together.
    public var diagramEntries = 0
  }

  /// True where it was proved.
  public var isProven: Bool {
    if case .proven = self { true } else { false }
  }
}

/// A packet that the ruleset treats otherwise than it must.
public struct Counterexample: Sendable {
  /// The packet of the counterexample.
  public let packet: Packet
  /// The pod that has the source address, as an index of `Cluster.pods`.
  public let sourcePod: Int?
  /// The pod that has the destination address, as an index of `Cluster.pods`.
  public let destinationPod: Int?
  /// The decision that the policies require.
  public let expected: Decision
  /// The decision of the ruleset, and the packet's path.
  public let evaluation: Evaluation
  /// The promise that is broken.
  public let requirement: Requirement
  /// The verdict of the source's policies with its reasons; nil when the source is no subject.
  public let egress: DirectionTrace?
  /// The verdict of the destination's policies with its reasons; nil when the destination is no subject.
  public let ingress: DirectionTrace?

  /// The decision of the ruleset.
  public var actual: Decision { expected == .accept ? .drop : .accept }
}
