import Addresses
import PolicyModel
import PolicyTrace
import TestSupport
import Testing

@Suite("the walk of policies says what the policies say", .bounded)
struct TracerTests {
  @Test("random clusters, every representative packet", arguments: 0..<60)
  func oneTier(seed: UInt64) { check(RandomCluster(seed: seed).contents, seed) }

  @Test("random clusters of up to four tiers, every representative packet", .long, arguments: 0..<120)
  func severalTiers(seed: UInt64) { check(RandomTiers(seed: seed).contents, seed) }

  /// Both directions of each packet against the plain evaluator, and the walk for sets of traffic against the one for
  /// a packet.
  private func check(_ contents: ManifestContents, _ seed: UInt64) {
    let cluster = Cluster.resolve(contents).cluster
    let tracer = Tracer(cluster)
    let plain = PlainEvaluator(contents, node: nil)
    var owners: [IPAddress: Pod] = [:]
    for pod in cluster.pods { for address in pod.addresses { owners[address] = pod } }
    for probe in plain.representativeProbes() {
      let (source, destination) = (owners[probe.source], owners[probe.destination])
      if let source, source == destination { continue }
      var allows = true
      for (subject, direction, address, peer) in [
        (source, Direction.egress, probe.destination, destination),
        (destination, .ingress, probe.source, source),
      ] {
        guard let subject else { continue }
        let trace = tracer.trace(
          subject, direction, peer: TracedPeer(address: address, pod: peer),
          traffic: (probe.transport, probe.port))
        allows = allows && trace.allows
        let set = walk(trace, cluster, subject, direction, address, peer)
        #expect(
          set.contains(probe.transport, probe.port) == trace.allows, "seed \(seed): \(probe) \(direction)")
        for (_, rule) in trace.decidingRules {
          #expect(rule.matches && rule.action == (trace.allows ? .accept : .deny), "seed \(seed): \(probe)")
        }
      }
      #expect(allows == plain.allows(probe), "seed \(seed): \(probe)")
    }
  }

  /// The traffic that the policies of a trace allow.
  private func walk(
    _ trace: DirectionTrace, _ cluster: Cluster, _ subject: Pod, _ direction: Direction, _ address: IPAddress,
    _ peer: Pod?
  ) -> TrafficSet {
    let policies = Dictionary(uniqueKeysWithValues: cluster.policies.map { ($0.id, $0) })
    let end = PolicyEnd(
      address: address, pod: peer,
      namespaceLabels: peer.map { cluster.labels(ofNamespace: $0.namespace) } ?? Labels())
    return PolicyWalk(
      trace.policies.map { traced in
        PolicyWalk<TrafficSet>.Step(
          traced.tier,
          (policies[traced.policy]?.rules(direction) ?? []).map { rule in
            (
              rule.action,
              rule.selects(end, of: traced.policy)
                ? rule.traffic(to: direction == .ingress ? subject : peer) : .nothing
            )
          })
      }
    ).allowed
  }

  @Test("of a tier that only accepts every rule that matches is a reason, of any other the first")
  func deciding() throws {
    let nowhere = Origin.nowhere
    func policy(_ name: String, _ tier: TierKind, _ actions: [RuleAction]) -> Policy {
      Policy(
        id: PolicyID(namespace: "a", name: name), tier: tier, subjects: PodSet(.own, LabelSelector()),
        ingress: actions.map { PolicyRule($0, peers: .everything, ports: .everything, origin: nowhere) },
        egress: nil, origin: nowhere)
    }
    let early = TierKind("early", place: 100, selectedDefault: .pass)
    let pod = Pod(
      namespace: "a", name: "p", labels: [:], addresses: [IPAddress(.ipv4, bits: 1)], origin: nowhere)
    func trace(_ policies: [Policy]) -> DirectionTrace {
      Tracer(Cluster(policies: policies, namespaces: [:], pods: [pod])).trace(
        pod, .ingress, peer: TracedPeer(address: IPAddress(.ipv4, bits: 2), pod: nil), traffic: (6, 80))
    }
    func places(_ trace: DirectionTrace) -> [String] {
      trace.decidingRules.map { "\($0.policy.policy.name) \($0.rule.index)" }
    }

    let accepts = trace([
      policy("x", .networkPolicy, [.accept, .accept]), policy("y", .networkPolicy, [.accept]),
    ])
    #expect(accepts.allows && places(accepts) == ["x 0", "x 1", "y 0"])
    let denies = trace([policy("x", early, [.deny, .accept]), policy("y", .networkPolicy, [.accept])])
    #expect(!denies.allows && places(denies) == ["x 0"])
    let passes = trace([policy("x", early, [.pass, .deny]), policy("y", .networkPolicy, [.accept])])
    #expect(passes.allows && places(passes) == ["y 0"])
    let isolates = trace([policy("x", early, [.pass]), policy("y", .networkPolicy, [])])
    #expect(!isolates.allows && isolates.decidingRules.isEmpty)
    let selected = trace([policy("x", early, [])])
    #expect(selected.allows && !selected.isOpen && selected.decidingRules.isEmpty)
  }
}
