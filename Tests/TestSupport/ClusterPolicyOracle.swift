import Addresses
import PolicyModel

/// The reference semantics of ClusterNetworkPolicy, as the checklist writes them: who is allowed what by policies as they
/// are written. It shares no code with the compiler, the specification or the front end.
///
/// ```
/// first(T, d, p, x) = the action of the first rule of tier T that matches
/// ok(d, p, x)       = by first(Admin), else NetworkPolicy where one isolates p in d, else first(Baseline) ≠ Deny
/// allowed(x)        = ok(egress, source) ∧ ok(ingress, destination), where these are subject pods
/// ```
public struct ClusterPolicyOracle: Sendable {
  private let contents: ManifestContents
  private let written: [WrittenClusterPolicy]
  private let node: String?
  /// NetworkPolicy for one direction only, by the evaluator of its fields' comments.
  private let admits: [Direction: PlainEvaluator]

  /// The evaluator of a cluster, for the pods of one node or of all.
  public init(_ random: RandomClusterPolicies, node: String?) {
    contents = random.contents
    // "by priority ascending": lower is earlier; of equals the name that comes first.
    written = random.written.sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
    self.node = node
    var admits: [Direction: PlainEvaluator] = [:]
    for direction in Direction.allCases {
      var only = random.contents
      only.policies = random.contents.policies.filter { $0.id.namespace != nil }.map { policy in
        Policy(
          id: policy.id, subjects: policy.subjects, ingress: direction == .ingress ? policy.ingress : nil,
          egress: direction == .egress ? policy.egress : nil, origin: policy.origin)
      }
      admits[direction] = PlainEvaluator(only, node: node)
    }
    self.admits = admits
  }

  /// Whether the packet may pass; `isTranslated` where it went to a Service, as all do that come from a pod to itself.
  public func allows(_ packet: ConnectionAttempt, isTranslated: Bool = true) -> Bool {
    let (source, destination) = (pod(packet.source), pod(packet.destination))
    // E10: what a pod sends to itself through a Service is subject to these tiers, and not to NetworkPolicy.
    let isOwn = isTranslated && source != nil && source?.displayName == destination?.displayName
    if let source, node == nil || source.node == node,
      !isOK(.egress, source, peer: destination, packet.destination, packet, owner: destination, !isOwn)
    {
      return false
    }
    if let destination, node == nil || destination.node == node {
      return isOK(.ingress, destination, peer: source, packet.source, packet, owner: destination, !isOwn)
    }
    return true
  }

  /// Whether a pod may send a packet to an address of its own node, where NetworkPolicy is not asked (E12).
  public func allowsToNode(_ packet: ConnectionAttempt) -> Bool {
    guard let source = pod(packet.source), node == nil || source.node == node else { return true }
    let destination = pod(packet.destination)
    return isOK(.egress, source, peer: destination, packet.destination, packet, owner: destination, false)
  }

  private func isOK(
    _ direction: Direction, _ pod: Pod, peer: Pod?, _ address: IPAddress, _ packet: ConnectionAttempt,
    owner: Pod?, _ asksNetworkPolicy: Bool
  ) -> Bool {
    func first(_ tier: String) -> String? {
      for policy in written where policy.tier == tier && isSubject(pod, policy.subject) {
        for rule in (direction == .ingress ? policy.ingress : policy.egress) ?? [] {
          // F1, F2 and P7: a rule that is not understood accepts nothing, and denies everything.
          let isUnderstood = rule.peers.allSatisfy { peer in
            switch peer {
            case .domainNames, .unknown: false
            default: true
            }
          }
          if !isUnderstood {
            if rule.action == "Accept" { continue }
            return "Deny"
          }
          let hit = rule.peers.contains { entry in
            guard matches(entry, peer, address) else { return false }
            guard let protocols = rule.protocols else { return true }
            return protocols.contains { matches($0, packet, owner, entry) }
          }
          if hit { return rule.action }
        }
      }
      return nil
    }
    switch first("Admin") {
    case "Accept": return true
    case "Deny": return false
    default: break
    }
    if asksNetworkPolicy, isIsolated(pod, direction) {
      return admits[direction]?.allows(packet, isTranslated: false) ?? false
    }
    return first("Baseline") != "Deny"
  }

  private func isIsolated(_ pod: Pod, _ direction: Direction) -> Bool {
    contents.policies.contains { policy in
      guard policy.id.namespace == pod.namespace else { return false }
      guard (direction == .ingress ? policy.ingress : policy.egress) != nil else { return false }
      return policy.subjects.pods.requirements.allSatisfy { requirement in
        meets(pod.labels, requirement.key, requirement.relation.rawValue, requirement.values)
      }
    }
  }

  private func isSubject(_ pod: Pod, _ subject: WrittenClusterPolicy.Peer) -> Bool {
    // S6: the pods of the host's network are nobody here, since they have no address of their own.
    matches(subject, pod, pod.addresses.first ?? IPAddress(.ipv4, bits: 0))
  }

