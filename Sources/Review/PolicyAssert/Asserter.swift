import Addresses
import Connectivity
import Diagnostics
public import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// Checks expectations against a cluster's policies, over groups of pods that policies cannot distinguish.
public struct Asserter {
  let cluster: Cluster
  private let specification: Specification
  let podsToCome: FuturePods
  let nodes: NodeAddresses
  /// The sources that senders can use; nil where they are believed to use their own.
  let claims: SourceClaims?

  /// Prepares a cluster.
  ///
  /// - Parameters:
  ///   - cluster: policies and inventory.
  ///   - podToNode: the treatment of what pods send to their own node.
  ///   - sourceCheck: the check on each node of the sources that pods write into their packets, for expectations that deny; nil:
  ///     pods are believed to use their own.
  public init(
    _ cluster: Cluster, podToNode: EnforcementModes.PodToNode = .open,
    sourceCheck: EnforcementModes.SourceCheck? = nil
  ) {
    self.cluster = PlacedClusters([cluster]).clusters[0]
    specification = Specification(self.cluster)
    nodes = NodeAddresses(self.cluster, podToNode: podToNode)
    claims = sourceCheck.map { SourceClaims($0) }
    podsToCome = FuturePods(self.cluster, nodes, areSourcesClaimed: claims?.areOpen ?? false)
  }

  /// Checks an expectation. O(pods of its source × of its destination) at the most; of pods to come as many
  /// count as policies can distinguish.
  public func check(_ expectation: AccessExpectation) -> ExpectationResult {
    let isForged = mayForge(expectation)
    if expectation.verdict == .only || expectation.source.toCome || expectation.destination.toCome
      || isForged || isAboutWorkloads(expectation)
    {
      do throws(FuturePods.TooMany) {
        let (sources, destinations) = try podsToCome.ends(expectation)
        let bearers = isForged ? try bearers(expectation, sources, destinations) : []
        return check(expectation, sources, destinations) { source, destination in
          let outcome = failure(source, destination, expectation)
          if case .failure = outcome { return outcome }
          return forgery(source, destination, bearers, expectation) ?? outcome
        }
      } catch {
        return ExpectationResult(expectation: expectation, undecided: error.words)
      }
    }
    return check(expectation, ends(expectation.source), ends(expectation.destination)) {
      $0.pod != nil && $0.pod == $1.pod ? .nothing : failure($0, $1, expectation)
    }
  }

  /// True where a pod without an address is among the ends: each address that it may get is tried.
  private func isAboutWorkloads(_ expectation: AccessExpectation) -> Bool {
    cluster.pods.contains { pod in
      pod.isPlaceholder
        && [expectation.source, expectation.destination].contains {
          $0.block == nil && $0.matches(pod, cluster)
        }
    }
  }

  /// The result for one pair, or for one sender and all receivers.
  enum Outcome {
    case asExpected
    /// There is nothing to compare: both ends are one pod, or they have no address family in common.
    case nothing
    case failure(ExpectationResult)
  }

  /// "All of A, some of B": for each of A there is one of B.
  private func check<End>(
    _ expectation: AccessExpectation, _ sources: [End], _ destinations: [End],
    _ outcome: (End, End) -> Outcome
  ) -> ExpectationResult {
    func unmet(_ words: String) -> ExpectationResult {
      ExpectationResult(expectation: expectation, failure: words, witness: nil)
    }
    if let name = emptySender(expectation) ?? emptyEnd(expectation, sources, destinations) {
      return unmet("\"\(name)\" matches no pod in the inventory")
    }
    func together(_ source: End) -> Outcome {
      var (first, isCompared): (ExpectationResult?, Bool) = (nil, false)
      for destination in destinations {
        switch (outcome(source, destination), expectation.destination.quantifier) {
        case (.nothing, _): continue
        case (.asExpected, .all): isCompared = true
        case (.asExpected, .some): return .asExpected
        case (.failure(let failure), .all): return .failure(failure)
        case (.failure(let failure), .some): first = first ?? failure
        }
      }
      return first.map { Outcome.failure($0) } ?? (isCompared ? .asExpected : .nothing)
    }
    var (first, isCompared): (ExpectationResult?, Bool) = (nil, false)
    for source in sources {
      switch (together(source), expectation.source.quantifier) {
      // A sender for which there is nothing to compare is none that has the connection.
      case (.nothing, _): continue
      case (.asExpected, .all): isCompared = true
      case (.asExpected, .some): return ExpectationResult(expectation: expectation)
      case (.failure(let failure), .all): return failure
      case (.failure(let failure), .some): first = first ?? failure
      }
    }
    if let first { return first }
    if isCompared { return ExpectationResult(expectation: expectation) }
    // An expectation that holds over nothing is not met: it is most likely a slip.
    return unmet(
      expectation.verdict == .only && sources.isEmpty
        ? "nothing is left to check: \"from\" names every pod and every address"
        : "no connection is possible between \"from\" and \"to\": they are one pod, or have no address family in common"
    )
  }

