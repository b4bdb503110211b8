import Diagnostics
import Addresses
public import PolicyModel
import Reachability

/// Checks expectations against a cluster's policies, over groups of pods that policies cannot tell apart.
public struct Asserter {
  private let cluster: Cluster
  private let specification: Specification
  private let tracer: Tracer
  private let probes: PodsToCome

  /// Prepares a cluster. Pods to come that expectations speak of are put into it, one a namespace and label set.
  public init(_ cluster: Cluster, for expectations: [AccessExpectation]) {
    probes = PodsToCome(cluster, expectations)
    self.cluster = Cluster.withStandIns([probes.cluster])[0]
    specification = Specification(self.cluster)
    tracer = Tracer(self.cluster)
  }

  /// How an expectation comes out. O(pods of its source × of its destination) at the most.
  public func check(_ expectation: AccessExpectation) -> ExpectationResult {
    let (sources, destinations) = (ends(expectation.source), ends(expectation.destination))
    for (ends, word) in [(sources, "from"), (destinations, "to")] where ends.isEmpty {
      return ExpectationResult(
        expectation: expectation, failure: "\"\(word)\" means no pod of the inventory", witness: nil)
    }
    // "All of A, some of B": for each of A there is one of B.
    for source in sources {
      let counterexample = firstFailure(source, destinations, expectation)
      switch (expectation.source.quantifier, counterexample) {
      case (.all, let failure?): return failure
      case (.some, nil): return ExpectationResult(expectation: expectation, failure: nil, witness: nil)
      default: continue
      }
    }
    if expectation.source.quantifier == .all {
      return ExpectationResult(expectation: expectation, failure: nil, witness: nil)
    }
    return sources.first.flatMap { firstFailure($0, destinations, expectation) }
      ?? ExpectationResult(expectation: expectation, failure: nil, witness: nil)
  }

  private struct End {
    let pod: Int?
    let block: CIDR?
  }

  private func ends(_ group: AccessExpectation.Group) -> [End] {
    if let block = group.block { return [End(pod: nil, block: block)] }
    return cluster.pods.indices.filter { index in
      let pod = cluster.pods[index]
      if pod.kind == PodsToCome.kind, !group.toCome || pod.labels != group.labels { return false }
      return group.matches(pod, cluster)
    }.map { End(pod: $0, block: nil) }
  }

  private func firstFailure(
    _ source: End, _ destinations: [End], _ expectation: AccessExpectation
  ) -> ExpectationResult? {
    var last: ExpectationResult?
    for destination in destinations where source.pod == nil || source.pod != destination.pod {
      let failure = failure(source, destination, expectation)
      switch expectation.destination.quantifier {
      case .all: if let failure { return failure }
      case .some:
        guard let failure else { return nil }
        last = last ?? failure
      }
    }
    return last
  }

  /// Why one pair is not as expected; nil where it is.
  private func failure(_ source: End, _ destination: End, _ expectation: AccessExpectation)
    -> ExpectationResult?
  {
    let store = specification.store
    let wanted = store.intern(expectation.traffic)
    for (from, to, allowed) in connections(source, destination) {
      let wrong =
        expectation.verdict == .allow
        ? store.difference(wanted, allowed) : store.intersection(wanted, allowed)
      guard let packet = store.traffic(wrong).telling else { continue }
      let name = TrafficSet.name(packet.transport)
      let words = TrafficSet.hasPorts(packet.transport) ? "\(name) \(packet.port)" : name
      let verdict = expectation.verdict == .allow ? "denied" : "allowed"
      var causes: [Cause] = []
      for (own, peer, direction) in [(from, to, Direction.egress), (to, from, .ingress)] {
        guard let pod = specification.pod(at: own) else { continue }
        let behind = specification.pod(at: peer).map { cluster.pods[$0] }
        causes.append(
          Cause(
            tracer.trace(
              cluster.pods[pod], direction, peer: TracedPeer(address: peer, pod: behind),
              traffic: (packet.transport, packet.port))))
      }
      return ExpectationResult(
        expectation: expectation,
        failure: "must \(expectation.verdict.rawValue), but \(words) is \(verdict)",
        witness: ("\(self.words(from)) → \(self.words(to)) \(words)", causes))
    }
    return nil
  }