  private func matches(_ entry: WrittenClusterPolicy.Peer, _ pod: Pod?, _ address: IPAddress) -> Bool {
    switch entry {
    case .namespaces(let selector): return pod.map { meets(namespaceLabels($0.namespace), selector) } ?? false
    case .pods(let namespaces, let pods):
      guard let pod else { return false }
      return meets(namespaceLabels(pod.namespace), namespaces ?? []) && meets(pod.labels, pods)
    case .networks(let networks):
      return networks.contains { network in
        guard network.isIPv6 == (address.family == .ipv6) else { return false }
        let width = network.isIPv6 ? 128 : 32
        return network.length == 0
          || address.bits >> UInt128(width - network.length) == network.bits
            >> UInt128(width - network.length)
      }
    case .nodes(let selector):
      return contents.nodes.contains { $0.addresses.contains(address) && meets($0.labels, selector) }
    case .domainNames, .unknown: return false
    }
  }

  /// A port name is one of pods: at networks and nodes it matches nothing (M6).
  private func matches(
    _ match: WrittenClusterPolicy.Match, _ packet: ConnectionAttempt, _ owner: Pod?,
    _ entry: WrittenClusterPolicy.Peer
  ) -> Bool {
    let numbers = ["tcp": UInt8(6), "udp": 17, "sctp": 132]
    switch match {
    case .number(let transport, let number):
      return numbers[transport] == packet.transport && number == packet.port
    case .range(let transport, let start, let end):
      return numbers[transport] == packet.transport && packet.port >= start && packet.port <= end
    case .name(let name):
      switch entry {
      case .networks, .nodes: return false
      default: break
      }
      var seen: Set<UInt8> = []
      for port in owner?.namedPorts ?? [] where port.name == name {
        let transport = numbers[port.transport.rawValue.lowercased()] ?? 0
        // The first container's port of a name and protocol counts.
        guard seen.insert(transport).inserted else { continue }
        if transport == packet.transport, port.number == packet.port { return true }
      }
      return false
    }
  }

  private func namespaceLabels(_ name: String) -> Labels {
    let written = contents.namespaces.first { $0.name == name }?.labels.pairs ?? []
    return Labels(
      written.filter { $0.key != "kubernetes.io/metadata.name" }
        + [Labels.Pair("kubernetes.io/metadata.name", name)])
  }

  private func meets(_ labels: Labels, _ selector: [WrittenClusterPolicy.Requirement]) -> Bool {
    selector.allSatisfy { meets(labels, $0.key, $0.relation, $0.values) }
  }

  private func meets(_ labels: Labels, _ key: String, _ relation: String, _ values: [String]) -> Bool {
    var value: String?
    for pair in labels.pairs where pair.key == key { value = pair.value }
    switch relation {
    case "In": return value.map(values.contains) ?? false
    case "NotIn": return !(value.map(values.contains) ?? false)
    case "Exists": return value != nil
    default: return value == nil
    }
  }

  private func pod(_ address: IPAddress) -> Pod? {
    let claims = contents.pods.filter {
      !$0.hostNetwork && $0.phase != .succeeded && $0.phase != .failed && $0.addresses.contains(address)
    }
    return claims.first { $0.phase == .running } ?? claims.first
  }
}

extension ClusterPolicyOracle {
  /// The addresses and ports at which the meaning can change.
  private var corners: (addresses: [IPAddress], ports: [UInt16]) {
    var addresses = Set(contents.pods.flatMap(\.addresses) + contents.nodes.flatMap(\.addresses))
    var ports: Set<UInt16> = [7]
    for pod in contents.pods { ports.formUnion(pod.namedPorts.map(\.number)) }
    for rule in written.flatMap({ ($0.ingress ?? []) + ($0.egress ?? []) }) {
      for case .networks(let networks) in rule.peers {
        for network in networks {
          let family: IPFamily = network.isIPv6 ? .ipv6 : .ipv4
          let last = network.bits + (family.maximum >> UInt128(network.length))
          for bits in [network.bits, last] { addresses.insert(IPAddress(family, bits: bits)) }
          if network.bits > 0 { addresses.insert(IPAddress(family, bits: network.bits - 1)) }
          if last < family.maximum { addresses.insert(IPAddress(family, bits: last + 1)) }
        }
      }
      for match in rule.protocols ?? [] {
        switch match {
        case .number(_, let number): ports.formUnion([number, number &+ 1])
        case .range(_, let start, let end): ports.formUnion([start, end, start &- 1, end &+ 1])
        case .name: break
        }
      }
    }
    return (addresses.sorted(), ports.sorted())
  }

  /// Packets between corners, with a pod at one end at least.
  public func randomProbes(_ count: Int, _ generator: inout SeededGenerator) -> [ConnectionAttempt] {
    let (addresses, ports) = corners
    let pods = contents.pods.flatMap(\.addresses)
    guard !pods.isEmpty else { return [] }
    return (0..<count).map { _ in
      let pod = generator.pick(pods)
      let other = generator.pick(addresses.filter { $0.family == pod.family })
      let transport = generator.pick([UInt8(6), 6, 6, 17, 132, 1, 47])
      let port = transport == 1 || transport == 47 ? 0 : generator.pick(ports)
      return generator.chance(oneIn: 2)
        ? ConnectionAttempt(pod, other, transport, port) : ConnectionAttempt(other, pod, transport, port)
    }
  }
}
