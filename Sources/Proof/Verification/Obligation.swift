import Addresses
public import PolicyModel
public import Reachability
import Ruleset

/// The required verdict.
public enum Obligation: Sendable, Hashable {
  /// It must pass.
  case pass
  /// It must not pass.
  case noPass
  /// Both are right.
  case either
}

/// The promise that is at stake.
public enum Requirement: String, Sendable, Hashable {
  /// New connections pass exactly as the policies say.
  case policies = "what the policies say about new connections"
  /// Replies pass, and what is related to an allowed connection.
  case replies = "replies and related packets always pass"
  /// A pod reaches itself through a Service.
  case ownAddress = "a pod always reaches its own addresses"
  /// Packets that the node sends pass.
  case fromNode = "what a node sends always passes, so that it reaches its own pods"
  /// Neighbour discovery, router and multicast listener messages pass.
  case neverBlocked = "IPv6 neighbour discovery and multicast listener messages are never blocked"
  /// Where pods' packets to their own node are looked at, egress policies hold for them as for any other address.
  case toNode = "egress policies hold for the node's own addresses too"
  /// In the mode that denies them, addresses of the node that no pod of the inventory has pass neither way.
  case unknownPods = "addresses of this node that no pod of the inventory has neither send nor receive"
  /// In the mode that rechecks them, existing connections pass where they would be let in now.
  case rechecked = "existing connections pass exactly where they would be let in now"
  /// In the modes that check sources, what claims to be from a pod comes from it.
  case genuineSource = "what claims to be from a pod of this node comes from it"
  /// In audit everything passes.
  case audit = "in audit nothing is dropped"
  /// Packets without a tracked connection pass no further than new ones.
  case untracked = "what is invalid or untracked passes only where a new connection would"
}

extension Packet {
  /// The required verdict about a packet and the promise that requires it, computed for this packet alone.
  public func obligation(
    _ specification: Specification, _ modes: EnforcementModes = EnforcementModes()
  ) -> (Obligation, Requirement) {
    if path == .fromNode { return (.pass, .fromNode) }
    if isForged(specification, modes) { return (.noPass, .genuineSource) }
    let isNeverBlocked = isNeverBlocked
    if path == .forwarded, !isNeverBlocked, !modes.unknownPodBlocks.isEmpty,
      modes.isUnknown(source, specification) || modes.isUnknown(destination, specification)
    {
      return (.noPass, .unknownPods)
    }
    if modes.rechecksEstablished, state == .established, !isNeverBlocked, !(isReply && path == .toNode) {
      var asked = isReply ? mirrored : self
      asked.state = .new
      asked.isReply = false
      // The first bytes of what is answered stand where its answer has the port: no message type.
      if isReply { asked.firstBytes = 0 }
      // The packet that is answered came by another interface, and was checked then.
      asked.arrival = Arrival()
      return (asked.obligation(specification, modes).0, .rechecked)
    }
    if state == .established || state == .related { return (.pass, .replies) }
    if isNeverBlocked, state != .invalid { return (.pass, .neverBlocked) }
    let traffic = specification.store.traffic(
      path == .toNode ? allowedToNode(specification, modes) : allowed(specification))
    let allowed = isNeverBlocked || traffic.contains(transport, destinationPort)
    if state == .new, path == .toNode { return (allowed ? .pass : .noPass, .toNode) }
    if state == .new {
      let pods = (specification.pod(at: source), specification.pod(at: destination))
      let own = pods.0 != nil && pods.0 == pods.1 && isTranslated
      return (allowed ? .pass : .noPass, own ? .ownAddress : .policies)
    }
    return (allowed ? .either : .noPass, .untracked)
  }
}

extension Packet {
  /// The traffic that policies allow between the ends. A pod reaches its own addresses where the destination was translated; a packet
  /// with both that was not is a forgery, and no exemption.
  private func allowed(_ specification: Specification) -> TrafficID {
    let sender = specification.pod(at: source)
    guard let sender, sender == specification.pod(at: destination), !(isTranslated && hasConnection) else {
      return specification.allowed(from: source, to: destination)
    }
    return specification.store.intersection(
      specification.store.traffic(
        of: specification.profile(ofPod: sender, .egress).allowed(family), at: destination.bits),
      specification.store.traffic(
        of: specification.profile(ofPod: sender, .ingress).allowed(family), at: source.bits))
  }

  /// The traffic that the source's egress allows towards an address of the node; everything where the source
  /// is no subject. Where NetworkPolicy does not hold there, the tiers of ClusterNetworkPolicy do.
  private func allowedToNode(_ specification: Specification, _ modes: EnforcementModes) -> TrafficID {
    let specification = modes.podToNode == .open ? specification.clusterTiers ?? specification : specification
    guard let pod = specification.pod(at: source), specification.classIndex(ofPod: pod) != nil else {
      return .everything
    }
    let profile = specification.profile(ofPod: pod, .egress)
    if !profile.isSelected { return .everything }
    return specification.store.traffic(of: profile.allowed(family), at: destination.bits)
  }
}