  private func words(_ address: IPAddress) -> String {
    guard let pod = specification.pod(at: address).map({ cluster.pods[$0] }) else { return "\(address)" }
    return pod.isStandIn ? pod.endpointName : "\(pod.endpointName) (\(address))"
  }

  /// Every pair of addresses of the two ends, blocks cut into stretches that are treated alike, with what is allowed.
  private func connections(
    _ source: End, _ destination: End
  ) -> [(from: IPAddress, to: IPAddress, allowed: TrafficID)] {
    if let from = source.pod, let to = destination.pod {
      return pairs(cluster.pods[from], cluster.pods[to]).map { sender, receiver in
        (sender, receiver, allowed(from, receiver, to, sender))
      }
    }
    if let block = source.block, let pod = destination.pod { return stretches(block, pod, .ingress) }
    if let block = destination.block, let pod = source.pod { return stretches(block, pod, .egress) }
    return []
  }

  private func pairs(_ from: Pod, _ to: Pod) -> [(IPAddress, IPAddress)] {
    from.addresses.flatMap { sender in
      to.addresses.filter { $0.family == sender.family || from.isStandIn || to.isStandIn }.map {
        (sender, $0)
      }
    }
  }

  private func allowed(_ from: Int, _ receiver: IPAddress, _ to: Int, _ sender: IPAddress) -> TrafficID {
    let store = specification.store
    return store.intersection(
      store.traffic(
        of: specification.profile(ofPod: from, .egress).allowed(receiver.family), at: receiver.bits),
      store.traffic(of: specification.profile(ofPod: to, .ingress).allowed(sender.family), at: sender.bits))
  }

  /// A block's addresses that are no pod's, one for each stretch that the pod's policies treat alike.
  private func stretches(
    _ block: CIDR, _ pod: Int, _ direction: Direction
  ) -> [(from: IPAddress, to: IPAddress, allowed: TrafficID)] {
    let own = cluster.pods[pod]
    guard let address = own.addresses.first(where: { $0.family == block.family || own.isStandIn }) else {
      return []
    }
    var result: [(from: IPAddress, to: IPAddress, allowed: TrafficID)] = []
    let diagram = specification.profile(ofPod: pod, direction).allowed(block.family)
    specification.store.forEachInterval(of: diagram, from: block.interval.lower) { interval, allowed in
      guard let part = interval.intersection(block.interval) else { return false }
      var bits = part.lower
      while specification.pod(at: IPAddress(block.family, bits: bits)) != nil, bits < part.upper { bits += 1 }
      let peer = IPAddress(block.family, bits: bits)
      if specification.pod(at: peer) == nil {
        result.append(direction == .ingress ? (peer, address, allowed) : (address, peer, allowed))
      }
      return true
    }
    return result
  }
}

extension AccessExpectation.Group {
  /// Whether a pod is one of the group.
  func matches(_ pod: Pod, _ cluster: Cluster) -> Bool {
    if let namespace, pod.namespace != namespace { return false }
    if let outsideNamespace, pod.namespace == outsideNamespace { return false }
    let labels = cluster.labels(ofNamespace: pod.namespace)
    return namespaceLabels.pairs.allSatisfy { labels[$0.key] == $0.value }
      && self.labels.pairs.allSatisfy { pod.labels[$0.key] == $0.value }
  }
}

/// Pods that an expectation speaks of before they are there: one with just its labels in each namespace that is meant.
struct PodsToCome {
  /// The kind that stands in their names.
  static let kind = "PodToCome"
  let cluster: Cluster

  init(_ cluster: Cluster, _ expectations: [AccessExpectation]) {
    let groups = expectations.flatMap { [$0.source, $0.destination] }.filter(\.toCome)
    var added: [Pod] = []
    var seen: Set<Pod> = []
    for group in groups {
      let spaces = Set(cluster.namespaces.keys).union([group.namespace].compactMap { $0 })
      for namespace in spaces.sorted() {
        let words = group.labels.pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        let pod = Pod(
          namespace: namespace, name: words.isEmpty ? "any" : words, kind: Self.kind, labels: group.labels,
          origin: .nowhere)
        if group.matches(pod, cluster), seen.insert(pod).inserted { added.append(pod) }
      }
    }
    self.cluster = Cluster(
      policies: cluster.policies, namespaces: cluster.namespaces, pods: cluster.pods + added,
      nodes: cluster.nodes, omitted: cluster.omitted)
  }
}
