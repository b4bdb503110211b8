import Addresses
import Diagnostics
import Foundation
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import RulesetText
import TestSupport
import Testing
import Verification

/// The incremental compiler against the compiler: after each event both must say the same.
@Suite("the incremental compiler makes what a compile from the beginning makes", .long, .bounded)
struct IncrementalCompilerTests {
  /// Objects compiled from the beginning.
  private static func fresh(_ contents: ManifestContents, _ options: LoweringOptions) -> (
    table: Table, errors: [Diagnostic]
  ) {
    let (cluster, diagnostics) = Cluster.resolve(contents)
    var lowerer = Lowerer(cluster)
    return (lowerer.lower(options).table, diagnostics.filter { $0.severity == .error })
  }

  /// A node or all, both forms of class chains, peers that are copied or not.
  private static func options(_ seed: UInt64, _ modes: EnforcementModes) -> LoweringOptions {
    LoweringOptions(
      node: seed.isMultiple(of: 3) ? nil : RandomCluster.node, denseFrom: seed.isMultiple(of: 2) ? 9 : 2,
      copyAtMost: Int(seed % 7), modes: modes)
  }

  /// Blocks with some pods' addresses in them and some outside.
  private static let blocks = [
    CIDR(IPAddress(.ipv4, bits: 0x0af4_0100), prefixLength: 24),
    CIDR(IPAddress(.ipv6, bits: 0xfd00 << 112), prefixLength: 8),
  ]

  private static let modes: [EnforcementModes] = [
    EnforcementModes(), EnforcementModes(podToNode: .policies), EnforcementModes(established: .recheck),
    EnforcementModes(unknownPodBlocks: blocks), EnforcementModes(log: .init()),
    EnforcementModes(isAudit: true, counts: .rules),
    EnforcementModes(
      podToNode: .policies, sourceCheck: .local,
      uncheckedSources: RandomCluster(seed: 0).cluster.pods.prefix(2).flatMap(\.addresses)),
    EnforcementModes(sourceCheck: .pods, podInterfaces: ["cali*", "eth1"]),
    EnforcementModes(
      established: .recheck, unknownPodBlocks: blocks, log: .init(rate: 3, unit: .hour, group: 7),
      isAudit: true, podToNode: .policies),
  ]

  /// The number of calls for each cluster in other modes than the plain one; 250 makes 12,000 in each mode.
  private static let calls =
    ProcessInfo.processInfo.environment["NETPOLC_SESSION_CALLS"].flatMap { Int($0) } ?? 50

  @Test(
    "12,000 random calls, in other modes fewer unless NETPOLC_SESSION_CALLS=250, the table compared after each",
    arguments: modes, 0..<12)
  func events(modes: EnforcementModes, slice: Int) throws {
    let calls = modes == EnforcementModes() ? 250 : Self.calls
    let shared = try events(UInt64(slice * 4)..<UInt64(slice * 4 + 4), modes, calls: calls, withTiers: false)
    #expect(shared > calls / 12, "too few addresses that several pods claim to tell")
  }

  @Test(
    "random calls with policies of several tiers, the table compared after each",
    arguments: [modes[0], modes[6]], 0..<4)
  func eventsOfTiers(modes: EnforcementModes, slice: Int) throws {
    let calls = modes == EnforcementModes() ? 250 : Self.calls
    _ = try events(UInt64(slice * 4)..<UInt64(slice * 4 + 4), modes, calls: calls, withTiers: true)
  }

