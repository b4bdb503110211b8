import Addresses
import Reachability
import Ruleset

/// The protocols and destination ports that the fields of one element ask for.
struct TrafficRange: Hashable {
  private var transports = Interval(UInt8.min, UInt8.max)
  private var ports = Interval(UInt16.min, UInt16.max)
  private var isEmpty = false

  /// Takes away what does not have the value of a field.
  mutating func narrow(_ field: Field, to value: Interval<UInt128>) {
    switch field {
    case .metaL4Proto:
      let asked = value.lower > 255 ? nil : Interval(UInt8(value.lower), UInt8(min(value.upper, 255)))
      if let both = asked.flatMap(transports.intersection) { transports = both } else { isEmpty = true }
    case .thDport, .tcpDport, .udpDport, .sctpDport:
      let asked =
        value.lower > 65_535 ? nil : Interval(UInt16(value.lower), UInt16(min(value.upper, 65_535)))
      if let both = asked.flatMap(ports.intersection) { ports = both } else { isEmpty = true }
      // A set for each of 256 protocols would be made, of which all but one are cut away.
      if let implied = field.impliedL4Proto {
        if let both = transports.intersection(Interval(implied)) { transports = both } else { isEmpty = true }
      }
    default: break
    }
  }

  /// The name of the traffic in a store.
  fileprivate func traffic(_ store: DiagramStore) -> TrafficID {
    if isEmpty { return .nothing }
    let portSet = PortSet(ports)
    // One protocol is by far the most common: no need to go through all 256.
    if transports.isSingle { return store.intern(TrafficSet(transports.lower, portSet)) }
    let isEveryProtocol = transports == Interval(.min, .max)
    if isEveryProtocol, portSet == .everything { return .everything }
    let withPorts = TrafficSet(everyProtocolWith: portSet)
    if isEveryProtocol { return store.intern(withPorts) }
    var protocols = ProtocolSet.nothing
    for transport in transports.lower...transports.upper { protocols[transport] = true }
    return store.intern(TrafficSet(protocols: protocols).intersection(withPorts))
  }
}

/// The names of the traffic of ranges, each worked out once: the same few are asked for by most elements and rules of a table.
final class TrafficRanges {
  let store: DiagramStore
  private var known: [TrafficRange: TrafficID] = [:]

  init(_ store: DiagramStore) { self.store = store }

  /// The name of a range's traffic.
  func traffic(_ range: TrafficRange) -> TrafficID {
    if let name = known[range] { return name }
    let name = range.traffic(store)
    known[range] = name
    return name
  }
}
