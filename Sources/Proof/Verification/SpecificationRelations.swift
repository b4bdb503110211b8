import Addresses
import PolicyModel
import Reachability
import Ruleset

/// The traffic that must be accepted and the traffic that may be, for a case of packets.
struct Bounds: Hashable {
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
  let relations: RelationTable
  let family: IPFamily
  let modes: EnforcementModes
  /// The addresses whose packets must come by the interface that they are routed to.
  let checkedSources: IntervalSet<UInt128>
  private let egress: Int
  private let ingress: Int
  /// Egress and ingress without the promise that a pod reaches itself: at the input hook no address is its own, and without
  /// a translated destination it is a forgery.
  private let plainEgress: Int
  private let plainIngress: Int
  /// The packets from an address to itself that policies allow without that promise.
  private let plainSame: Diagram
  /// The packets from an address to itself that pass where the destination was translated: all that the tiers of
  /// ClusterNetworkPolicy allow.
  private let ownSame: Diagram
  /// Egress towards addresses of the own node.
  private let egressToNode: Int
  /// Addresses that must pass neither way.
  private let unknown: IntervalSet<UInt128>
  private var exemptions: [ExemptionKey: Exemption] = [:]

  /// Packets that are never blocked.
  struct Exemption {
    let bySource: Int
    let byDestination: Int
    let same: Diagram
  }

  private struct ExemptionKey: Hashable {
    let anywhere: TrafficID
    let onLink: TrafficID
    let isMirrored: Bool
  }

