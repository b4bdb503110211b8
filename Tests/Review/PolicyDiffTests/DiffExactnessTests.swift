import Addresses
import Connectivity
import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability
import TestSupport
import Testing

/// What a difference says about one connection attempt.
struct ReportedVerdicts {
  let diff: ConnectivityDiff
  private var known: [[IPAddress]: [ConnectionChange]] = [:]

  init(diff: ConnectivityDiff) { self.diff = diff }

  /// The traffic before and after of the change that covers the ends; nil where none does, or several do.
  mutating func changes(
    _ source: String?, _ destination: String?, _ attempt: ConnectionAttempt
  ) -> [ConnectionChange] {
    if let known = known[[attempt.source, attempt.destination]] { return known }
    let found = diff.changes.filter { change in
      change.families.contains(attempt.source.family)
        && Self.holds(change.source, source, attempt.source)
        && Self.holds(change.destination, destination, attempt.destination)
        && (source == nil || source != destination)
    }
    known[[attempt.source, attempt.destination]] = found
    return found
  }

  private static func holds(_ group: EndpointGroup, _ name: String?, _ address: IPAddress) -> Bool {
    switch group {
    case .pods(_, let names): name.map(names.contains) ?? false
    case .outside(let blocks): name == nil && blocks.contains { $0.contains(address) }
    }
  }
}

@Suite("a difference is exact", .bounded)
struct DiffExactnessTests {
  /// Every representative packet of both revisions: where they disagree a change says so, and says what, and where
  /// no change says so they agree.
  private func check(_ old: ManifestContents, _ new: ManifestContents, node: String? = nil, _ note: String) {
    let (before, after) = (Cluster.resolve(old).cluster, Cluster.resolve(new).cluster)
    let diff = Differ(before, after, node: node).compare()
    var reported = ReportedVerdicts(diff: diff)
    let (first, second) = (PlainEvaluator(old, node: node), PlainEvaluator(new, node: node))
    let owners = [before, after].map { cluster in
      Dictionary(cluster.pods.flatMap { pod in pod.addresses.map { ($0, pod.displayName) } }) { one, _ in one
      }
    }
    var both = old
    both.pods += new.pods
    both.policies += new.policies
    var disagreements = 0
    for attempt in Set(PlainEvaluator(both, node: node).representativeProbes()) {
      let ends = [attempt.source, attempt.destination].map { (owners[0][$0], owners[1][$0]) }
      // An address that changes hands is not compared: the report says so.
      if ends.contains(where: { $0.0 != $0.1 }) { continue }
      let verdicts = (first.allows(attempt), second.allows(attempt))
      if verdicts.0 != verdicts.1 { disagreements += 1 }
      let changes = reported.changes(ends[0].0, ends[1].0, attempt)
      if changes.count > 1 { Issue.record("\(note): \(attempt) is in several changes") }
      guard let change = changes.first else {
        if verdicts.0 != verdicts.1 { Issue.record("\(note): \(attempt) missed") }
        continue
      }
      let told = [change.before, change.after].map { $0.contains(attempt.transport, attempt.port) }
      if told != [verdicts.0, verdicts.1] { Issue.record("\(note): \(attempt) is told wrong") }
    }
    if disagreements > 0 { #expect(!diff.changes.isEmpty) }
    for change in diff.changes { checkWitness(change, first, second, note) }
  }

  private func checkWitness(
    _ change: ConnectionChange, _ old: PlainEvaluator, _ new: PlainEvaluator, _ note: String
  ) {
    let witness = change.witness
    guard let source = witness.sourceAddress, let destination = witness.destinationAddress else { return }
    let attempt = ConnectionAttempt(source, destination, witness.transport, witness.port ?? 0)
    #expect(old.allows(attempt) == witness.allowedBefore, "\(note): witness \(witness.description)")
    #expect(new.allows(attempt) == !witness.allowedBefore, "\(note): witness \(witness.description)")
    for (causes, allowed) in [
      (witness.before, witness.allowedBefore), (witness.after, !witness.allowedBefore),
    ] {
      #expect(
        causes.contains { $0.verdict == .denied } == !allowed, "\(note): causes of \(witness.description)")
    }
  }

  @Test("other policies over one inventory", arguments: UInt64(0)..<30)
  func otherPolicies(seed: UInt64) {
    let old = RandomCluster(seed: seed).contents
    var new = old
    new.policies = RandomCluster(seed: seed + 1_000).contents.policies
    check(old, new, "seed \(seed)")
    check(old, new, node: RandomCluster.node, "seed \(seed), one node")
  }

