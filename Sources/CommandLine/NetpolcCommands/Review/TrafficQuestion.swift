import Addresses
import PolicyModel
import PolicyTrace

/// The traffic that a person asks about: one port, a range of them, or a port by its name.
enum TrafficQuestion {
  /// A protocol, with its port where it has ports.
  case one(TrafficReference)
  /// Every port of a range.
  case range(Interval<UInt16>, transport: UInt8)
  /// The port that destination pods have under a name; nil for any protocol.
  case named(String, TransportProtocol?)

  /// One part of the question, all of whose ports policies treat alike.
  struct Part {
    /// The first port of the part.
    let traffic: TrafficReference
    /// The part in words: `TCP 8080-8085`.
    let words: String
  }

  /// Reads `80`, `53/UDP`, `UDP/53`, `ICMP`, `8080-8090`, `8080-8090/TCP`, `http`, `http/TCP`; nil for anything else.
  init?(_ text: String) {
    if let one = TrafficReference(text) {
      self = .one(one)
      return
    }
    var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2 else { return nil }
    if parts.count == 2, TransportProtocol(rawValue: parts[0].uppercased()) != nil { parts.reverse() }
    let transport = parts.count == 2 ? TransportProtocol(rawValue: parts[1].uppercased()) : nil
    if parts.count == 2, transport == nil { return nil }
    let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    if bounds.count == 2, let lower = UInt16(bounds[0]), let upper = UInt16(bounds[1]) {
      guard lower <= upper else { return nil }
      self = .range(Interval(lower, upper), transport: (transport ?? .tcp).number)
      return
    }
    guard PortValidation.name(parts[0]).isEmpty else { return nil }
    self = .named(parts[0], transport)
  }

  /// The one protocol and port; nil for a range or a name.
  var reference: TrafficReference? { if case .one(let one) = self { one } else { nil } }

  /// The parts of the question for some destination pods; none where no pod has the name.
  ///
  /// - Parameters:
  ///   - cluster: whose policies part a range.
  ///   - destinations: the pods that may receive, as indices of `Cluster.pods`.
  /// - Returns: the parts, each of one protocol and port or of all between two at which policies change.
  func parts(in cluster: Cluster, _ destinations: [Int]) -> [Part] {
    switch self {
    case .one(let one): return [Part(traffic: one, words: one.words)]
    case .named(let name, let transport):
      let found = destinations.flatMap { cluster.pods[$0].namedPorts }.filter {
        $0.name == name && (transport == nil || $0.transport == transport)
      }
      let references = Set(
        found.map { TrafficReference(transport: $0.transport.number, port: $0.number) })
      return references.sorted { ($0.transport, $0.port) < ($1.transport, $1.port) }
        .map { Part(traffic: $0, words: "\($0.words) (\(name))") }
    case .range(let range, let transport):
      var starts: Set<UInt16> = [range.lower]
      func border(_ ports: Interval<UInt16>) {
        starts.insert(ports.lower)
        if ports.upper < .max { starts.insert(ports.upper + 1) }
      }
      for policy in cluster.policies {
        for port in ((policy.ingress ?? []) + (policy.egress ?? [])).flatMap(\.ports.entries)
        where port.transport.number == transport {
          if let numbers = port.ports.numbers, numbers != .everything { numbers.intervals.forEach(border) }
        }
      }
      for pod in destinations {
        for port in cluster.pods[pod].namedPorts where port.transport.number == transport {
          border(Interval(port.number))
        }
      }
      let ascending = starts.filter(range.contains).sorted()
      let name = IPProtocol(transport).description
      return ascending.enumerated().map { place, start in
        let end = place + 1 < ascending.count ? ascending[place + 1] - 1 : range.upper
        return Part(
          traffic: TrafficReference(transport: transport, port: start),
          words: start == end ? "\(name) \(start)" : "\(name) \(start)-\(end)")
      }
    }
  }
}
