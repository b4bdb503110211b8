public import Connectivity
public import PolicyTrace

/// The verdicts about the connections between two groups of ends: the pods of a selector, or one end.
public struct GroupExplanation: Sendable {
  /// Senders and receivers: each of the ones with each of the others, but no pod with itself.
  public struct Block: Sendable, Hashable {
    /// The senders of the connections.
    public let sources: EndpointGroup
    /// The receivers of the connections.
    public let destinations: EndpointGroup
  }

  /// Pairs that the same policies treat alike.
  public struct Verdict: Sendable {
    /// Allowed where what was asked about is so in every family that both ends have.
    public let verdict: Answer.Verdict
    /// True where every family that both ends have lets the traffic pass.
    public var isAllowed: Bool { verdict == .allowed }
    /// The number of pairs with this verdict.
    public let pairs: Int
    /// The pairs with this verdict, as blocks.
    public let blocks: [Block]
    /// The first of them, once for each family that both ends have.
    public let example: [Explanation]

    /// The explanation that decides: the first that denies, if one does.
    public var examplePacket: Explanation? { example.first { !$0.isAllowed } ?? example.first }
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

  /// The number of pairs that have a family in common.
  public var pairs: Int { verdicts.reduce(0) { $0 + $1.pairs } }
  /// The number of these pairs that are allowed.
  public var allowedPairs: Int { verdicts.reduce(0) { $0 + ($1.isAllowed ? $1.pairs : 0) } }
  /// Allowed where all are; denied where one certainly is not.
  public var verdict: Answer.Verdict {
    if verdicts.contains(where: { $0.verdict == .denied }) { return .denied }
    return verdicts.allSatisfy(\.isAllowed) ? .allowed : .dependsOnAddress
  }
  /// True where all are.
  public var isAllowed: Bool { verdict == .allowed }
}
