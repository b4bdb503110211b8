import Addresses
import Connectivity
import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability
import TestSupport
import Testing
import Wording

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
    let present = [before, after].map { Set($0.pods.map(\.displayName)) }
    func moved(_ name: String?, _ owners: (String?, String?)) -> Bool {
      guard let name, owners.0 != owners.1 else { return false }
      return present.allSatisfy { $0.contains(name) }
    }
    var both = old
    both.pods += new.pods
    both.policies += new.policies
    var disagreements = 0
    for attempt in Set(PlainEvaluator(both, node: node).representativeProbes()) {
      let ends = [attempt.source, attempt.destination].map { (owners[0][$0], owners[1][$0]) }
      // An address that changes hands, or that a pod of both loses or gets, is not compared: the report says so.
      if ends.contains(where: { $0.0 != $0.1 && ($0.0 != nil && $0.1 != nil) || moved($0.0 ?? $0.1, $0) }) {
        continue
      }
      let names = ends.map { $0.0 ?? $0.1 }
      if names[0] != nil, names[0] == names[1] { continue }
      // What is not there sends and receives nothing.
      let isThere = (
        ends.allSatisfy { $0.0 == $0.1 || $0.0 != nil }, ends.allSatisfy { $0.0 == $0.1 || $0.1 != nil }
      )
      let verdicts = (isThere.0 && first.allows(attempt), isThere.1 && second.allows(attempt))
      if verdicts.0 != verdicts.1 { disagreements += 1 }
      let changes = reported.changes(names[0], names[1], attempt)
      if changes.count > 1 { Issue.record("\(note): \(attempt) is in several changes") }
      guard let change = changes.first else {
        if verdicts.0 != verdicts.1 { Issue.record("\(note): \(attempt) missed") }
        continue
      }
      let told = [change.before, change.after].map { $0.contains(attempt.transport, attempt.port) }
      if told != [verdicts.0, verdicts.1] { Issue.record("\(note): \(attempt) is told wrong") }
    }
    if disagreements > 0 { #expect(!diff.changes.isEmpty) }
    for change in diff.changes {
      let names = [change.witness.source, change.witness.destination].compactMap { $0 }
      let isThere = present.map { pods in names.allSatisfy(pods.contains) }
      checkWitness(change, isThere[0] ? first : nil, isThere[1] ? second : nil, note)
    }
  }

  private func checkWitness(
    _ change: ConnectionChange, _ old: PlainEvaluator?, _ new: PlainEvaluator?, _ note: String
  ) {
    let witness = change.witness
    guard let source = witness.sourceAddress, let destination = witness.destinationAddress else { return }
    let attempt = ConnectionAttempt(source, destination, witness.transport, witness.port ?? 0)
    #expect(old?.allows(attempt) ?? false == witness.allowedBefore, "\(note): witness \(witness.description)")
    #expect(
      new?.allows(attempt) ?? false == !witness.allowedBefore, "\(note): witness \(witness.description)")
    for (causes, allowed) in [
      (witness.before, witness.allowedBefore), (witness.after, !witness.allowedBefore),
    ] {
      #expect(
        causes.contains { $0.verdict == .denied || $0.verdict == .absent } == !allowed,
        "\(note): causes of \(witness.description)")
    }
  }

  @Test("other policies over one inventory", .long, arguments: UInt64(0)..<30)
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

  @Test(
    "pods that only one revision has: they send and receive nothing in the other", .long,
    arguments: UInt64(0)..<60)
  func oneSided(seed: UInt64) {
    let all = RandomCluster(seed: seed, pods: 12, policies: 6).contents
    var (old, new) = (all, all)
    old.pods = all.pods.enumerated().filter { $0.offset % 3 != 0 }.map(\.element)
    new.pods = all.pods.enumerated().filter { $0.offset % 4 != 1 }.map(\.element)
    check(old, new, "seed \(seed)")
    new.policies = RandomCluster(seed: seed + 3_000, policies: 6).contents.policies
    check(old, new, "seed \(seed), other policies")
  }

  private static func workload(_ name: String, _ app: String) -> String {
    """
    kind: Deployment
    apiVersion: apps/v1
    metadata: {name: \(name), namespace: shop}
    spec:
      selector: {matchLabels: {app: \(app)}}
      template: {metadata: {labels: {app: \(app)}}, spec: {containers: [{name: main, image: example.org/web}]}}

    """
  }

  @Test("a new workload that a new policy opens is widened, one that goes is narrowed")
  func newWorkload() {
    let isolation = """
      ---
      kind: NetworkPolicy
      apiVersion: networking.k8s.io/v1
      metadata: {name: all, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Ingress, Egress]}

      """
    let opening = """
      ---
      kind: NetworkPolicy
      apiVersion: networking.k8s.io/v1
      metadata: {name: debug, namespace: shop}
      spec: {podSelector: {matchLabels: {app: debug}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 22}]}]}

      """
    let old = ReviewInput(Self.workload("web", "web") + isolation)
    let closed = ReviewInput(
      Self.workload("web", "web") + "---\n" + Self.workload("debug", "debug") + isolation)
    let open = ReviewInput(
      Self.workload("web", "web") + "---\n" + Self.workload("debug", "debug") + isolation + opening)
    // What is isolated from its beginning opens nothing.
    #expect(Differ(old.cluster, closed.cluster).compare().changes.isEmpty)
    let diff = Differ(old.cluster, open.cluster).compare()
    #expect(diff.changes.map(\.kind) == [.widened] && diff.widens && !diff.narrows)
    #expect(diff.changes.first?.source.isOutside == true)
    #expect(diff.changes.first?.after.words == "TCP 22")
    #expect(diff.changes.first?.witness.before.map(\.verdict) == [.absent])
    #expect(diff.pods.appeared == ["shop/Deployment/debug"])
    let back = Differ(open.cluster, old.cluster).compare()
    #expect(back.changes.map(\.kind) == [.narrowed] && back.narrows && !back.widens)
    #expect(back.pods.vanished == ["shop/Deployment/debug"])
    // By the default everything is open.
    let free = Differ(
      ReviewInput(Self.workload("web", "web")).cluster,
      ReviewInput(
        Self.workload("web", "web") + "---\n" + Self.workload("debug", "debug")
      ).cluster
    ).compare()
    #expect(!free.changes.isEmpty && free.changes.allSatisfy { $0.kind == .widened })
  }

  /// Over one inventory only pods are worked out that changed policies select, and those they speak of. Another node's
  /// name changes no meaning, but makes it two inventories: then all are.
  @Test("over one inventory the answer is that over two", .long, arguments: UInt64(0)..<60)
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
    let known = Differ(RevisionMeanings(before, after)).compare()
    #expect(direct.changes == known.changes, "seed \(seed), both known")
    #expect(direct.isolation == known.isolation, "seed \(seed), both known")
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

  @Test("a workload under another name is compared with its former self; two that could be it are not")
  func renames() {
    let policy = """
      ---
      kind: NetworkPolicy
      apiVersion: networking.k8s.io/v1
      metadata: {name: web, namespace: shop}
      spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}]}]}

      """
    let old = ReviewInput(Self.workload("web", "web") + policy)
    let diff = Differ(old.cluster, ReviewInput(Self.workload("site", "web") + policy).cluster).compare()
    #expect(diff.changes.isEmpty)
    #expect(diff.pods.renamed == [.init(from: "shop/Deployment/web", to: "shop/Deployment/site")])
    #expect(diff.pods.appeared.isEmpty && diff.pods.vanished.isEmpty)
    // Without its policy the renamed one is open.
    let open = Differ(old.cluster, ReviewInput(Self.workload("site", "web")).cluster).compare()
    #expect(!open.changes.isEmpty && open.changes.allSatisfy { $0.kind == .widened })
    let two = ReviewInput(Self.workload("a", "web") + "---\n" + Self.workload("b", "web") + policy)
    let unclear = Differ(old.cluster, two.cluster).compare()
    #expect(unclear.pods.renamed.isEmpty && unclear.pods.appeared.count == 2)
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
    // What pods of the workload send each other passes only where they get addresses in the block.
    #expect(diff.changes.map(\.dependsOnAddress) == [false, true])
    #expect(diff.changes.last?.source == diff.changes.last?.destination)
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
