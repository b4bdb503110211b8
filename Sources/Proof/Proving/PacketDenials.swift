public import Ruleset
public import Verification

/// The verdicts of a table on many packets, such as the first packets of all tracked connections.
public struct PacketDenials {
  private let new: RulesetEvaluator
  private let old: RulesetEvaluator?

  /// Indexes the tables. O(elements).
  ///
  /// - Parameters:
  ///   - table: the table that judges.
  ///   - former: a table whose denials are no news and are left out; nil: none are.
  public init(by table: Table, former: Table? = nil) {
    new = RulesetEvaluator(table, indexed: true)
    old = former.map { RulesetEvaluator($0, indexed: true) }
  }

  /// True where the table drops the packet, and the former one does not. A packet that meets something that
  /// is not modelled counts as passing in `table`.
  public func isDenied(_ packet: Packet) -> Bool {
    guard new.evaluate(packet).decision == .drop else { return false }
    return old?.evaluate(packet).decision != .drop
  }
}
