import Addresses
import Diagnostics
import Connectivity
import PolicyDiff
import PolicyModel
import TestSupport
import Testing
import Wording

@Suite("a difference for pods to come", .bounded)
struct FuturePodsTests {
  private static let workload = """
    kind: Deployment
    apiVersion: apps/v1
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: example.org/web}]}}

    """

  private static func web(_ from: String) -> String {
    """
    ---
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: web, namespace: shop}
    spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: \(from), ports: [{port: 9292}]}]}

    """
  }

  private static let old = web("[{namespaceSelector: {matchLabels: {team: sre}}}]")
  private static let open = web("[{namespaceSelector: {}}]")

  @Test("where the policies of several namespaces go, a second pod beside one of today is reported too")
  func besideToday() {
    let pods = (0..<3).map { number in
      """
      {kind: Namespace, apiVersion: v1, metadata: {name: s\(number), labels: {team: t\(number)}}}
      ---
      kind: Pod
      apiVersion: v1
      metadata: {name: w, namespace: s\(number)}
      spec: {containers: [{name: c}]}
      status: {phase: Running, podIPs: [{ip: 10.244.0.\(number + 1)}]}
      """
    }.joined(separator: "\n---\n")
    let policies = (0..<3).map { number in
      """
      kind: NetworkPolicy
      apiVersion: networking.k8s.io/v1
      metadata: {name: p, namespace: s\(number)}
      spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: t\((number + 1) % 3)}}}]}]}
      """
    }.joined(separator: "\n---\n")
    let diff = Differ(ReviewInput(pods + "\n---\n" + policies).cluster, ReviewInput(pods).cluster).compare()
    #expect(!diff.futureChanges.isEmpty)
  }

  @Test("a policy that is opened to every namespace, with no pod in another namespace")
  func opened() throws {
    let diff = Differ(
      ReviewInput(Self.workload + Self.old).cluster, ReviewInput(Self.workload + Self.open).cluster
    )
    .compare()
    #expect(!diff.isEquivalent && diff.widens && !diff.narrows)
    // Of today's pods only those of the workload itself are in a namespace that is let in now.
    #expect(diff.changes.map(\.words) == ["shop/Deployment/web → shop/Deployment/web: nothing, now TCP 9292"])
    let change = try #require(diff.futureChanges.first)
    #expect(change.kind == .widened && change.after.words == "TCP 9292")
    #expect(change.source.description.contains("pods to come in a new namespace"))
    #expect(diff.summary.contains("1 widened, 0 narrowed, 0 of 1 pod unchanged; pods to come: "))
    let back = Differ(
      ReviewInput(Self.workload + Self.open).cluster, ReviewInput(Self.workload + Self.old).cluster
    )
    .compare()
    #expect(back.narrows && !back.widens)
  }

  @Test("a default deny that goes, in a namespace without a pod, and without any inventory")
  func withoutPods() {
    let deny = """
      kind: NetworkPolicy
      apiVersion: networking.k8s.io/v1
      metadata: {name: deny, namespace: shop}
      spec: {podSelector: {}}

      """
    let space = "---\nkind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n"
    let diff = Differ(ReviewInput(deny + space).cluster, ReviewInput(space).cluster).compare()
    #expect(diff.comparedPods == 0 && diff.widens && !diff.isWithoutPods && !diff.isEquivalent)
    #expect(Differ(ReviewInput(deny).cluster, ReviewInput(deny).cluster).compare().isEquivalent)
  }

