import Addresses
import Reachability
import Ruleset

/// Turns elements of a key into boxes, for one case of packets: each field either is decided by the case, or narrows the
/// addresses or the traffic.
struct BoxSorter {
  let fields: [Field]
  let axis: Axis
  let packets: PacketCase
  let ranges: TrafficRanges
  private var store: DiagramStore { ranges.store }

  init(fields: [Field], axis: Axis, packets: PacketCase, ranges: TrafficRanges) {
    (self.fields, self.axis, self.packets, self.ranges) = (fields, axis, packets, ranges)
  }

  /// The traffic that has what the fields imply (`tcp dport` implies TCP); nil when no packet of the case has it.
  var guarded: TrafficID? {
    var result: TrafficID = .everything
    for field in fields {
      if let family = field.impliedNFProto, family != (packets.family == .ipv4 ? 2 : 10) { return nil }
      // Without a connection there is no status, and the rule ends.
      if field == .ctStatus, !packets.hasConnection { return nil }
      if let transport = field.impliedL4Proto {
        result = store.intersection(result, store.intern(TrafficSet(transport)))
      }
    }
    return result == .nothing ? nil : result
  }

  /// The boxes of elements; an element that no packet of the case can hit has none.
  func boxes(_ keys: [ElementKey], verdict: (Int) -> UInt32) throws(Lookups.UndecidedText) -> [Box] {
    guard let guarded else { return [] }
    let everywhere = Interval(UInt128(0), packets.family.maximum)
    var result: [Box] = []
    result.reserveCapacity(keys.count)
    nextKey: for (number, key) in keys.enumerated() {
      let values = key.fields
      if values.count != fields.count {
        throw Lookups.UndecidedText(text: "an element has another number of fields than the key")
      }
      var box = Box(outer: everywhere, inner: everywhere, traffic: guarded, verdict: verdict(number))
      var asked: TrafficRange?
      for (field, value) in zip(fields, values) {
        switch field {
        case .metaNFProto:
          if !value.contains(packets.family == .ipv4 ? 2 : 10) { continue nextKey }
        case .ctState:
          if !value.contains(UInt128(packets.state.rawValue)) { continue nextKey }
        case .ctStatus: break
        case .metaIifName:
          if !value.contains(packets.arrival.interface) { continue nextKey }
        case .metaIifKind:
          if !value.contains(packets.arrival.kind) { continue nextKey }
        case .fibSourceRoute:
          if !value.contains(packets.arrival.isFromSourceRoute ? 1 : 0) { continue nextKey }
        case .ip6HopLimit:
          if !value.contains(UInt128(packets.hopLimit.example)) { continue nextKey }
        case .thSport, .tcpSport, .udpSport, .sctpSport:
          if !value.contains(UInt128(packets.firstBytes.example)) { continue nextKey }
        case .icmpType, .icmpv6Type:
          if !value.contains(UInt128(packets.firstBytes.example >> 8)) { continue nextKey }
        case .ipSaddr, .ip6Saddr:
          if !narrow(&box, to: value, outer: axis == .source) { continue nextKey }
        case .ipDaddr, .ip6Daddr:
          if !narrow(&box, to: value, outer: axis == .destination) { continue nextKey }
        default:
          var range = asked ?? TrafficRange()
          range.narrow(field, to: value)
          asked = range
        }
      }
      if isDiagonal(box) { continue }
      if let asked {
        box.traffic = store.intersection(guarded, ranges.traffic(asked))
        if box.traffic == .nothing { continue }
      }
      result.append(box)
    }
    return result
  }

  private func narrow(_ box: inout Box, to value: Interval<UInt128>, outer: Bool) -> Bool {
    guard let narrowed = (outer ? box.outer : box.inner).intersection(value) else { return false }
    if outer { box.outer = narrowed } else { box.inner = narrowed }
    return true
  }

  /// True where a box holds only packets from an address to itself, which have a case of their own.
  private func isDiagonal(_ box: Box) -> Bool {
    axis != .same && box.outer.isSingle && box.outer == box.inner
  }
}