  @Test("one policy taken away, over one inventory", arguments: UInt64(0)..<24)
  func oneLess(seed: UInt64) {
    let old = RandomCluster(seed: seed, pods: 12, policies: 7).contents
    var new = old
    if !new.policies.isEmpty { new.policies.removeLast() }
    check(old, new, "seed \(seed)")
    check(new, old, "seed \(seed), put in")
  }

  @Test("another inventory: relabelled pods, pods that come and go", arguments: UInt64(0)..<24)
  func otherInventory(seed: UInt64) {
    let old = RandomCluster(seed: seed).contents
    var new = old
    let other = RandomCluster(seed: seed + 500).contents
    for index in new.pods.indices where index % 2 == 0 && index < other.pods.count {
      new.pods[index].labels = other.pods[index].labels
      new.pods[index].namedPorts = other.pods[index].namedPorts
    }
    if new.pods.count > 3 { new.pods.remove(at: 3) }
    new.namespaces = other.namespaces
    check(old, new, "seed \(seed)")
  }

  /// Over one inventory only pods are worked out that changed policies select, and those they speak of. Another node's
  /// name changes no meaning, but makes it two inventories: then all are.
  @Test("over one inventory the answer is that over two", arguments: UInt64(0)..<60)
  func shortcut(seed: UInt64) {
    let old = RandomCluster(seed: seed, pods: 14, policies: 8).contents
    var new = old
    let others = RandomCluster(seed: seed + 2_000, policies: 2).contents.policies
    new.policies =
      Array(new.policies.dropFirst())
      + others.filter { other in !old.policies.contains { $0.id == other.id } }
    var elsewhere = new
    for index in elsewhere.pods.indices { elsewhere.pods[index].node = "elsewhere" }
    let (before, after) = (Cluster.resolve(old).cluster, Cluster.resolve(new).cluster)
    let direct = Differ(before, after).compare()
    let whole = Differ(before, Cluster.resolve(elsewhere).cluster).compare()
    #expect(direct.changes == whole.changes, "seed \(seed)")
    #expect(direct.isolation == whole.isolation, "seed \(seed)")
    #expect(direct.changedPods == whole.changedPods, "seed \(seed)")
  }

  @Test("a revision is equivalent to itself, in any order", arguments: UInt64(0)..<40)
  func itself(seed: UInt64) {
    let contents = RandomCluster(seed: seed).contents
    var turned = contents
    turned.policies = contents.policies.map { policy in
      Policy(
        id: .init(namespace: policy.id.namespace, name: "renamed-\(policy.id.name)"),
        subjects: policy.subjects, ingress: policy.ingress?.reversed(), egress: policy.egress?.reversed(),
        origin: policy.origin)
    }
    let diff = Differ(Cluster.resolve(contents).cluster, Cluster.resolve(turned).cluster).compare()
    #expect(diff.isEquivalent)
    #expect(diff.policiesDiffer == !contents.policies.isEmpty)
  }

  @Test("workloads stand for pods: an edited policy changes what they may do")
  func workloads() throws {
    let deployment = """
      kind: Deployment
      apiVersion: apps/v1
      metadata: {name: web, namespace: shop}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: main, image: example.org/web}]}
      ---
      kind: Namespace
      apiVersion: v1
      metadata: {name: shop}
      """
    let policy = """

      ---
      kind: NetworkPolicy
      apiVersion: networking.k8s.io/v1
      metadata: {name: web, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: web}}
        ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
      """
    let (old, new) = (ReviewInput(deployment), ReviewInput(deployment + policy))
    let diff = Differ(old.cluster, new.cluster).compare()
    #expect(
      diff.isolation.map(\.pods) == [
        .pods(description: "shop/Deployment/web", names: ["shop/Deployment/web"])
      ])
    let narrowed = try #require(diff.changes.first)
    #expect(diff.changes.count == 1)
    #expect(narrowed.kind == .narrowed)
    #expect(narrowed.families == [.ipv4, .ipv6])
    guard case .outside(let blocks) = narrowed.source else {
      Issue.record("the source is outside")
      return
    }
    #expect(blocks.contains(CIDR(IPAddress(.ipv6, bits: 0), prefixLength: 0)))
    #expect(!blocks.contains { $0.contains(IPAddress(.ipv4, bits: 0x0a00_0001)) })
  }
}