  /// Returns after how many calls an isolated address was several pods'.
  private func events(
    _ seeds: Range<UInt64>, _ modes: EnforcementModes, calls: Int, withTiers: Bool
  ) throws -> Int {
    var (shared, unfilled) = (0, 0)
    for seed in seeds {
      var random = RandomEvents(seed: seed, withTiers: withTiers)
      let options = Self.options(seed, modes)
      var session = try IncrementalCompiler(random.contents, options)
      var table = Self.fresh(random.contents, options).table
      #expect(session.table == table, "seed \(seed), at the beginning")
      var summed = table
      for step in 0..<calls {
        let events = random.next()
        let after = random.after(events)
        // Only ClusterNetworkPolicy has rules that deny addresses of several pods, and it is compiled as a whole.
        let isClaimedTwice = Cluster.resolve(after).cluster.pods.contains { !$0.claimants.isEmpty }
        if withTiers, isClaimedTwice { continue }
        let expected = Self.fresh(after, options)
        // A session that leaves small sets out finds the same when it fills them.
        var spare = step % 4 == 0 ? session : nil
        let change = session.apply(events)
        let spared = spare?.apply(events, fillsSmall: false)
        if let spared, !spared.isFilled, !change.delta.isEmpty {
          unfilled += 1
          #expect(spare?.filled(spared.delta) == change.delta, "seed \(seed), step \(step)")
        } else if let spared {
          #expect(spared.delta == change.delta, "seed \(seed), step \(step)")
        }
        try #require(expected.errors.isEmpty, "seed \(seed), step \(step): \(events)")
        random.take(events)
        try #require(session.table == expected.table, "seed \(seed), step \(step): \(events)")
        let smallest = TableDelta(from: table, to: expected.table)
        try #require(change.delta == smallest, "seed \(seed), step \(step): \(events)")
        table = expected.table
        summed = summed.changed(by: change.delta)
        if table.chains.contains(where: { $0.name.contains("-all-of-") }) { shared += 1 }
      }
      let text = NFTPrinter.print(Ruleset([session.table]))
      #expect(text == NFTPrinter.print(Ruleset([table])), "seed \(seed)")
      #expect(summed.normalized() == table.normalized(), "seed \(seed): all differences together")
      let resolved = Cluster.resolve(session.contents).cluster
      let live = session.resolvedCluster
      #expect(live.pods == resolved.pods && live.policies == resolved.policies, "seed \(seed)")
      #expect(live.namespaces == resolved.namespaces && live.nodes == resolved.nodes, "seed \(seed)")
      let again = try IncrementalCompiler(session.contents, options)
      #expect(again.table == table, "seed \(seed): a session of the session's objects")
    }
    // Others have only a few such steps.
    if seeds.contains(0) { #expect(unfilled > 0) }
    return shared
  }
}

extension IncrementalCompilerTests {
  @Test("a full listing makes the difference to what it says, and one that contradicts itself makes none")
  func listings() throws {
    var changed = 0
    for seed in UInt64(0)..<60 {
      let options = Self.options(seed, Self.modes[Int(seed) % Self.modes.count])
      let from = RandomEvents(seed: seed)
      var to = from
      for _ in 0..<Int(seed % 40) {
        let events = to.next()
        if Self.fresh(to.after(events), options).errors.isEmpty { to.take(events) }
      }
      var session = try IncrementalCompiler(from.contents, options)
      let before = session.table
      let after = Self.fresh(to.contents, options).table
      let change = try session.replaceAll(to.contents)
      #expect(change.delta == TableDelta(from: before, to: after), "seed \(seed)")
      #expect(session.table == after, "seed \(seed)")
      #expect(Set(session.contents.pods) == Set(to.contents.pods), "seed \(seed)")
      #expect(try session.replaceAll(to.contents).delta.isEmpty, "seed \(seed): the same once more")
      if before != after { changed += 1 }
      var twice = to.contents
      if var pod = twice.pods.first {
        pod.labels = ["written": "twice"]
        twice.pods.append(pod)
        #expect(throws: LiveCluster.Contradiction.self) { try session.replaceAll(twice) }
        #expect(session.table == after, "seed \(seed): refused")
      }
      #expect(
        try session.replaceAll(ManifestContents()).delta.isEmpty
          == (after == Self.fresh(.init(), options).table))
      #expect(session.table == Self.fresh(ManifestContents(), options).table, "seed \(seed): nothing left")
    }
    #expect(changed > 30)
  }

  private static let nowhere = Origin.nowhere

  private static func pod(_ name: String, _ namespace: String, _ labels: Labels, _ address: UInt32) -> Pod {
    Pod(
      namespace: namespace, name: name, labels: labels,
      addresses: [IPAddress(.ipv4, bits: UInt128(address))], node: RandomCluster.node, origin: nowhere)
  }

  /// Lets the pods of a selector in to those of another one.
  private static func policy(
    _ name: String, _ namespace: String, _ subjects: Labels, from peers: [Peer.Kind], port: UInt16
  ) -> Policy {
    let ports = OneOf.anyOf([PolicyPort(.tcp, .range(Interval(port)), origin: nowhere)])
    return Policy(
      id: .init(namespace: namespace, name: name),
      subjects: PodSet(.own, LabelSelector(matchLabels: subjects)),
      ingress: [
        PolicyRule(
          peers: .anyOf(peers.map { Peer($0, origin: nowhere) }), ports: ports, origin: nowhere)
      ], egress: nil, origin: nowhere)
  }

  /// A tenth as many policies as pods, each with selectors of its own for pods and for namespaces.
  private static func uniform(pods: Int) -> ManifestContents {
    var contents = ManifestContents()
    for number in 0..<pods {
      contents.pods.append(
        pod(
          "pod-\(number)", "namespace-\(number / 50)", ["app": "app-\(number / 5)"],
          0x0a00_0000 + UInt32(number)))
    }
    for number in 0..<pods / 10 {
      let own = Labels([.init("app", "app-\(number * 2)")])
      contents.policies.append(
        policy(
          "policy-\(number)", "namespace-\(number / 5)", own,
          from: [
            .pods(.own, LabelSelector(matchLabels: Labels([.init("app", "app-\(number * 2 + 1)")]))),
            .pods(
              .matching(LabelSelector(matchLabels: Labels([.init("team", "team-\(number)")]))),
              LabelSelector()),
          ], port: UInt16(1 + number % 60_000)))
    }
    return contents
  }

