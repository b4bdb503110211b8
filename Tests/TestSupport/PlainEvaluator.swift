public import Addresses
public import PolicyModel

/// A packet that opens a connection.
public struct ConnectionAttempt: Sendable, Hashable, CustomStringConvertible {
  /// Who sends it.
  public var source: IPAddress
  /// Who is meant, of the same family.
  public var destination: IPAddress
  /// The number in the IP header.
  public var transport: UInt8
  /// The destination port; meaningless for protocols without one.
  public var port: UInt16

  /// A packet.
  public init(_ source: IPAddress, _ destination: IPAddress, _ transport: UInt8, _ port: UInt16) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.port = port
  }

  /// `10.0.0.1 -> 10.0.0.2 protocol 6 port 80`.
  public var description: String { "\(source) -> \(destination) protocol \(transport) port \(port)" }
}

/// What the API says about a packet, worked out the slow way: every policy, rule, peer and port is asked in turn,
/// by the wording of the fields' comments. It shares no code with the compiler but the model's types, not even
/// the matching of selectors.
public struct PlainEvaluator: Sendable {
  let contents: ManifestContents
  /// The node whose pods are subjects; nil: all.
  let node: String?
  /// The policies in the order in which they are asked: by tier, by priority, by name.
  private let ordered: [Policy]

  /// An evaluator of what manifests say, for one node or for all.
  public init(_ contents: ManifestContents, node: String?) {
    self.contents = contents
    self.node = node
    ordered = contents.policies.sorted { left, right in
      if left.tier.place != right.tier.place { return left.tier.place < right.tier.place }
      if left.priority != right.priority { return left.priority < right.priority }
      let (namespace, other) = (left.id.namespace ?? "", right.id.namespace ?? "")
      return namespace == other ? left.id.name < right.id.name : namespace < other
    }
  }

  /// Whether the packet may pass; `isTranslated` where it went to a Service, as all do that come from a pod to itself.
  public func allows(_ probe: ConnectionAttempt, isTranslated: Bool = true) -> Bool {
    let from = pods(at: probe.source)
    let to = pods(at: probe.destination)
    // "A pod cannot block access to itself": NetworkPolicy documentation.
    if isTranslated, !from.isEmpty, from.map(\.displayName) == to.map(\.displayName) { return true }
    // Where it is not known which of several pods has an address, each of them must be allowed.
    if from.contains(where: isSubject) {
      for pod in from
      where !direction(.egress, of: pod, peers: to, probe.destination, probe, portOwners: to) {
        return false
      }
    }
    if to.contains(where: isSubject) {
      for pod in to
      where !direction(.ingress, of: pod, peers: from, probe.source, probe, portOwners: [pod]) {
        return false
      }
    }
    return true
  }

  private func isSubject(_ pod: Pod) -> Bool { node == nil || pod.node == node }

  /// The pods that have the address now, by name: on the pod network and not finished. One that is being deleted gives way
  /// to one that is not, then one that does not run to one that does, then one that is not ready to one that is.
  private func pods(at address: IPAddress) -> [Pod] {
    var claims = contents.pods.filter { pod in
      !pod.hostNetwork && pod.phase != .succeeded && pod.phase != .failed && pod.addresses.contains(address)
    }
    for isBetter: (Pod) -> Bool in [{ !$0.deleting }, { $0.phase == .running }, { $0.ready }]
    where claims.contains(where: isBetter) {
      claims = claims.filter(isBetter)
    }
    return claims.sorted { $0.displayName < $1.displayName }
  }

