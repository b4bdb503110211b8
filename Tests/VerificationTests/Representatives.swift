import Addresses
import Ruleset
import TestSupport

@testable import Verification

/// Packets that can tell a table from its policies apart: every value at which anything in either changes, and one from
/// each stretch between. Addresses that no element and no pod or block can tell apart are one.
struct Representatives {
  private var addresses: [IPFamily: Set<UInt128>] = [.ipv4: [0], .ipv6: [0]]
  private var ports: Set<UInt16> = [0]
  private var transports: Set<UInt8> = [1, 6, 17, 47, 58, 132]
  private let table: Table
  private let pods: Set<IPAddress>

  init(_ table: Table, _ probes: [ConnectionAttempt], pods: Set<IPAddress>) {
    self.table = table
    self.pods = pods
    for probe in probes {
      addresses[probe.source.family]?.insert(probe.source.bits)
      addresses[probe.destination.family]?.insert(probe.destination.bits)
      ports.insert(probe.port)
    }
    for set in table.sets { for key in set.elements { add(key.fields, set.key) } }
    for map in table.maps { for element in map.elements { add(element.key.fields, map.key) } }
    for statement in table.chains.flatMap(\.rules).flatMap(\.statements) {
      switch statement {
      case .match(let match):
        switch match.operand {
        case .value(let key): add(key.fields, match.key.map(\.type))
        case .anonymousSet(let keys): for key in keys { add(key.fields, match.key.map(\.type)) }
        default: break
        }
      case .verdictMap(let key, .anonymous(let elements)):
        for element in elements { add(element.key.fields, key.map(\.type)) }
      default: break
      }
    }
  }

  private mutating func add(_ intervals: [Interval<UInt128>], _ types: [DataType]) {
    for (interval, type) in zip(intervals, types) {
      let ends = [interval.lower] + (interval.upper < type.maximum ? [interval.upper + 1] : [])
      switch type {
      case .ipv4Address: addresses[.ipv4]?.formUnion(ends)
      case .ipv6Address: addresses[.ipv6]?.formUnion(ends)
      case .inetService: ports.formUnion(ends.map { UInt16($0) })
      case .inetProtocol: transports.formUnion(ends.map { UInt8($0) })
      default: break
      }
    }
  }

  /// The first packet that the table does not treat as expected, after how many that it does.
  func firstMismatch(_ obligation: (Packet) -> Obligation) -> (packet: Packet?, tried: Int) {
    let evaluator = RulesetEvaluator(table)
    var tried = 0
    for family in IPFamily.allCases {
      let ends = (addresses[family] ?? []).sorted().map { IPAddress(family, bits: $0) }
      for source in ends {
        for destination in ends {
          // Between two addresses that are no pods', one protocol more or less shows no more than another.
          let strangers = !pods.contains(source) && !pods.contains(destination)
          for transport in strangers ? [6] : transports {
            let hasPorts = [6, 17, 132].contains(transport)
            for port in hasPorts && !strangers ? ports : [80] {
              for state in transport == 6 && (port == 80 || strangers) ? ConnectionState.each : [.new] {
                for first: UInt16 in transport == 58 ? [128 << 8, 135 << 8, 143 << 8] : [40_000] {
                  let packet = Packet(
                    source, destination, transport: transport, destinationPort: port, firstBytes: first,
                    state: state)
                  tried += 1
                  let decision = evaluator.evaluate(packet).decision
                  switch (obligation(packet), decision) {
                  case (.pass, .accept), (.noPass, .drop), (.either, .accept), (.either, .drop): break
                  default: return (packet, tried)
                  }
                }
              }
            }
          }
        }
      }
    }
    return (nil, tried)
  }
}
