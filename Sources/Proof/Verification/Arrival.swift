import Addresses
import PolicyModel
import Reachability
import Ruleset

/// The interface that a packet came in by, as far as rules and modes look at it.
public struct Arrival: Sendable, Hashable {
  /// True where the kernel's route to the packet's source leads to this interface (`fib saddr . iif oif exists`).
  public var isFromSourceRoute: Bool
  /// The name of the interface as a number: see `InterfaceName`.
  public var interface: UInt128
  /// True where the interface is a bridge.
  public var isBridge: Bool

  /// An arrival; by an interface that is no pod's and that the source is routed to, unless given.
  public init(
    isFromSourceRoute: Bool = true, interface: UInt128 = Arrival.usualInterface, isBridge: Bool = false
  ) {
    self.isFromSourceRoute = isFromSourceRoute
    self.interface = interface
    self.isBridge = isBridge
  }

  /// The name `eth0`.
  public static let usualInterface = UInt128(0x6574_6830) << 96

  /// The kind of the interface as a number; what is no bridge is a `veth` here.
  var kind: UInt128 { isBridge ? InterfaceName.bridgeKind : UInt128(0x7665_7468) << 96 }

  /// The arrival as an adverbial, with a blank before it; empty for the usual one.
  var words: String {
    var words = ""
    if interface != Self.usualInterface || isBridge {
      let name = InterfaceName.name(Interval(interface)) ?? "an interface"
      words += " by \(isBridge ? "the bridge " : "")\(name)"
    }
    if !isFromSourceRoute { words += ", to which its source has no route" }
    return words
  }
}

extension Field {
  /// True for fields of a packet's arrival, which the model has for what is received, not for what the node sends.
  var isOfArrival: Bool { self == .metaIifName || self == .metaIifKind || self == .fibSourceRoute }
}

/// Unspecified, link-local and multicast addresses: sources that no route leads to.
func linkSources(_ family: IPFamily) -> IntervalSet<UInt128> {
  switch family {
  case .ipv4:
    IntervalSet([
      Interval(UInt128(0)), Interval(UInt128(0xa9fe_0000), UInt128(0xa9fe_ffff)),
      Interval(UInt128(0xe000_0000), UInt128(0xefff_ffff)),
    ])
  case .ipv6:
    IntervalSet(
      linkLocalSources.intervals + [Interval(UInt128(0xff00) << 112, UInt128.max)])
  }
}

extension EnforcementModes {
  /// True where packets of a path are checked for their sources.
  func checksSources(on path: PacketPath) -> Bool {
    sourceCheck != .off && (path == .forwarded || path == .toNode && podToNode == .policies)
  }

  /// The names of pods' interfaces as numbers; none where these are not looked at.
  var podInterfaceNumbers: IntervalSet<UInt128> {
    sourceCheck == .pods
      ? IntervalSet(podInterfaces.compactMap(InterfaceName.interval)) : IntervalSet<UInt128>()
  }
}

extension Packet {
  /// True where the modes say that the packet's source is not its sender's.
  func isForged(_ specification: Specification, _ modes: EnforcementModes) -> Bool {
    guard modes.checksSources(on: path) else { return false }
    if modes.checksSource(source), let pod = specification.pod(at: source),
      specification.classIndex(ofPod: pod) != nil
    {
      return !arrival.isFromSourceRoute
    }
    if modes.uncheckedSources.contains(source) { return false }
    guard modes.podInterfaceNumbers.contains(arrival.interface), !isNeverBlocked else { return false }
    return linkSources(family).contains(source.bits) ? !arrival.isBridge : !arrival.isFromSourceRoute
  }
}

extension TableIndex {
  /// True where a rule looks at the interface that a packet came in by.
  var looksAtArrival: Bool { uses.contains { $0.contains(.arrival) } }

  /// The sets of interface names that rules of the table distinguish from the others.
  func interfaceConditions(of rules: [Rule]) -> Set<IntervalSet<UInt128>> {
    var conditions: Set<IntervalSet<UInt128>> = []
    func insert(_ keys: [ElementKey], _ fields: [Field]) {
      for (place, field) in fields.enumerated() where field == .metaIifName {
        let intervals = keys.compactMap { place < $0.fields.count ? $0.fields[place] : nil }
        let isSet = fields.count == 1
        for names in isSet ? [IntervalSet(intervals)] : intervals.map({ IntervalSet($0) }) {
          conditions.insert(names)
        }
        // An order comparison parts the names at its bound.
        for interval in intervals where intervals.count == 1 && interval.lower > 0 {
          conditions.insert(IntervalSet(Interval(0, interval.lower - 1)))
        }
      }
    }
    for statement in rules.lazy.flatMap(\.statements) {
      switch statement {
      case .match(let match) where match.key.contains(.metaIifName):
        switch match.operand {
        case .value(let key): insert([key], match.key)
        case .anonymousSet(let keys): insert(keys, match.key)
        case .namedSet(let name): insert(sets[name]?.elements ?? [], match.key)
        case .anyBit: break
        }
      case .verdictMap(let fields, let lookup) where fields.contains(.metaIifName):
        for element in elements(lookup) { insert([element.key], fields) }
      default: break
      }
    }
    return conditions
  }
}