  @Test("a label of a namespace that only pods to come would notice")
  func relabelledNamespace() {
    func space(_ team: String) -> String {
      "---\nkind: Namespace\napiVersion: v1\nmetadata: {name: tools, labels: {team: \(team)}}\n"
    }
    let diff = Differ(
      ReviewInput(Self.workload + Self.old + space("red")).cluster,
      ReviewInput(Self.workload + Self.old + space("sre")).cluster
    ).compare()
    #expect(diff.hasNoEffectToday && diff.widens)
    #expect(
      diff.futureChanges.map(\.source.description).contains("pods to come in namespace tools"),
      "\(diff.futureChanges.map(\.source.description))")
  }

  @Test(
    "what two pods of one kind may send each other", arguments: ["other", "web"], [0, 1, 2])
  func twoOfOneKind(label: String, count: Int) throws {
    func policy(_ ingress: String) -> String {
      """
      kind: NetworkPolicy
      apiVersion: networking.k8s.io/v1
      metadata: {name: web, namespace: shop}
      spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]\(ingress)}
      """
    }
    let pods = (0..<count).map { number in
      """

      ---
      kind: Pod
      apiVersion: v1
      metadata: {name: pod-\(number), namespace: shop, labels: {app: \(label)}}
      status: {phase: Running, podIP: 10.0.0.\(number + 1)}
      """
    }.joined()
    let open = policy(", ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]")
    let diff = Differ(ReviewInput(policy("") + pods).cluster, ReviewInput(open + pods).cluster).compare()
    #expect(diff.widens && !diff.isEquivalent)
    // With two such pods of today, their change says it.
    let isToday = label == "web" && count == 2
    #expect(diff.hasNoEffectToday != isToday && diff.futureChanges.isEmpty == isToday)
    let change = try #require(diff.allChanges.first)
    #expect(change.source == change.destination && change.before.isEmpty)
    let same = Differ(ReviewInput(open + pods).cluster, ReviewInput(open + pods).cluster).compare()
    #expect(same.isEquivalent)
  }

  @Test("what is the same by other words is equivalent for every pod")
  func equivalent() {
    for name in ["rules-in-another-order", "one-policy-split-into-two", "a-rule-that-others-cover"] {
      let (old, new) = ReviewScenario.review(name).inputs
      let diff = Differ(old.cluster, new.cluster).compare()
      #expect(diff.isEquivalent, "\(name): \(diff.summary)")
    }
  }

  /// Every set of labels over three keys, with each value that policies name, one that none does, and none at all.
  private static func everyPod(of namespaces: [String]) -> [Pod] {
    let values: [String?] = [nil, "a", "b", "c", "other"]
    return namespaces.flatMap { namespace in
      values.flatMap { app in
        values.flatMap { tier in
          values.flatMap { version in
            let pairs = [("app", app), ("tier", tier), ("version", version)].compactMap { key, value in
              value.map { Labels.Pair(key, $0) }
            }
            // Two pods alike may treat each other in another way than a pod and itself.
            return (version == nil ? ["", ".2"] : [""]).map { number in
              Pod(
                namespace: namespace, name: "\(app ?? "-").\(tier ?? "-").\(version ?? "-")\(number)",
                labels: Labels(pairs), namedPorts: [NamedPort("http", .tcp, 3), NamedPort("dns", .udp, 4)],
                origin: Origin(SourceLocation(file: "every", line: 1, column: 1), field: ""))
            }
          }
        }
      }
    }
  }

  @Test("every set of labels over three keys and five values says the same", .long, arguments: UInt64(0)..<12)
  func everyLabel(seed: UInt64) {
    var old = RandomCluster(seed: seed, policies: 5).contents
    old.pods = []
    var new = old
    if seed % 2 == 0 {
      new.policies = Array(old.policies.dropFirst())
    } else {
      new.policies = RandomCluster(seed: seed + 4_000, policies: 5).contents.policies
    }
    let (before, after) = (Cluster.resolve(old).cluster, Cluster.resolve(new).cluster)
    let diff = Differ(before, after).compare()
    // New namespaces with labels of one key each; a policy asks for the labels of namespaces by the same keys.
    var spaces: [String: Labels] = [:]
    for (number, pair) in ["app=a", "app=b", "tier=a", "tier=c", "version=b", ""].enumerated() {
      let parts = pair.split(separator: "=").map(String.init)
      let name = "zz-\(number)"
      let own = parts.count == 2 ? [Labels.Pair(parts[0], parts[1])] : []
      spaces[name] = Labels(own + [Labels.Pair(Namespace.nameLabel, name)])
    }
    func whole(_ cluster: Cluster) -> Cluster {
      let namespaces = cluster.namespaces.merging(spaces) { one, _ in one }
      let known = Set(before.namespaces.keys).union(after.namespaces.keys).sorted()
      return Cluster(
        policies: cluster.policies, namespaces: namespaces,
        pods: Self.everyPod(of: known + spaces.keys.sorted().prefix(known.isEmpty ? 6 : 2)))
    }
    let brute = Differ(whole(before), whole(after)).compare(isOfFuturePods: false)
    if !brute.changes.isEmpty {
      #expect(!diff.isEquivalent && !diff.futureChanges.isEmpty, "seed \(seed): \(diff.summary)")
      let kinds = Set(brute.changes.map(\.kind))
      #expect(diff.widens || kinds == [.narrowed], "seed \(seed): widened and not found")
      #expect(diff.narrows || kinds == [.widened], "seed \(seed): narrowed and not found")
    }
    if diff.isEquivalent { #expect(brute.hasNoEffectToday, "seed \(seed): \(brute.summary)") }
  }
}