  /// The end that matches nothing; nil where each matches something.
  private func emptyEnd<End>(
    _ expectation: AccessExpectation, _ sources: [End], _ destinations: [End]
  ) -> String? {
    if sources.isEmpty, expectation.verdict != .only { return "from" }
    return destinations.isEmpty ? "to" : nil
  }

  /// A sender that `only` names and that is no pod, neither one of today nor one of a workload without replicas; nil where there
  /// is none: a name that matches nothing is most likely misspelt, and every pod would be one of the others.
  private func emptySender(_ expectation: AccessExpectation) -> String? {
    let known = cluster.pods + cluster.idle
    let place = expectation.onlySources.firstIndex { group in
      group.block == nil && !known.contains { group.matches($0, cluster) }
    }
    return place.map { expectation.onlySources.count == 1 ? "from" : "from[\($0)]" }
  }

  private struct End {
    let pod: Int?
    let block: CIDR?
    /// Of the pod only these addresses are meant.
    let addresses: [IPAddress]

    init(pod: Int, addresses: [IPAddress]) { (self.pod, block, self.addresses) = (pod, nil, addresses) }
    init(block: CIDR) { (pod, self.block, addresses) = (nil, block, []) }
  }

  /// The ends of a group. Of a block those are the addresses outside, and the pods with an address in it.
  private func ends(_ group: AccessExpectation.Group) -> [End] {
    if let block = group.block {
      return [End(block: block)]
        + cluster.pods.indices.compactMap { pod in
          let addresses = cluster.pods[pod].addresses.filter(block.contains)
          return addresses.isEmpty ? nil : End(pod: pod, addresses: addresses)
        }
    }
    return cluster.pods.indices.filter { group.matches(cluster.pods[$0], cluster) }
      .map { End(pod: $0, addresses: cluster.pods[$0].addresses) }
  }

  /// The reason why one pair is not as expected.
  private func failure(_ source: End, _ destination: End, _ expectation: AccessExpectation) -> Outcome {
    let store = specification.store
    let wanted = store.intern(expectation.traffic)
    let connections = connections(source, destination)
    if connections.isEmpty {
      func example(_ end: End) -> (addresses: [IPAddress], name: String) {
        (
          end.block.map { [$0.base] } ?? end.addresses,
          end.pod.map { cluster.pods[$0].endpointName } ?? end.block?.description ?? ""
        )
      }
      let (from, to) = (example(source), example(destination))
      return withoutFamily(from.addresses, to.addresses, from.name, to.name, expectation)
    }
    for (from, to, allowed) in connections {
      let wrong =
        expectation.verdict == .allow
        ? store.difference(wanted, allowed) : store.intersection(wanted, allowed)
      guard let packet = store.traffic(wrong).examplePacket else { continue }
      return .failure(
        failing(
          expectation, packet, (from, words(from), pod(at: from)), (to, words(to), pod(at: to)), cluster,
          by: nodes.traffic(from: pod(at: from), at: from, to: pod(at: to), at: to)))
    }
    return .asExpected
  }

