import Addresses
import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability
import ReviewPages
import TestSupport
import Testing

@Suite("the pages' matrices and causes, against single packets", .bounded)
struct MatrixExactnessTests {
  /// One side: manifests, and who judges packets and rules there.
  private struct Side {
    let cluster: Cluster
    let evaluator: PlainEvaluator
    let specification: Specification
    let tracer: Tracer
    let owners: [IPAddress: Int]
    /// The verdict on a packet, where not the evaluator's.
    var verdict: ((ConnectionAttempt) -> Bool)?

    init(_ contents: ManifestContents, node: String?) {
      cluster = Cluster.resolve(contents).cluster
      evaluator = PlainEvaluator(contents, node: node)
      specification = Specification(cluster, node: node)
      tracer = Tracer(cluster)
      var owners: [IPAddress: Int] = [:]
      for (index, pod) in cluster.pods.enumerated() {
        for address in pod.addresses { owners[address] = index }
      }
      self.owners = owners
    }

    func allows(_ packet: ConnectionAttempt) -> Bool { verdict?(packet) ?? evaluator.allows(packet) }

    func name(_ address: IPAddress) -> String? { owners[address].map { cluster.pods[$0].displayName } }
  }

  /// Every representative packet between two pods that all sides have: each side's cell says what becomes of it, and
  /// its causes are the policies and rules that a reading of the policies finds.
  private func check(_ reading: PageReading, _ sides: [Side], _ probes: [ConnectionAttempt], _ note: String) {
    for probe in probes {
      let names = sides.map { ($0.name(probe.source), $0.name(probe.destination)) }
      guard let source = names[0].0, let destination = names[0].1, source != destination else { continue }
      guard names.allSatisfy({ $0.0 == source && $0.1 == destination }) else { continue }
      guard let sender = reading.classIndex(of: source), let receiver = reading.classIndex(of: destination)
      else {
        Issue.record("\(note): \(source) or \(destination) is in no class")
        continue
      }
      let family = probe.source.family == .ipv4 ? "IPv4" : "IPv6"
      let codes = reading.cells[reading.matrix[sender][receiver]]
      for (index, side) in sides.enumerated() {
        let told = reading.holds(codes[index], family, probe.transport, probe.port)
        let allowed = side.allows(probe)
        if told != allowed { Issue.record("\(note), side \(index): \(probe): told \(told)") }
        checkCauses(reading, index, side, probe, sender, receiver, family, allowed, note)
      }
    }
  }

  /// The verdict of policies in order, by the page's data alone.
  private func verdict(_ asked: [PageReading.Asked]) -> Bool {
    var rest = asked[...]
    while let first = rest.first {
      let own = rest.prefix { $0.tier == first.tier }
      rest = rest.dropFirst(own.count)
      switch own.lazy.flatMap(\.rules).first?.action {
      case "accept": return true
      case "deny": return false
      case nil where !first.goesOn: return false
      default: continue
      }
    }
    return true
  }

  private func checkCauses(
    _ reading: PageReading, _ index: Int, _ side: Side, _ probe: ConnectionAttempt, _ sender: Int,
    _ receiver: Int, _ family: String, _ allowed: Bool, _ note: String
  ) {
    var passes = true
    for direction in [Direction.egress, .ingress] {
      let (subject, peer) = direction == .egress ? (sender, receiver) : (receiver, sender)
      let (own, other) =
        direction == .egress ? (probe.source, probe.destination) : (probe.destination, probe.source)
      guard let pod = side.owners[own], let address = reading.address(ofFamily: family, of: peer) else {
        Issue.record("\(note): \(probe) has no place")
        return
      }
      let told = reading.asked(
        side: index, of: subject, direction.rawValue.lowercased(), peer: peer, address: address,
        receiver: receiver, probe.transport, probe.port)
      if side.specification.classIndex(ofPod: pod) == nil {
        #expect(told == nil, "\(note): \(probe) \(direction): no subject is asked")
        continue
      }
      let trace = side.tracer.trace(
        side.cluster.pods[pod], direction,
        peer: TracedPeer(address: other, pod: side.owners[other].map { side.cluster.pods[$0] }),
        traffic: (probe.transport, probe.port))
      let expected = trace.policies.map { policy in
        policy.rules.filter(\.matches).map {
          PageReading.Rule(policy: "\(policy.policy)", index: $0.index, action: $0.action.rawValue)
        }
      }
      if told?.map(\.name) != trace.policies.map({ "\($0.policy)" }) || told?.map(\.rules) != expected {
        Issue.record("\(note): \(probe) \(direction): told \(told as Any), found \(expected)")
      }
      passes = passes && verdict(told ?? [])
    }
    if passes != allowed { Issue.record("\(note): the causes of \(probe) say \(passes)") }
  }

  @Test("one revision", arguments: UInt64(1)...40)
  func one(seed: UInt64) throws {
    try check(RandomCluster(seed: seed, pods: 14, policies: 5).contents, seed)
  }

