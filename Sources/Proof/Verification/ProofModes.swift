public import Addresses
import PolicyModel
import Reachability
import Ruleset

/// What a table is held against besides the policies: the ways of enforcing them that change what becomes of packets.
/// Logging is none of them: it changes nothing.
public struct ProofModes: Sendable, Hashable {
  /// Where the node's pods have their addresses, if those that no pod of the inventory has must pass neither way through
  /// the forward hook; empty: they are open.
  public var unknownPodBlocks: [CIDR]
  /// Whether the table counts what the policies deny, and lets it pass.
  public var isAudit: Bool
  /// Whether packets of existing connections are held against the policies as well, replies as what they answer.
  public var rechecksEstablished: Bool

  /// The plain mode unless told otherwise.
  public init(unknownPodBlocks: [CIDR] = [], isAudit: Bool = false, rechecksEstablished: Bool = false) {
    self.unknownPodBlocks = unknownPodBlocks
    self.isAudit = isAudit
    self.rechecksEstablished = rechecksEstablished
  }

  /// The addresses of a family that are in the blocks and no pod's.
  func unknownAddresses(_ family: IPFamily, _ specification: Specification) -> IntervalSet<UInt128> {
    let blocks = IntervalSet(unknownPodBlocks.filter { $0.family == family }.map(\.interval))
    if blocks.isEmpty { return blocks }
    let known = specification.cluster.pods.lazy.flatMap(\.addresses).filter { $0.family == family }
    return blocks.subtracting(IntervalSet(known.map { Interval($0.bits) }))
  }

  /// Whether an address is in the blocks and no pod's.
  func isUnknown(_ address: IPAddress, _ specification: Specification) -> Bool {
    unknownPodBlocks.contains { $0.contains(address) } && specification.pod(at: address) == nil
  }
}

/// What is asked of a table in one run of the verifier.
enum Promise {
  /// What the policies say, and the modes.
  case policies
  /// That nothing is dropped at all.
  case nothingDropped
}

extension Table {
  /// The table with each denial that is only counted (`counter return`) as a denial again.
  ///
  /// Up to the first of them a packet takes the same way through both tables. So a packet is counted in this table exactly
  /// when it is dropped by that one.
  var enforcing: Table {
    var table = self
    for chain in table.chains.indices {
      for rule in table.chains[chain].rules.indices
      where table.chains[chain].rules[rule].statements == [.counter, .verdict(.return)] {
        table.chains[chain].rules[rule].statements = [.counter, .verdict(.drop)]
      }
    }
    return table
  }
}

extension Rule {
  /// The statements without a limit that decides about nothing but logging: what follows it gives no verdict, so the rule
  /// goes on to the next either way.
  var decidingStatements: [Statement] {
    guard
      let limit = statements.firstIndex(where: { if case .limit = $0 { true } else { false } }),
      statements[limit...].allSatisfy({ statement in
        switch statement {
        case .limit, .log, .counter: true
        case .match, .verdictMap, .reject, .verdict, .unmodelled: false
        }
      })
    else { return statements }
    return Array(statements[..<limit])
  }
}