  private func pod(at address: IPAddress) -> Pod? { specification.pod(at: address).map { cluster.pods[$0] } }

  /// The reason why one pair is not as expected, where one end may be a pod to come.
  private func failure(
    _ source: PossibleEnd, _ destination: PossibleEnd, _ expectation: AccessExpectation
  ) -> Outcome {
    if source.isOnly(destination) { return .nothing }
    var isCompared = false
    for from in source.addresses {
      for to in destination.addresses
      where from.family == to.family {
        isCompared = true
        let node = nodeTraffic(source, from, destination, to, expectation)
        let allowed = allowed(source, from, destination, to, node)
        let wrong =
          expectation.verdict == .allow
          ? expectation.traffic.subtracting(allowed) : expectation.traffic.intersection(allowed)
        guard let packet = wrong.examplePacket else { continue }
        // The tracer asks the cluster for the labels of namespaces, those to come among them.
        var namespaces = cluster.namespaces
        for end in [source, destination] {
          if let pod = end.pod { namespaces[pod.namespace] = end.namespaceLabels }
        }
        let extended = Cluster(policies: cluster.policies, namespaces: namespaces, pods: [])
        return .failure(
          failing(
            expectation, packet, (from, words(source, from), source.pod),
            (to, words(destination, to), destination.pod), extended, by: node,
            naming: Self.names([source, destination])))
      }
    }
    if isCompared { return .asExpected }
    // Each of several examples of a pod's addresses is of one family.
    guard source.isDefinite, destination.isDefinite else { return .nothing }
    return withoutFamily(
      source.addresses, destination.addresses, source.name, destination.name, expectation)
  }

  /// The outcome for two ends that no address family connects: what must be allowed cannot be.
  private func withoutFamily(
    _ own: [IPAddress], _ others: [IPAddress], _ from: String, _ to: String,
    _ expectation: AccessExpectation
  ) -> Outcome {
    guard expectation.verdict == .allow, !own.isEmpty, !others.isEmpty,
      Set(own.map(\.family)).isDisjoint(with: others.map(\.family))
    else { return .nothing }
    return .failure(
      ExpectationResult(
        expectation: expectation,
        failure: "must allow, but \(from) and \(to) have no address family in common"))
  }

  /// The words for pods to come, by the names that causes have for them.
  static func names(_ ends: [PossibleEnd]) -> [String: String] {
    let named = ends.compactMap { end in
      end.pod.flatMap { $0.kind == FuturePods.kind ? ($0.endpointName, end.name) : nil }
    }
    return Dictionary(named, uniquingKeysWith: { first, _ in first })
  }

  typealias NamedEnd = (address: IPAddress, words: String, pod: Pod?)

  func failing(
    _ expectation: AccessExpectation, _ packet: (transport: UInt8, port: UInt16), _ from: NamedEnd,
    _ to: NamedEnd, _ cluster: Cluster, by node: NodeTraffic?, isForged: Bool = false,
    asksSender: Bool = true,
    naming names: [String: String] = [:]
  ) -> ExpectationResult {
    let name = IPProtocol(packet.transport).description
    let words = IPProtocol(packet.transport).hasPorts ? "\(name) \(packet.port)" : name
    let verdict = expectation.verdict == .allow ? "denied" : "allowed"
    let tracer = Tracer(cluster)
    var causes: [Cause] = []
    if let node, node.isAlwaysAllowed {
      let rule =
        if case .fromNode = node {
          "a node always reaches its own pods"
        } else {
          "what a pod sends to its own node is not looked at (--pod-to-node open)"
        }
      return ExpectationResult(
        expectation: expectation,
        failure: "must \(expectation.verdict.rawValue), but \(words) is \(verdict): \(rule)",
        witness: ("\(from.words) → \(to.words) \(words)", []))
    }
    for (own, peer, direction) in [(from, to, Direction.egress), (to, from, .ingress)] {
      guard let pod = own.pod, direction == .ingress || asksSender else { continue }
      let trace = tracer.trace(
        pod, direction, peer: TracedPeer(address: peer.address, pod: peer.pod), traffic: packet)
      if case .toNodeByClusterTiers = node {
        causes.append(Cause(trace.ofClusterTiers))
      } else {
        causes.append(Cause(trace))
      }
    }
    return ExpectationResult(
      expectation: expectation,
      failure: (expectation.verdict == .only
        ? "only those that are named may send, but \(words) from another is allowed"
        : "must \(expectation.verdict.rawValue), but \(words) is \(verdict)")
        + (isForged ? " with a source that is not the sender's own\(checkWords)" : ""),
      witness: ("\(from.words) → \(to.words) \(words)", causes.map { $0.naming(names) }))
  }