  @Test("one revision with up to four tiers", .long, arguments: UInt64(1)...60)
  func tiers(seed: UInt64) throws { try check(RandomTiers(seed: seed, pods: 12).contents, seed) }

  /// The page of one revision, of all nodes and of one.
  private func check(_ contents: ManifestContents, _ seed: UInt64) throws {
    for node in [nil, RandomCluster.node] {
      let side = Side(contents, node: node)
      let page = HTMLConnectivity(side.cluster, node: node, facts: []).text
      check(
        try PageReading(page), [side], side.evaluator.representativeProbes(),
        "seed \(seed), \(node ?? "all nodes")")
    }
  }

  @Test("one revision with ClusterNetworkPolicies, by the reference semantics", arguments: UInt64(1)...40)
  func clusterPolicies(seed: UInt64) throws {
    let random = RandomClusterPolicies(seed: seed)
    for node in [nil, RandomCluster.node] {
      let oracle = ClusterPolicyOracle(random, node: node)
      var side = Side(random.contents, node: node)
      side.verdict = { oracle.allows($0) }
      let page = HTMLConnectivity(side.cluster, node: node, facts: []).text
      var generator = SeededGenerator(seed: seed)
      check(
        try PageReading(page), [side], oracle.randomProbes(200, &generator),
        "seed \(seed), \(node ?? "all nodes")")
    }
  }

  @Test("two revisions: other policies, other labels", arguments: UInt64(1)...24)
  func two(seed: UInt64) throws {
    let old = RandomCluster(seed: seed, pods: 12, policies: 5).contents
    let other = RandomCluster(seed: seed + 700, pods: 12, policies: 5).contents
    var new = old
    new.policies = seed % 3 == 0 ? Array(old.policies.dropLast()) : other.policies
    if seed % 2 == 0 {
      for index in new.pods.indices where index % 3 == 0 && index < other.pods.count {
        new.pods[index].labels = other.pods[index].labels
      }
    }
    let sides = [Side(old, node: nil), Side(new, node: nil)]
    let meanings = RevisionMeanings(sides[0].cluster, sides[1].cluster)
    let page = HTMLDiff(Differ(meanings).compare(), of: meanings, names: ("old", "new")).text
    let reading = try PageReading(page)
    var both = old
    both.pods += new.pods
    both.policies += new.policies
    let probes = Array(Set(PlainEvaluator(both, node: nil).representativeProbes()))
    check(reading, sides, probes, "seed \(seed)")
    checkMarks(reading, sides, probes, "seed \(seed)")
  }

  /// A packet that is allowed on one side only is what a mark says; a cell without a mark has none.
  private func checkMarks(
    _ reading: PageReading, _ sides: [Side], _ probes: [ConnectionAttempt], _ note: String
  ) {
    var seen: [Int: Set<Bool>] = [:]
    for probe in probes {
      let names = sides.map { [$0.name(probe.source), $0.name(probe.destination)] }
      guard names[0] == names[1], let source = names[0][0], let destination = names[0][1],
        source != destination,
        let sender = reading.classIndex(of: source), let receiver = reading.classIndex(of: destination)
      else { continue }
      let verdicts = sides.map { $0.allows(probe) }
      if verdicts[0] != verdicts[1] {
        seen[reading.matrix[sender][receiver], default: []].insert(verdicts[1])
      }
    }
    for (cell, gained) in seen {
      switch reading.marks[cell] {
      case "widened": #expect(gained == [true], "\(note)")
      case "narrowed": #expect(gained == [false], "\(note)")
      case "changed": #expect(gained == [true, false], "\(note)")
      default: Issue.record("\(note): a cell that changes has no mark")
      }
    }
    let used = Set(reading.matrix.joined())
    for cell in used where reading.marks[cell] != "same" && seen[cell] == nil {
      Issue.record("\(note): cell \(reading.cells[cell].map { reading.words[$0] }) has a mark, and no packet")
    }
  }

  @Test("input in any order gives the same bytes", arguments: UInt64(1)...12)
  func order(seed: UInt64) {
    let contents = RandomCluster(seed: seed, pods: 14, policies: 6).contents
    var turned = contents
    turned.pods.reverse()
    turned.policies.reverse()
    turned.namespaces.reverse()
    let (one, other) = (Cluster.resolve(contents).cluster, Cluster.resolve(turned).cluster)
    #expect(HTMLConnectivity(one, facts: []).text == HTMLConnectivity(other, facts: []).text)
    let empty = Cluster(policies: [], namespaces: one.namespaces, pods: one.pods)
    func page(_ cluster: Cluster) -> String {
      let meanings = RevisionMeanings(empty, cluster)
      return HTMLDiff(Differ(meanings).compare(), of: meanings, names: ("old", "new")).text
    }
    #expect(page(one) == page(other))
  }
}
