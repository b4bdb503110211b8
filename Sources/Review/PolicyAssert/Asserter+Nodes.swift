import Addresses
import PolicyModel
import Reachability

/// The nodes that pods run on, and the sources that pods write into their packets.
extension Asserter {
  /// The rules for what a pod and its own node send each other, where one end may be a pod to come; nil for any other connection.
  /// Such a pod may run on any node, so that what is denied must be denied there too. `only` is not about a pod's own node,
  /// which always reaches it.
  func nodeTraffic(
    _ source: PossibleEnd, _ from: IPAddress, _ destination: PossibleEnd, _ to: IPAddress,
    _ expectation: AccessExpectation
  ) -> NodeTraffic? {
    if expectation.verdict == .only { return nil }
    if let known = nodes.traffic(from: source.pod, at: from, to: destination.pod, at: to) { return known }
    guard expectation.verdict == .deny else { return nil }
    if destination.pod == nil, !source.isDefinite {
      return nodes.traffic(ofPodToComeFrom: from, to: to, isSender: true)
    }
    if source.pod == nil, !destination.isDefinite {
      return nodes.traffic(ofPodToComeFrom: from, to: to, isSender: false)
    }
    return nil
  }

  /// The traffic that policies, and the rules for a node and its own pods, allow between two ends.
  func allowed(
    _ source: PossibleEnd, _ from: IPAddress, _ destination: PossibleEnd, _ to: IPAddress,
    _ node: NodeTraffic?
  ) -> TrafficSet {
    switch node {
    case nil, .toNode(_, .policies): podsToCome.reading.allowed(source, destination, from: from, to: to)
    case .fromNode, .toNode(_, .open): .everything
    case .toNodeByClusterTiers:
      podsToCome.reading.allowed(
        source.with(source.policies.filter(\.tier.isOfCluster)), destination, from: from, to: to)
    }
  }

  /// True where packets with a source that is not the sender's own must be denied as well.
  func mayForge(_ expectation: AccessExpectation) -> Bool {
    (claims?.areOpen ?? false) && expectation.verdict != .allow && expectation.source.block == nil
  }

  /// The sources that senders can use; throws where the pairs with them are too many.
  func bearers(
    _ expectation: AccessExpectation, _ sources: [PossibleEnd], _ destinations: [PossibleEnd]
  ) throws(FuturePods.TooMany) -> [PossibleEnd] {
    let bearers = podsToCome.bearers(expectation)
    let cases = sources.count * destinations.count * bearers.count
    if cases > FuturePods.mostPairs {
      throw FuturePods.TooMany(words: "\(cases) pairs of kinds of pods and sources that they can use")
    }
    return bearers
  }

  /// The reason why packets of one pair are not as expected with a source that is not the sender's; nil where they are.
  func forgery(
    _ source: PossibleEnd, _ destination: PossibleEnd, _ bearers: [PossibleEnd],
    _ expectation: AccessExpectation
  ) -> Outcome? {
    guard let claims, let sender = source.pod, !source.isOnly(destination) else { return nil }
    let families = Set(source.addresses.map(\.family))
    let receiver = destination.pod?.node
    for bearer in bearers {
      var claimed = bearer
      if let owner = bearer.pod {
        guard bearer.name != source.name, bearer.name != destination.name,
          claims.mayBear(addressOn: owner.node, sender: sender.node, receiver: receiver)
        else { continue }
        if !claims.meetsEgress(ofPodOn: owner.node, sender: sender.node, receiver: receiver) {
          claimed = bearer.with([])
        }
      }
      for from in bearer.addresses where families.contains(from.family) {
        for to in destination.addresses where to.family == from.family {
          let passing = expectation.traffic.intersection(
            podsToCome.reading.allowed(claimed, destination, from: from, to: to))
          guard let packet = passing.examplePacket else { continue }
          let owner = bearer.pod.map { "\($0.endpointName) (\(from))" } ?? "\(from)"
          return .failure(
            failing(
              expectation, packet, (from, "\(source.name) as \(owner)", claimed.pod),
              (to, words(destination, to), destination.pod), cluster, by: nil, isForged: true,
              asksSender: !claimed.policies.isEmpty,
              naming: Self.names([source, destination])))
        }
      }
    }
    return nil
  }

  /// ` (--source-check local)`.
  var checkWords: String { claims.map { " (--source-check \($0.check.rawValue))" } ?? "" }
}