  @Test(
    "a pod that nobody asks for costs as many steps among 100,000 pods and 10,000 policies as among 1,000 and 100"
  )
  func unselected() throws {
    let costs = try [1000, 100_000].map { pods in
      var session = try IncrementalCompiler(Self.uniform(pods: pods), LoweringOptions(node: "node-elsewhere"))
      var everywhere = try IncrementalCompiler(Self.uniform(pods: pods))
      let before = (session.steps, everywhere.steps)
      var pod = Self.pod("stranger", "quiet", ["app": "none", "tier": "none"], 0xc612_0001)
      func tell(_ event: ClusterEvent) throws {
        #expect(session.apply([event]).delta.isEmpty)
        #expect(everywhere.apply([event]).delta.isEmpty)
      }
      try tell(.pod(pod))
      pod.labels = ["app": "other", "tier": "none"]
      try tell(.pod(pod))
      pod.addresses = [IPAddress(.ipv4, bits: 0xc612_0002)]
      try tell(.pod(pod))
      try tell(.podRemoved(namespace: "quiet", name: "stranger"))
      return (session.steps - before.0, everywhere.steps - before.1)
    }
    #expect(costs[0] == costs[1])
    #expect(costs[1].1 < 100, "\(costs)")
    // The count sees what it is to see: a pod that rules ask for.
    var session = try IncrementalCompiler(Self.uniform(pods: 1000))
    let before = session.steps
    #expect(
      !session.apply([.pod(Self.pod("peer", "namespace-0", ["app": "app-1"], 0xc612_0003))]).delta.isEmpty
    )
    #expect(session.steps > before + costs[0].1 / 4)
  }

  @Test("two sets whose digests begin alike stay two, whichever comes first and goes first")
  func collision() throws {
    // SHA-256 of "pods of namespace default with app=…" begins with b578cd2d for both, and the hint is cut before the
    // numbers.
    let prefix = "a-label-value-so-long-that-no-name-of-a-set-has-"
    let values = [prefix + "64422", prefix + "116702"]
    let peers = values.enumerated().map { number, value in
      Self.pod("peer-\(number)", "default", Labels([.init("app", value)]), 0x0a00_0001 + UInt32(number))
    }
    let targets = (0..<2).map {
      Self.pod("target-\($0)", "default", Labels([.init("target", "\($0)")]), 0x0a00_0011 + UInt32($0))
    }
    let policies = values.enumerated().map { number, value in
      Self.policy(
        "policy-\(number)", "default", Labels([.init("target", "\(number)")]),
        from: [.pods(.own, LabelSelector(matchLabels: Labels([.init("app", value)])))], port: 80)
    }
    for first in 0..<2 {
      var session = try IncrementalCompiler()
      var there: Set<Int> = []
      func check() {
        let table = RulesetEvaluator(session.table)
        let sets = session.table.sets.filter { $0.name.hasPrefix("pods4-") }
        #expect(sets.count == there.count)
        #expect(Set(sets.map(\.name.count)).count == there.count, "of two, one has more digits")
        #expect(sets.allSatisfy { $0.elements.count == 1 })
        for target in there {
          for peer in 0..<2 {
            let packet = Packet(
              peers[peer].addresses[0], targets[target].addresses[0], transport: TransportProtocol.tcp.number,
              destinationPort: 80)
            #expect(table.evaluate(packet).decision == (peer == target ? .accept : .drop))
          }
        }
      }
      _ = session.apply((peers + targets).map { .pod($0) })
      for number in [first, 1 - first] {
        _ = session.apply([.policy(policies[number])])
        there.insert(number)
        check()
      }
      // The one with the short name goes and comes back; in between a pod of the other moves.
      _ = session.apply([.policyRemoved(policies[first].id)])
      there.remove(first)
      check()
      let other = peers[1 - first]
      _ = session.apply([.podRemoved(namespace: "default", name: other.name)])
      _ = session.apply([.pod(other)])
      check()
      _ = session.apply([.policy(policies[first])])
      there.insert(first)
      check()
    }
  }
}

extension Table {
  /// The table with a difference made, by names and elements alone.
  func changed(by delta: TableDelta) -> Table {
    var table = self
    table.sets.removeAll { delta.removedSets.contains($0.name) }
    table.maps.removeAll { delta.removedMaps.contains($0.name) }
    table.chains.removeAll { delta.removedChains.contains($0.name) }
    for change in delta.changedSets {
      guard let index = table.sets.firstIndex(where: { $0.name == change.set.name }) else { continue }
      let rest = Set(table.sets[index].elements).subtracting(change.removed)
      table.sets[index].elements = rest.union(change.added).sorted()
    }
    for change in delta.changedMaps {
      guard let index = table.maps.firstIndex(where: { $0.name == change.map.name }) else { continue }
      let rest = Set(table.maps[index].elements).subtracting(change.removed)
      table.maps[index].elements = rest.union(change.added).sorted { $0.key < $1.key }
    }
    for chain in delta.changedChains {
      guard let index = table.chains.firstIndex(where: { $0.name == chain.name }) else { continue }
      table.chains[index].rules = chain.rules
    }
    table.sets += delta.addedSets
    table.maps += delta.addedMaps
    table.chains += delta.addedChains
    return table
  }
}
