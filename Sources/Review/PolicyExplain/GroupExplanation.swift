public import Connectivity
public import PolicyTrace

/// What becomes of the connections between two groups of ends: the pods of a selector, or one end.
public struct GroupExplanation: Sendable {
  /// Senders and receivers: each of the ones with each of the others, but no pod with itself.
  public struct Block: Sendable, Hashable {
    /// Who sends.
    public let sources: EndpointGroup
    /// Who receives.
    public let destinations: EndpointGroup
  }

  /// Pairs that the same policies treat alike.
  public struct Verdict: Sendable {
    /// Whether what was asked about is allowed in every family that both ends have.
    public let isAllowed: Bool
    /// How many pairs.
    public let pairs: Int
    /// Which.
    public let blocks: [Block]
    /// The first of them, once for each family that both ends have.
    public let example: [Explanation]

    /// The explanation that decides: the first that denies, if one does.
    public var telling: Explanation? { example.first { !$0.isAllowed } ?? example.first }
  }

  /// The senders, as they were named.
  public let source: String
  /// The receivers, as they were named.
  public let destination: String
  /// The protocol and port that were asked about; nil: whether anything is allowed.
  public let traffic: TrafficReference?
  /// Each verdict: denied first, then those of the most pairs.
  public let verdicts: [Verdict]
  /// Pairs without an address family in common: nothing goes between them.
  public let strangers: Int

  /// How many pairs have a family in common.
  public var pairs: Int { verdicts.reduce(0) { $0 + $1.pairs } }
  /// How many of them are allowed.
  public var allowedPairs: Int { verdicts.reduce(0) { $0 + ($1.isAllowed ? $1.pairs : 0) } }
  /// Whether all are.
  public var isAllowed: Bool { verdicts.allSatisfy(\.isAllowed) }
}
