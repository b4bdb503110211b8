import Addresses
import KernelProgram
import PolicyModel
import Reachability
import Ruleset

@testable import Verification

/// Packets that can tell a table from its policies apart: every port and protocol at which anything in either changes, and
/// one address of each kind that no element, block or pod can tell apart further.
struct Representatives {
  private var intervals: [IPFamily: Set<Interval<UInt128>>] = [.ipv4: [], .ipv6: []]
  private var ports: Set<UInt16> = [0]
  private var transports: Set<UInt8> = [1, 6, 17, 47, 58, 132]
  private let table: Table
  private let specification: Specification
  private let modes: EnforcementModes
  private let known: Set<IPAddress>
  private let unchecked: Set<IPAddress>
  private let guarded: Set<UInt128>

  init(_ table: Table, _ specification: Specification, _ modes: EnforcementModes = EnforcementModes()) {
    self.table = table
    self.specification = specification
    self.modes = modes
    known = Set(specification.cluster.pods.flatMap(\.addresses))
    unchecked = Set(modes.uncheckedSources)
    guarded = Set(["eth1", "cali7"].compactMap { InterfaceName.interval($0)?.lower })
    for block in modes.unknownPodBlocks { intervals[block.family]?.insert(block.interval) }
    for address in specification.cluster.pods.flatMap(\.addresses) {
      intervals[address.family]?.insert(Interval(address.bits))
    }
    for port in specification.cluster.pods.flatMap(\.namedPorts) {
      add(ports: Interval(UInt128(port.number)))
    }
    for rule in specification.cluster.policies.flatMap({ ($0.ingress ?? []) + ($0.egress ?? []) }) {
      for peer in rule.peers.entries {
        guard case .ipBlock(let block) = peer.kind else { continue }
        for cidr in [block.cidr] + block.except { intervals[cidr.family]?.insert(cidr.interval) }
      }
      for port in rule.ports.entries {
        guard case .range(let range) = port.ports else { continue }
        add(ports: Interval(UInt128(range.lower), UInt128(range.upper)))
      }
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

  private mutating func add(ports interval: Interval<UInt128>) {
    ports.insert(UInt16(interval.lower))
    if interval.upper < 65_535 { ports.insert(UInt16(interval.upper + 1)) }
  }

  private mutating func add(_ fields: [Interval<UInt128>], _ types: [DataType]) {
    for (interval, type) in zip(fields, types) {
      switch type {
      case .ipv4Address: intervals[.ipv4]?.insert(interval)
      case .ipv6Address: intervals[.ipv6]?.insert(interval)
      case .inetService: add(ports: interval)
      case .inetProtocol:
        transports.insert(UInt8(interval.lower))
        if interval.upper < 255 { transports.insert(UInt8(interval.upper + 1)) }
      default: break
      }
    }
  }

  /// One address of each kind, and a second one of the kind that nothing mentions.
  private func addresses(_ family: IPFamily) -> [IPAddress] {
    let all = (intervals[family] ?? []).sorted()
    var candidates: Set<UInt128> = family == .ipv6 ? [0, 1, 0xfe80 << 112 | 5] : [0, 1]
    if modes.sourceCheck == .pods, family == .ipv4 { candidates.insert(0xa9fe_0005) }
    for interval in all {
      for end in [interval.lower, interval.upper] {
        candidates.formUnion([end, end == 0 ? 0 : end - 1, end == family.maximum ? end : end + 1])
      }
    }
    var seen: [[Bool]: Int] = [:]
    return candidates.sorted().filter { address in
      let kind = all.map { $0.contains(address) }
      seen[kind, default: 0] += 1
      return (seen[kind] ?? 0) <= (kind.contains(true) ? 1 : 2)
    }.map { IPAddress(family, bits: $0) }
  }

  /// The first packet that the table, or a program in its place, does not treat as it must, and how many were tried.
  func firstMismatch(_ promise: Promise = .policies, of program: KernelTable? = nil) -> (
    packet: Packet?, tried: Int
  ) {
    let typed = RulesetEvaluator(table)
    let untyped = program.map { ProgramEvaluator($0) }
    func decision(_ packet: Packet) -> Decision? {
      untyped?.evaluate(packet).decision ?? typed.evaluate(packet).decision
    }
    var tried = 0
    for family in IPFamily.allCases {
      let ends = addresses(family)
      for source in ends {
        for destination in ends {
          let allowed = specification.store.traffic(specification.allowed(from: source, to: destination))
          let plainly = specification.store.traffic(
            specification.allowedWithoutService(from: source, to: destination))
          let strangers = !known.contains(source) && !known.contains(destination)
          for transport in transports {
            for port in [6, 17, 132].contains(transport) && !strangers ? ports : [80] {
              for state in transport == 6 && port == (ports.first ?? 0) || strangers
                ? ConnectionState.each : [.new]
              {
                let isFirst = port == (ports.first ?? 0) || transport == 58
                let isOwn = specification.pod(at: source).map { $0 == specification.pod(at: destination) }
                for (variant, arrival) in Self.variants(transport, isOwn == true, arrivals(isFirst)) {
                  let (first, hopLimit, isTranslated) = variant
                  let packet = Packet(
                    source, destination, transport: transport, destinationPort: port, firstBytes: first,
                    state: state, isTranslated: isTranslated, hopLimit: hopLimit, arrival: arrival)
                  tried += 1
                  let hasConnection = state != .invalid && state != .untracked
                  let allowed = isTranslated && hasConnection ? allowed : plainly
                  let passes = decision(packet) == .accept
                  let unknown = [source, destination].contains { end in
                    !known.contains(end) && modes.unknownPodBlocks.contains { $0.contains(end) }
                  }
                  let right =
                    promise == .nothingDropped
                    ? passes
                    : isForged(packet)
                      ? !passes : isRight(packet, passes, allowed.contains(transport, port), unknown)
                  if !right { return (packet, tried) }
                  guard modes.rechecksEstablished, state == .established, [6, 17, 132].contains(transport)
                  else { continue }
                  if arrival != Arrival() { continue }
                  var reply = packet.mirrored
                  reply.isReply = true
                  let answered = decision(reply) == .accept
                  let expected =
                    promise == .nothingDropped || allowed.contains(transport, port) && !unknown
                  if answered != expected { return (reply, tried) }
                }
              }
            }
          }
        }
      }
    }
    return (nil, tried)
  }

  /// The ways in which packets come to the node, with names that modes of the tests call pods' and others.
  private func arrivals(_ isFirst: Bool) -> [Arrival] {
    guard modes.sourceCheck != .off, isFirst else { return [Arrival()] }
    let names = ["eth0", "eth1", "cali7"].compactMap { InterfaceName.interval($0)?.lower }
    return names.flatMap { name in
      [(true, false), (false, false), (false, true)].map {
        Arrival(isFromSourceRoute: $0, interface: name, isBridge: $1)
      }
    }
  }

  /// Whether the mode says that the packet is not from whom it seems to be. All pods are of this node here.
  private func isForged(_ packet: Packet) -> Bool {
    guard modes.sourceCheck != .off, !unchecked.contains(packet.source) else { return false }
    let arrival = packet.arrival
    if known.contains(packet.source) { return !arrival.isFromSourceRoute }
    guard modes.sourceCheck == .pods, guarded.contains(arrival.interface), !isNeighbour(packet) else {
      return false
    }
    let high = packet.source.bits >> (packet.family == .ipv4 ? 24 : 120)
    let isOfLink =
      packet.source.bits == 0
      || (packet.family == .ipv4
        ? packet.source.bits >> 16 == 0xa9fe || 224...239 ~= high
        : packet.source.bits >> 118 == 0xfe80 >> 6 || high == 0xff)
    return isOfLink ? !arrival.isBridge : !arrival.isFromSourceRoute
  }

  private static func variants(
    _ transport: UInt8, _ isOwn: Bool, _ arrivals: [Arrival]
  ) -> [((UInt16, UInt8, Bool), Arrival)] {
    variants(transport, isOwn).flatMap { variant in arrivals.map { (variant, $0) } }
  }

  /// First bytes, hop limits and translations of packets of a protocol.
  private static func variants(_ transport: UInt8, _ isOwn: Bool) -> [(UInt16, UInt8, Bool)] {
    guard transport == 58 else {
      return isOwn ? [(40_000, 63, false), (40_000, 63, true)] : [(40_000, 63, transport == 6)]
    }
    return [
      (128 << 8, 63, false), (128 << 8, 63, true), (135 << 8, 255, false), (135 << 8, 254, false),
      (143 << 8, 1, false), (143 << 8, 255, true), (130 << 8, 1, true), (133 << 8, 1, false),
    ]
  }

  /// Whether the packet is a legal message of a neighbour or a multicast listener.
  private func isNeighbour(_ packet: Packet) -> Bool {
    let type = packet.firstBytes >> 8
    let isOnLink = packet.source.bits == 0 || packet.source.bits >> 118 == 0xfe80 >> 6
    return packet.transport == 58 && packet.family == .ipv6
      && ((133...137).contains(type) && packet.hopLimit == 255
        || ([130, 131, 132, 143].contains(type) && packet.hopLimit == 1 && isOnLink))
  }

  private func isRight(_ packet: Packet, _ passes: Bool, _ allowed: Bool, _ unknown: Bool) -> Bool {
    let neighbour = isNeighbour(packet)
    if unknown, !neighbour { return !passes }
    switch packet.state {
    case .established where modes.rechecksEstablished: return passes == (allowed || neighbour)
    case .established, .related: return passes
    case .new: return passes == (allowed || neighbour)
    case .untracked: return neighbour ? passes : allowed || !passes
    default: return allowed || neighbour || !passes
    }
  }
}

extension Specification {
  /// What policies allow between two addresses where no Service is in between: a pod's own are no exemption then.
  fileprivate func allowedWithoutService(from source: IPAddress, to destination: IPAddress) -> TrafficID {
    let (sender, receiver) = (pod(at: source), pod(at: destination))
    guard let sender, sender == receiver else { return allowed(from: source, to: destination) }
    return store.intersection(
      store.traffic(of: profile(ofPod: sender, .egress).allowed(source.family), at: destination.bits),
      store.traffic(of: profile(ofPod: sender, .ingress).allowed(source.family), at: source.bits))
  }
}
