import Addresses
import PolicyModel
import Reachability
import Ruleset

/// The traffic that must be accepted and the traffic that may be, for a case of packets.
struct Bounds {
  /// Accepted at least: by source, by destination, and from an address to itself.
  var lower: Term
  var lowerSame: Diagram
  /// Accepted at most: likewise.
  var upper: Term
  var upperSame: Diagram
}

/// The specification of one family as relations.
final class SpecificationRelations {
  private let specification: Specification
  private let relations: RelationTable
  private let family: IPFamily
  private let egress: Int
  private let ingress: Int
  /// Egress without the promise that a pod reaches itself: at the input hook no address is its own.
  private let egressToNode: Int
  /// Addresses that must pass neither way.
  private let unknown: IntervalSet<UInt128>
  private var known: [TrafficID: (oneEnd: Int, same: Diagram)] = [:]

  init(
    _ specification: Specification, _ relations: RelationTable, _ modes: EnforcementModes, paths: [PacketPath]
  ) {
    unknown = modes.unknownAddresses(relations.family, specification)
    self.specification = specification
    self.relations = relations
    family = relations.family
    var entries: [(address: UInt128, pod: Int)] = []
    for subjects in specification.classes where subjects.ingress.isSelected || subjects.egress.isSelected {
      for pod in subjects.pods {
        for address in specification.cluster.pods[pod].addresses where address.family == relations.family {
          entries.append((address.bits, pod))
        }
      }
    }
    entries.sort { $0.address < $1.address }
    func relation(_ direction: KeyPath<SubjectClass, Profile>, reachingItself: Bool = true) -> Int {
      let open = Diagram.everything(relations.family)
      var result = Relation(constant: open)
      for (address, pod) in entries {
        guard let place = specification.classIndex(ofPod: pod) else { continue }
        let profile = specification.classes[place][keyPath: direction]
        if !profile.isSelected { continue }
        var allowed = profile.allowed(relations.family)
        // A pod reaches its own addresses; of those that are not the same address the relation must know.
        let own = specification.cluster.pods[pod].addresses.filter { $0.family == relations.family }
        if own.count > 1, reachingItself {
          let others = IntervalSet(own.map { Interval($0.bits) })
          let store = relations.store
          allowed = store.union(allowed, store.product(relations.family, others, .everything))
        }
        result.append(address, allowed)
        if address < relations.family.maximum { result.append(address + 1, open) }
      }
      return relations.intern(result)
    }
    egress = relation(\.egress)
    ingress = relation(\.ingress)
    egressToNode = paths.contains(.toNode) ? relation(\.egress, reachingItself: false) : egress
  }

  /// The traffic that must be accepted and the traffic that may be, for a case of packets.
  func bounds(_ packets: PacketCase, _ promise: Promise) -> Bounds {
    if promise == .nothingDropped {
      let everything = Term(bySource: relations.everything, byDestination: relations.everything)
      let same = packets.path == .toNode ? Diagram.nothing(family) : .everything(family)
      return Bounds(lower: everything, lowerSame: same, upper: everything, upperSame: .everything(family))
    }
    var bounds = policyBounds(packets)
    if packets.path == .toNode || unknown.isEmpty { return bounds }
    let known = knownOnly(but: relations.store.intern(packets.neverBlocked))
    for term in [\Bounds.lower, \Bounds.upper] {
      bounds[keyPath: term].bySource = relations.intersection(bounds[keyPath: term].bySource, known.oneEnd)
      bounds[keyPath: term].byDestination = relations.intersection(
        bounds[keyPath: term].byDestination, known.oneEnd)
    }
    bounds.lowerSame = relations.store.intersection(bounds.lowerSame, known.same)
    bounds.upperSame = known.same
    return bounds
  }

  /// The packets whose one end is no unknown pod's address, and those that are never blocked; the same for packets from an
  /// address to itself.
  private func knownOnly(but never: TrafficID) -> (oneEnd: Int, same: Diagram) {
    if let made = known[never] { return made }
    let store = relations.store
    let everything = Diagram.everything(family)
    let blocked = store.product(family, IntervalSet(family.everything), never)
    var relation = Relation(constant: everything)
    for interval in unknown.intervals {
      relation.append(interval.lower, blocked)
      if interval.upper < family.maximum { relation.append(interval.upper + 1, everything) }
    }
    let others = store.product(family, unknown, store.difference(.everything, never))
    let made = (relations.intern(relation), store.difference(everything, others))
    known[never] = made
    return made
  }

  private func policyBounds(_ packets: PacketCase) -> Bounds {
    let (all, none) = (relations.everything, relations.nothing)
    let store = relations.store
    let never = store.intern(packets.neverBlocked)
    let neverBlocked = relations.constant(never)
    let toNode = packets.path == .toNode
    let policies = Term(
      bySource: relations.union(toNode ? egressToNode : egress, neverBlocked),
      byDestination: toNode ? all : relations.union(ingress, neverBlocked))
    // A packet from an address to itself comes to the forward hook at most.
    let everywhere = toNode ? Diagram.nothing(family) : Diagram.everything(family)
    switch packets.state {
    // What pods answer to their own node belongs to what the node began.
    case .established where packets.isRechecked && !(toNode && packets.isMirrored), .new:
      return Bounds(lower: policies, lowerSame: everywhere, upper: policies, upperSame: .everything(family))
    case .invalid:
      return Bounds(
        lower: Term(bySource: none, byDestination: none), lowerSame: .nothing(family), upper: policies,
        upperSame: .everything(family))
    case .untracked:
      return Bounds(
        lower: Term(bySource: neverBlocked, byDestination: all),
        lowerSame: toNode ? everywhere : store.product(family, IntervalSet(family.everything), never),
        upper: policies, upperSame: .everything(family))
    default:
      let everything = Term(bySource: all, byDestination: all)
      return Bounds(
        lower: everything, lowerSame: everywhere, upper: everything, upperSame: .everything(family))
    }
  }
}
