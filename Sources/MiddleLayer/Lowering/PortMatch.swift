import Addresses
import PolicyModel
import Ruleset
import TableLayout

/// The protocols and destination ports that a rule lets through, with port names resolved.
public struct PortMatch: Hashable, Sendable {
  /// Any protocol whatever: the rule had no ports.
  private(set) var everything: Bool
  /// For each transport protocol the ports; all 65,536 of them mean the whole protocol.
  private(set) var ports: [TransportProtocol: PortSet]

  /// Nothing at all: the meaning of a list of names that no pod has.
  static let nothing = PortMatch(everything: false, ports: [:])
  /// All traffic of every protocol.
  static let everything = PortMatch(everything: true, ports: [:])

  /// True where no packet matches.
  var isNothing: Bool { !everything && ports.isEmpty }

  /// Adds ports of a protocol.
  mutating func add(_ transport: TransportProtocol, _ interval: Interval<UInt16>) {
    guard !everything else { return }
    ports[transport] = (ports[transport] ?? PortSet()).union(PortSet(interval))
  }

  /// Ports of protocols, in any order. O(n log n).
  init(_ parts: some Sequence<(transport: TransportProtocol, interval: Interval<UInt16>)>) {
    var intervals: [TransportProtocol: [Interval<UInt16>]] = [:]
    for part in parts { intervals[part.transport, default: []].append(part.interval) }
    self.init(everything: false, ports: intervals.mapValues { PortSet($0) })
  }

  private init(everything: Bool, ports: [TransportProtocol: PortSet]) {
    (self.everything, self.ports) = (everything, ports)
  }

  /// The union of all matches; faster for many than repeated unions of two.
  static func union(_ matches: [PortMatch]) -> PortMatch {
    if matches.contains(where: \.everything) { return .everything }
    var intervals: [TransportProtocol: [Interval<UInt16>]] = [:]
    for match in matches {
      for (transport, set) in match.ports { intervals[transport, default: []] += set.intervals }
    }
    return PortMatch(everything: false, ports: intervals.mapValues { PortSet($0) })
  }

  /// The union of two matches.
  func union(_ other: PortMatch) -> PortMatch {
    if everything || other.everything { return .everything }
    return PortMatch(everything: false, ports: ports.merging(other.ports) { $0.union($1) })
  }

  /// The traffic that this lets through and the other does not; neither may be every protocol.
  func subtracting(_ other: PortMatch) -> PortMatch {
    precondition(!everything && !other.everything, "all protocols but some have no name here")
    let rest = ports.map { transport, set in
      (transport, other.ports[transport].map(set.subtracting) ?? set)
    }
    return PortMatch(
      everything: false, ports: Dictionary(uniqueKeysWithValues: rest.filter { !$0.1.isEmpty }))
  }
}

extension PortMatch {
  /// Single ports of all protocols, ascending by protocol and number.
  private var singles: [(transport: TransportProtocol, port: UInt16)] {
    TransportProtocol.allCases.sorted().flatMap { transport in
      (ports[transport]?.intervals ?? []).filter(\.isSingle).map { (transport, $0.lower) }
    }
  }

  /// The conditions, one alternative each, that together match just these ports: none for everything, and never
  /// more than one lookup for the single ports and two for each protocol.
  ///
  /// Ranges stay out of concatenations, where the kernel would need a slow kind of set for them.
  func alternatives(_ sets: inout SetRegistry) -> [[Statement]] {
    if everything { return [[]] }
    var alternatives: [[Statement]] = []
    let singles = self.singles
    if singles.count == 1 {
      alternatives.append([
        .match(Match(singles[0].transport.dport, .equal, .value(ElementKey(UInt128(singles[0].port)))))
      ])
    } else if singles.count > 1 {
      let elements = singles.map { single in
        ElementKey.concatenation([Interval(UInt128(single.transport.number)), Interval(UInt128(single.port))])
      }
      let words = singles.map { "\($0.transport.rawValue.lowercased()).\($0.port)" }
      let name = sets.add(
        .init(
          prefix: SetName.portPrefix, hint: words.joined(separator: "-"),
          identity: "ports " + words.joined(separator: " "),
          key: [.inetProtocol, .inetService]), elements: { elements })
      alternatives.append([.match(Match([.metaL4Proto, .thDport], .equal, .namedSet(name)))])
    }
    for transport in TransportProtocol.allCases.sorted() {
      guard let set = ports[transport] else { continue }
      let ranges = set.intervals.filter { !$0.isSingle }
      if set == .everything {
        alternatives.append([
          .match(Match(.metaL4Proto, .equal, .value(ElementKey(UInt128(transport.number)))))
        ])
      } else if ranges.count == 1 {
        alternatives.append([.match(Match(transport.dport, .equal, .value(.single(ranges[0].widened))))])
      } else if ranges.count > 1 {
        let words = ranges.map { "\($0.lower)-\($0.upper)" }.joined(separator: ".")
        let name = sets.add(
          .init(
            prefix: "ranges-", hint: "\(transport.rawValue.lowercased())-\(words)",
            identity: "ranges \(words)", key: [.inetService], flags: .interval),
          elements: { ranges.map { .single($0.widened) } })
        alternatives.append([.match(Match(transport.dport, .equal, .namedSet(name)))])
      }
    }
    return alternatives
  }

  /// `tcp 80,443 8000-8090, udp`, in a fixed order: a name for people and a canonical identity.
  var summary: String {
    if everything { return "any" }
    if ports.isEmpty { return "none" }
    return TransportProtocol.allCases.sorted().compactMap { transport in
      guard let set = ports[transport] else { return nil }
      let name = transport.rawValue.lowercased()
      if set == .everything { return name }
      let list = set.intervals.map { $0.isSingle ? "\($0.lower)" : "\($0.lower)-\($0.upper)" }
      return "\(name) \(list.joined(separator: ","))"
    }.joined(separator: ", ")
  }
}

extension TransportProtocol {
  /// The field of a packet that holds the destination port.
  var dport: Field {
    switch self {
    case .tcp: .tcpDport
    case .udp: .udpDport
    case .sctp: .sctpDport
    }
  }
}

extension Interval<UInt16> {
  /// The same range as the value of a set element.
  var widened: Interval<UInt128> { Interval<UInt128>(UInt128(lower), UInt128(upper)) }
}