extension PacketCase {
  /// The arrivals that a table and modes can distinguish.
  static func arrivals(of index: TableIndex, _ modes: EnforcementModes, on path: PacketPath) -> [Arrival] {
    guard path != .fromNode, index.looksAtArrival || modes.checksSources(on: path) else { return [Arrival()] }
    var conditions = index.interfaceConditions
    if !modes.podInterfaceNumbers.isEmpty { conditions.insert(modes.podInterfaceNumbers) }
    var bounds: Set<UInt128> = [0, Arrival.usualInterface]
    for interval in conditions.flatMap(\.intervals) {
      bounds.insert(interval.lower)
      if interval.upper < .max { bounds.insert(interval.upper + 1) }
    }
    let order = conditions.sorted { $0.intervals.lexicographicallyPrecedes($1.intervals) }
    var names: [[Bool]: UInt128] = [:]
    for number in bounds {
      let signature = order.map { $0.contains(number) }
      // Of names that all conditions treat alike, the one that a person would pick.
      names[signature] = names[signature].map { Self.preferred($0, number) } ?? number
    }
    let kinds = index.looksAtArrival || modes.sourceCheck == .pods ? [false, true] : [false]
    return names.values.sorted().flatMap { name in
      kinds.flatMap { isBridge in
        [true, false].map { Arrival(isFromSourceRoute: $0, interface: name, isBridge: isBridge) }
      }
    }
  }

  private static func preferred(_ left: UInt128, _ right: UInt128) -> UInt128 {
    if left == Arrival.usualInterface || right == Arrival.usualInterface { return Arrival.usualInterface }
    let isName = InterfaceName.name(Interval(left)) != nil
    return isName == (InterfaceName.name(Interval(right)) != nil) ? min(left, right) : isName ? left : right
  }
}

extension SpecificationRelations {
  /// Takes out of bounds what is forged.
  func removeForged(_ bounds: inout Bounds, _ packets: PacketCase) {
    guard modes.checksSources(on: packets.path) else { return }
    let arrival = packets.arrival
    let isFromPod = modes.podInterfaceNumbers.contains(arrival.interface)
    if arrival.isFromSourceRoute, !isFromPod { return }
    let store = relations.store
    let everywhere = IntervalSet(family.everything)
    // Of exchanged packets the source is the destination here.
    let side = packets.isMirrored ? \Term.byDestination : \Term.bySource
    var allowed = relations.everything
    var same = Diagram.everything(family)
    if isFromPod {
      let link = linkSources(family)
      var open = arrival.isFromSourceRoute ? everywhere : link
      if !arrival.isBridge { open = open.subtracting(link) }
      // Of these the interface alone decides, or nothing does.
      open = open.union(checkedSources).union(uncheckedSources)
      let never = exemption(packets)
      let always = packets.isMirrored ? never.byDestination : never.bySource
      allowed = relations.union(relation(of: open), always)
      same = store.union(store.product(family, open, .everything), never.same)
    }
    if !arrival.isFromSourceRoute {
      let others = everywhere.subtracting(checkedSources)
      allowed = relations.intersection(allowed, relation(of: others))
      same = store.intersection(same, store.product(family, others, .everything))
    }
    for term in [\Bounds.lower, \Bounds.upper] {
      bounds[keyPath: term][keyPath: side] = relations.intersection(
        bounds[keyPath: term][keyPath: side], allowed)
    }
    bounds.lowerSame = store.intersection(bounds.lowerSame, same)
    bounds.upperSame = store.intersection(bounds.upperSame, same)
  }

  /// The addresses of pods that are not checked.
  private var uncheckedSources: IntervalSet<UInt128> {
    IntervalSet(modes.uncheckedSources.filter { $0.family == family }.map { Interval($0.bits) })
  }

  /// All packets whose outer address is one of a set.
  private func relation(of addresses: IntervalSet<UInt128>) -> Int {
    var relation = Relation(constant: .nothing(family))
    for interval in addresses.intervals {
      relation.append(interval.lower, .everything(family))
      if interval.upper < family.maximum { relation.append(interval.upper + 1, .nothing(family)) }
    }
    return relations.intern(relation)
  }
}
