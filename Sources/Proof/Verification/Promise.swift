import Addresses
import PolicyModel
import Reachability
import Ruleset

extension EnforcementModes {
  /// True where packets of existing connections are held against the policies as well, replies as what they
  /// answer.
  var rechecksEstablished: Bool { established == .recheck }

  /// The addresses of a family that are in the blocks of unknown pods and no pod's.
  func unknownAddresses(_ family: IPFamily, _ specification: Specification) -> IntervalSet<UInt128> {
    let blocks = unknownPodAddresses(family)
    if blocks.isEmpty { return blocks }
    let known = specification.cluster.pods.lazy.flatMap(\.addresses).filter { $0.family == family }
    return blocks.subtracting(IntervalSet(known.map { Interval($0.bits) }))
  }

  /// True where an address is in the blocks of unknown pods and no pod's.
  func isUnknown(_ address: IPAddress, _ specification: Specification) -> Bool {
    unknownPodBlocks.contains { $0.contains(address) } && specification.pod(at: address) == nil
  }
}

/// The requirements on a table in one run of the verifier.
enum Promise {
  /// The policies and the modes.
  case policies
  /// That nothing is dropped at all.
  case nothingDropped
}

extension Rule {
  /// True where a statement is a limit.
  var hasLimit: Bool { statements.contains { if case .limit = $0 { true } else { false } } }

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