  /// Tier by tier: the first rule that matches, over the policies that select the pod, in order. Accept and deny are
  /// final; pass asks the next tier, and so does a tier that selects the pod, has no rule for the packet and passes by
  /// default. "isolated … if there is any NetworkPolicy that both selects the pod and has the direction in policyTypes"
  /// is a default of deny. What no tier decides is allowed.
  private func direction(
    _ direction: Direction, of pod: Pod, peers: [Pod], _ peerAddress: IPAddress, _ probe: ConnectionAttempt,
    portOwners: [Pod]
  ) -> Bool {
    var position = 0
    while position < ordered.count {
      let tier = ordered[position].tier
      var isSelected = false
      var first: RuleAction?
      while position < ordered.count, ordered[position].tier.place == tier.place {
        let policy = ordered[position]
        position += 1
        guard let rules = direction == .ingress ? policy.ingress : policy.egress,
          isSubject(pod, of: policy)
        else { continue }
        isSelected = true
        for rule in rules where first == nil {
          first = action(of: rule, policy, peers, peerAddress, probe, portOwners, direction)
        }
      }
      if first == .accept { return true }
      if first == .deny || first == nil && isSelected && tier.selectedDefault == .deny { return false }
    }
    return true
  }

  /// The effect of a rule on a packet; nil where it does not match. Where it matches some of the pods that may have the
  /// peer's address, one that accepts does not, and any other denies.
  private func action(
    of rule: PolicyRule, _ policy: Policy, _ peers: [Pod], _ peerAddress: IPAddress,
    _ probe: ConnectionAttempt, _ portOwners: [Pod], _ direction: Direction
  ) -> RuleAction? {
    func isMatched(_ peers: [Pod], _ owners: [Pod]) -> Bool {
      peerMatches(rule.peers, policy.id.namespace, peers, peerAddress)
        && portMatches(rule.ports, probe, owners)
    }
    if isMatched(peers, portOwners) { return rule.action }
    if rule.action == .accept { return nil }
    let isMatchedByOne = peers.contains { isMatched([$0], direction == .egress ? [$0] : portOwners) }
    return isMatchedByOne ? .deny : nil
  }

  private func isSubject(_ pod: Pod, of policy: Policy) -> Bool {
    switch policy.subjects.namespaces {
    case .own: if pod.namespace != policy.id.namespace { return false }
    case .matching(let namespaces): if !matches(namespaces, namespaceLabels(pod.namespace)) { return false }
    }
    return matches(policy.subjects.pods, pod.labels)
  }

  private func peerMatches(_ peers: OneOf<Peer>, _ own: String?, _ pods: [Pod], _ address: IPAddress)
    -> Bool
  {
    guard case .anyOf(let list) = peers else { return true }
    for entry in list {
      switch entry.kind {
      case .ipBlock(let block):
        if inside(address, block.cidr), !block.except.contains(where: { inside(address, $0) }) { return true }
      case .pods(let scope, let selector):
        var isMatched = !pods.isEmpty
        for pod in pods {
          switch scope {
          case .own: if pod.namespace != own { isMatched = false }
          case .matching(let namespaces):
            if !matches(namespaces, namespaceLabels(pod.namespace)) { isMatched = false }
          }
          if !matches(selector, pod.labels) { isMatched = false }
        }
        if isMatched { return true }
      }
    }
    return false
  }

  private func portMatches(_ ports: OneOf<PolicyPort>, _ probe: ConnectionAttempt, _ owners: [Pod]) -> Bool {
    guard case .anyOf(let list) = ports else { return true }
    for entry in list {
      let number: UInt8 =
        switch entry.transport {
        case .tcp: 6
        case .udp: 17
        case .sctp: 132
        }
      if number != probe.transport { continue }
      switch entry.ports {
      case .all: return true
      case .range(let range): if probe.port >= range.lower && probe.port <= range.upper { return true }
      case .named(let name):
        let numbers = owners.map { owner in
          owner.namedPorts.first { $0.name == name && $0.transport == entry.transport }?.number
        }
        if !numbers.isEmpty, numbers.allSatisfy({ $0 == probe.port }) { return true }
      }
    }
    return false
  }

  private func namespaceLabels(_ name: String) -> Labels {
    var pairs: [Labels.Pair] = [Labels.Pair("kubernetes.io/metadata.name", name)]
    for namespace in contents.namespaces where namespace.name == name {
      pairs = namespace.labels.pairs.filter { $0.key != "kubernetes.io/metadata.name" } + pairs
    }
    return Labels(pairs)
  }

