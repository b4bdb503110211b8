import Addresses
import PolicyModel
public import Reachability
import Ruleset

/// What must become of a packet.
public enum Obligation: Sendable, Hashable {
  /// It must pass.
  case pass
  /// It must not pass.
  case noPass
  /// Both are right.
  case either
}

/// Which promise is at stake.
public enum Requirement: String, Sendable, Hashable {
  /// New connections pass exactly as the policies say.
  case policies = "what the policies say about new connections"
  /// Replies pass, and what is related to an allowed connection.
  case replies = "replies and related packets always pass"
  /// A pod reaches itself.
  case ownAddress = "a pod always reaches its own addresses"
  /// Neighbour discovery, router and multicast listener messages pass.
  case neverBlocked = "IPv6 neighbour discovery and multicast listener messages are never blocked"
  /// Where pods' packets to their own node are looked at, egress policies hold for them as for any other address.
  case toNode = "egress policies hold for the node's own addresses too"
  /// Packets without a tracked connection pass no further than new ones.
  case untracked = "what is invalid or untracked passes only where a new connection would"
}

extension Packet {
  /// What must become of the packet, and by which promise. Worked out for this packet alone.
  public func obligation(_ specification: Specification) -> (Obligation, Requirement) {
    if state == .established || state == .related { return (.pass, .replies) }
    let isNeverBlocked = family == .ipv6 && transport == 58 && neverBlockedFirstBytes.contains(firstBytes)
    if isNeverBlocked, state != .invalid { return (.pass, .neverBlocked) }
    let traffic = specification.store.traffic(
      path == .toNode ? allowedToNode(specification) : specification.allowed(from: source, to: destination))
    let allowed = isNeverBlocked || traffic.contains(transport, destinationPort)
    if state == .new, path == .toNode { return (allowed ? .pass : .noPass, .toNode) }
    if state == .new {
      let pods = (specification.pod(at: source), specification.pod(at: destination))
      let own = pods.0 != nil && pods.0 == pods.1
      return (allowed ? .pass : .noPass, own ? .ownAddress : .policies)
    }
    return (allowed ? .either : .noPass, .untracked)
  }
}

extension Packet {
  /// What the source's egress allows towards an address of the node; what is no subject is open.
  private func allowedToNode(_ specification: Specification) -> TrafficID {
    guard let pod = specification.pod(at: source), specification.classIndex(ofPod: pod) != nil else {
      return .everything
    }
    let profile = specification.profile(ofPod: pod, .egress)
    if !profile.isIsolated { return .everything }
    return specification.store.traffic(of: profile.allowed(family), at: destination.bits)
  }
}

/// What a case of packets must at least and may at most accept.
struct Bounds {
  /// Accepted at least: by source, by destination, and from an address to itself.
  let lower: Term
  let lowerSame: Diagram
  /// Accepted at most.
  let upper: Term
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

  init(_ specification: Specification, _ relations: RelationTable, paths: [PacketPath]) {
    self.specification = specification
    self.relations = relations
    family = relations.family
    var entries: [(address: UInt128, pod: Int)] = []
    for subjects in specification.classes where subjects.ingress.isIsolated || subjects.egress.isIsolated {
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
        if !profile.isIsolated { continue }
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

  func bounds(_ packets: PacketCase) -> Bounds {
    let (all, none) = (relations.everything, relations.nothing)
    let store = relations.store
    let never = packets.neverBlocked ? store.intern(TrafficSet(58)) : .nothing
    let neverBlocked = relations.constant(never)
    let toNode = packets.path == .toNode
    let policies = Term(
      bySource: relations.union(toNode ? egressToNode : egress, neverBlocked),
      byDestination: toNode ? all : relations.union(ingress, neverBlocked))
    // A packet from an address to itself comes to the forward hook at most.
    let everywhere = toNode ? Diagram.nothing(family) : Diagram.everything(family)
    switch packets.state {
    case .new: return Bounds(lower: policies, lowerSame: everywhere, upper: policies)
    case .invalid:
      return Bounds(
        lower: Term(bySource: none, byDestination: none), lowerSame: .nothing(family), upper: policies)
    case .untracked:
      return Bounds(
        lower: Term(bySource: neverBlocked, byDestination: all),
        lowerSame: toNode ? everywhere : store.product(family, IntervalSet(family.everything), never),
        upper: policies)
    default:
      let everything = Term(bySource: all, byDestination: all)
      return Bounds(lower: everything, lowerSame: everywhere, upper: everything)
    }
  }
}