  func words(_ end: PossibleEnd, _ address: IPAddress) -> String {
    guard let pod = end.pod, pod.kind != FuturePods.kind else { return end.name }
    guard pod.isPlaceholder else { return "\(end.name) (\(address))" }
    return end.addresses.count { $0.family == address.family } > 1
      ? "\(end.name) (if it gets \(address); --pod-cidr names the block of its address)" : end.name
  }

  private func words(_ address: IPAddress) -> String {
    guard let pod = specification.pod(at: address).map({ cluster.pods[$0] }) else { return "\(address)" }
    return pod.isPlaceholder ? pod.endpointName : "\(pod.endpointName) (\(address))"
  }

  /// Every pair of addresses of the two ends, blocks cut into stretches that are treated alike, with what is allowed.
  private func connections(
    _ source: End, _ destination: End
  ) -> [(from: IPAddress, to: IPAddress, allowed: TrafficID)] {
    if let from = source.pod, let to = destination.pod {
      return pairs(source, destination).map { sender, receiver in
        (sender, receiver, allowed(from, receiver, to, sender))
      }
    }
    if let block = source.block, let pod = destination.pod { return stretches(block, pod, .ingress) }
    if let block = destination.block, let pod = source.pod { return stretches(block, pod, .egress) }
    return []
  }

  private func pairs(_ from: End, _ to: End) -> [(IPAddress, IPAddress)] {
    from.addresses.flatMap { sender in
      to.addresses.filter { $0.family == sender.family }.map { (sender, $0) }
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
    guard let address = own.addresses.first(where: { $0.family == block.family }) else {
      return []
    }
    var result: [(from: IPAddress, to: IPAddress, allowed: TrafficID)] = []
    // The pod's own node has rules of its own.
    let nodeAddresses = nodes.ofNode(of: own).filter(block.contains).sorted()
    for peer in nodeAddresses {
      let isIngress = direction == .ingress
      let traffic = nodes.traffic(
        from: isIngress ? nil : own, at: isIngress ? peer : address, to: isIngress ? own : nil,
        at: isIngress ? address : peer)
      let judged: TrafficID? =
        switch traffic {
        case nil, .toNode(_, .policies): nil
        case .fromNode, .toNode(_, .open): .everything
        case .toNodeByClusterTiers:
          specification.store.traffic(
            of: (specification.clusterTiers ?? specification).profile(ofPod: pod, .egress)
              .allowed(block.family), at: peer.bits)
        }
      if let judged { result.append(isIngress ? (peer, address, judged) : (address, peer, judged)) }
    }
    let others = Set(result.map { direction == .ingress ? $0.from : $0.to })
    func isOther(_ bits: UInt128) -> Bool {
      let peer = IPAddress(block.family, bits: bits)
      return specification.pod(at: peer) != nil || others.contains(peer)
    }
    let diagram = specification.profile(ofPod: pod, direction).allowed(block.family)
    specification.store.forEachInterval(of: diagram, from: block.interval.lower) { interval, allowed in
      guard let part = interval.intersection(block.interval) else { return false }
      var bits = part.lower
      while isOther(bits), bits < part.upper { bits += 1 }
      let peer = IPAddress(block.family, bits: bits)
      if !isOther(bits) {
        result.append(direction == .ingress ? (peer, address, allowed) : (address, peer, allowed))
      }
      return true
    }
    return result
  }
}