  /// Bit by bit, so that no arithmetic of blocks is shared.
  private func inside(_ address: IPAddress, _ block: CIDR) -> Bool {
    guard address.family == block.family else { return false }
    let width = address.family == .ipv4 ? 32 : 128
    for bit in 0..<block.prefixLength {
      let shift = UInt128(width - 1 - bit)
      if (address.bits >> shift) & 1 != (block.base.bits >> shift) & 1 { return false }
    }
    return true
  }

  private func matches(_ selector: LabelSelector, _ labels: Labels) -> Bool {
    for requirement in selector.requirements {
      var value: String?
      for pair in labels.pairs where pair.key == requirement.key { value = pair.value }
      let met: Bool
      switch requirement.relation {
      case .isIn: met = value != nil && requirement.values.contains(value ?? "")
      case .notIn: met = value == nil || !requirement.values.contains(value ?? "")
      case .exists: met = value != nil
      case .doesNotExist: met = value == nil
      }
      if !met { return false }
    }
    return true
  }
}

extension PlainEvaluator {
  /// The addresses and ports at which the manifests' meaning can change: every pod's address, each block's first and
  /// last address and their neighbours; every port that is named, and its neighbours.
  private func corners() -> (addresses: [IPAddress], ports: [UInt16]) {
    var addresses: Set<IPAddress> = []
    for pod in contents.pods { addresses.formUnion(pod.addresses) }
    var ports: Set<UInt16> = [7]
    for pod in contents.pods { ports.formUnion(pod.namedPorts.map(\.number)) }
    for rule in contents.policies.flatMap({ ($0.ingress ?? []) + ($0.egress ?? []) }) {
      for peer in rule.peers.entries {
        guard case .ipBlock(let block) = peer.kind else { continue }
        for cidr in [block.cidr] + block.except {
          let interval = cidr.interval
          for bits in [interval.lower, interval.upper] {
            addresses.insert(IPAddress(cidr.family, bits: bits))
          }
          if interval.lower > 0 { addresses.insert(IPAddress(cidr.family, bits: interval.lower - 1)) }
          if interval.upper < cidr.family.maximum {
            addresses.insert(IPAddress(cidr.family, bits: interval.upper + 1))
          }
        }
      }
      for port in rule.ports.entries {
        guard case .range(let range) = port.ports else { continue }
        ports.formUnion([range.lower, range.upper, range.lower &- 1, range.upper &+ 1])
      }
    }
    return (addresses.sorted(), ports.sorted())
  }

  /// Packets that can tell every policy of the manifests apart: between all corners, with a pod at one end at least.
  public func representativeProbes() -> [ConnectionAttempt] {
    let (addresses, ports) = corners()
    let pods = Set(contents.pods.flatMap(\.addresses))
    var probes: [ConnectionAttempt] = []
    for source in addresses {
      for destination in addresses where destination.family == source.family {
        guard pods.contains(source) || pods.contains(destination) else { continue }
        for transport: UInt8 in [6, 17, 132] {
          for port in ports { probes.append(ConnectionAttempt(source, destination, transport, port)) }
        }
        probes.append(ConnectionAttempt(source, destination, 1, 0))
        probes.append(ConnectionAttempt(source, destination, 47, 0))
      }
    }
    return probes
  }

  /// Some of `representativeProbes`, picked without making them all.
  public func randomProbes(_ count: Int, _ generator: inout SeededGenerator) -> [ConnectionAttempt] {
    let (addresses, ports) = corners()
    let pods = contents.pods.flatMap(\.addresses)
    guard !pods.isEmpty else { return [] }
    return (0..<count).map { _ in
      let pod = generator.pick(pods)
      let other = generator.pick(addresses.filter { $0.family == pod.family })
      let transport = generator.pick([UInt8(6), 6, 17, 132, 1, 47])
      let port = transport == 1 || transport == 47 ? 0 : generator.pick(ports)
      return generator.chance(oneIn: 2)
        ? ConnectionAttempt(pod, other, transport, port) : ConnectionAttempt(other, pod, transport, port)
    }
  }
}