  init(
    _ specification: Specification, _ relations: RelationTable, _ modes: EnforcementModes, paths: [PacketPath]
  ) {
    unknown = modes.unknownAddresses(relations.family, specification)
    self.modes = modes
    let pods = modes.sourceCheck == .off ? [] : specification.classes.flatMap(\.pods)
    checkedSources = IntervalSet(
      pods.flatMap { specification.cluster.pods[$0].addresses }
        .filter { $0.family == relations.family && modes.checksSource($0) }.map { Interval($0.bits) })
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
    let tiers = specification.clusterTiers
    func relation(
      _ specification: Specification, _ direction: KeyPath<SubjectClass, Profile>, reachingItself: Bool = true
    ) -> Int {
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
          let itself = store.product(relations.family, others, .everything)
          let granted = tiers.flatMap { tiers in
            tiers.classIndex(ofPod: pod).map {
              tiers.classes[$0][keyPath: direction].allowed(relations.family)
            }
          }
          allowed = store.union(
            store.difference(allowed, itself), granted.map { store.intersection(itself, $0) } ?? itself)
        }
        result.append(address, allowed)
        if address < relations.family.maximum { result.append(address + 1, open) }
      }
      return relations.intern(result)
    }
    egress = relation(specification, \.egress)
    ingress = relation(specification, \.ingress)
    plainEgress = relation(specification, \.egress, reachingItself: false)
    plainIngress = relation(specification, \.ingress, reachingItself: false)
    egressToNode =
      modes.podToNode == .policies || tiers == nil
      ? plainEgress : relation(tiers ?? specification, \.egress, reachingItself: false)
    plainSame = Self.same(entries, specification, relations)
    ownSame = tiers.map { Self.same(entries, $0, relations) } ?? .everything(relations.family)
  }

  /// The packets from an address to itself that a specification allows; all, of addresses that are none of the entries.
  private static func same(
    _ entries: [(address: UInt128, pod: Int)], _ specification: Specification, _ relations: RelationTable
  ) -> Diagram {
    let (family, store) = (relations.family, relations.store)
    var starts: [UInt128] = [0]
    var values: [TrafficID] = [.everything]
    func append(_ start: UInt128, _ traffic: TrafficID) {
      if starts.last == start {
        values[values.count - 1] = traffic
      } else if values.last != traffic {
        starts.append(start)
        values.append(traffic)
      }
    }
    for (address, pod) in entries {
      guard let place = specification.classIndex(ofPod: pod) else { continue }
      let subjects = specification.classes[place]
      append(
        address,
        store.intersection(
          store.traffic(of: subjects.egress.allowed(family), at: address),
          store.traffic(of: subjects.ingress.allowed(family), at: address)))
      if address < family.maximum { append(address + 1, .everything) }
    }
    return store.diagram(family, starts: starts, values: values)
  }

  /// The traffic that must be accepted and the traffic that may be, for a case of packets.
  func bounds(_ packets: PacketCase, _ promise: Promise) -> Bounds {
    let everything = Term(bySource: relations.everything, byDestination: relations.everything)
    if promise == .nothingDropped || packets.path == .fromNode {
      let same = packets.path == .forwarded ? Diagram.everything(family) : .nothing(family)
      return Bounds(lower: everything, lowerSame: same, upper: everything, upperSame: .everything(family))
    }
    var bounds = policyBounds(packets)
    removeForged(&bounds, packets)
    return bounds
  }

  /// The bounds as policies and the treatment of unknown pods make them.
  private func policyBounds(_ packets: PacketCase) -> Bounds {
    let never = exemption(packets)
    var bounds = policyBounds(packets, never)
    if packets.path == .toNode || unknown.isEmpty { return bounds }
    let store = relations.store
    var strangers = Relation(constant: .everything(family))
    for interval in unknown.intervals {
      strangers.append(interval.lower, .nothing(family))
      if interval.upper < family.maximum { strangers.append(interval.upper + 1, .everything(family)) }
    }
    let known = relations.intern(strangers)
    let bySource = relations.union(known, never.bySource)
    let byDestination = relations.union(known, never.byDestination)
    for term in [\Bounds.lower, \Bounds.upper] {
      bounds[keyPath: term].bySource = relations.intersection(bounds[keyPath: term].bySource, bySource)
      bounds[keyPath: term].byDestination = relations.intersection(
        bounds[keyPath: term].byDestination, byDestination)
    }
    let same = store.union(store.complement(store.product(family, unknown, .everything)), never.same)
    bounds.lowerSame = store.intersection(bounds.lowerSame, same)
    bounds.upperSame = store.intersection(bounds.upperSame, same)
    return bounds
  }

  /// The packets of a case that are never blocked. Of exchanged packets the source is the destination here.
  func exemption(_ packets: PacketCase) -> Exemption {
    let store = relations.store
    let (anywhere, onLink) = packets.neverBlocked
    let key = ExemptionKey(
      anywhere: store.intern(anywhere), onLink: store.intern(onLink), isMirrored: packets.isMirrored)
    if let made = exemptions[key] { return made }
    let everywhere = IntervalSet(family.everything)
    let always = store.product(family, everywhere, key.anywhere)
    // IPv4 has no such messages, and no such sources.
    let linkSources = family == .ipv6 ? linkLocalSources : IntervalSet<UInt128>()
    let diagram = store.union(always, store.product(family, linkSources, key.onLink))
    let inside = relations.intern(Relation(constant: diagram))
    var outside = inside
    if key.onLink != .nothing {
      let link = store.union(always, store.product(family, everywhere, key.onLink))
      var relation = Relation(constant: always)
      for interval in linkSources.intervals {
        relation.append(interval.lower, link)
        relation.append(interval.upper + 1, always)
      }
      outside = relations.intern(relation)
    }
    let made = Exemption(
      bySource: packets.isMirrored ? inside : outside, byDestination: packets.isMirrored ? outside : inside,
      same: diagram)
    exemptions[key] = made
    return made
  }

  private func policyBounds(_ packets: PacketCase, _ never: Exemption) -> Bounds {
    let (all, none) = (relations.everything, relations.nothing)
    let store = relations.store
    let toNode = packets.path == .toNode
    let isOwn = packets.isTranslated && packets.hasConnection && !toNode
    let policies = Term(
      bySource: relations.union(toNode ? egressToNode : isOwn ? egress : plainEgress, never.bySource),
      byDestination: toNode ? all : relations.union(isOwn ? ingress : plainIngress, never.byDestination))
    let everything = Diagram.everything(family)
    // A packet from an address to itself comes to the forward hook at most.
    let same = store.union(isOwn ? ownSame : plainSame, never.same)
    let upperSame = toNode ? everything : same
    switch packets.state {
    // What pods answer to their own node belongs to what the node began.
    case .established where packets.isRechecked && !(toNode && packets.isMirrored), .new:
      return Bounds(
        lower: policies, lowerSame: toNode ? .nothing(family) : same, upper: policies, upperSame: upperSame)
    case .invalid:
      return Bounds(
        lower: Term(bySource: none, byDestination: none), lowerSame: .nothing(family), upper: policies,
        upperSame: upperSame)
    case .untracked:
      return Bounds(
        lower: Term(bySource: never.bySource, byDestination: all),
        lowerSame: toNode ? .nothing(family) : never.same, upper: policies, upperSame: upperSame)
    default:
      let term = Term(bySource: all, byDestination: all)
      return Bounds(
        lower: term, lowerSame: toNode ? .nothing(family) : everything, upper: term, upperSame: everything)
    }
  }
}
