import Addresses
import Diagnostics
import PolicyExplain
import PolicyModel
import PolicyTrace
import TestSupport
import Testing

@Suite("verdicts about workloads without an address", .bounded)
struct WorkloadVerdictTests {
  private static func cluster(_ block: String, _ more: String = "") -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: a, namespace: default}
    spec: {podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: "\(block)"}}]}]}
    ---
    kind: Deployment
    apiVersion: apps/v1
    metadata: {name: front, namespace: default}
    spec: {template: {metadata: {labels: {app: front}}, spec: {containers: [{name: c}]}}}
    ---
    kind: Deployment
    apiVersion: apps/v1
    metadata: {name: back, namespace: default}
    spec: {template: {metadata: {labels: {app: back}}, spec: {containers: [{name: c}]}}}
    \(more)
    """
  }

  private static let node = """
    ---
    kind: Node
    apiVersion: v1
    metadata: {name: n1}
    spec: {podCIDR: 10.244.0.0/24}
    """

  struct Case: Sendable, CustomTestStringConvertible {
    let block: String
    var more = ""
    let verdict: Answer.Verdict
    var testDescription: String { "\(block) \(more.isEmpty ? "nothing known" : "a node's block")" }
  }

  static let cases: [Case] = [
    Case(block: "0.0.0.0/0", more: node, verdict: .allowed),
    Case(block: "10.0.0.0/8", more: node, verdict: .allowed),
    Case(block: "::/0", more: node, verdict: .denied),
    Case(block: "10.244.0.0/25", more: node, verdict: .dependsOnAddress),
    Case(block: "10.244.0.7/32", more: node, verdict: .dependsOnAddress),
    Case(block: "192.168.0.0/16", more: node, verdict: .denied),
    Case(block: "0.0.0.0/0", verdict: .dependsOnAddress),
    Case(block: "10.0.0.0/8", verdict: .dependsOnAddress), Case(block: "240.0.0.0/4", verdict: .denied),
  ]

  @Test(
    "the families and addresses of the nodes' blocks decide, and what is not known decides nothing",
    arguments: cases)
  func verdict(example: Case) throws {
    let input = ReviewInput(Self.cluster(example.block, example.more))
    #expect(input.errors.isEmpty, "\(input.errors)")
    let answer = try Explainer(input.cluster).ask(
      .workload(namespace: "default", kind: "Deployment", name: "front"),
      .workload(namespace: "default", kind: "Deployment", name: "back"), TrafficReference("80"))
    #expect(answer.verdict == example.verdict)
    let group = try Explainer(input.cluster).ask(
      .selector(namespace: nil, LabelSelector(matchLabels: ["app": "front"])),
      .workload(namespace: "default", kind: "Deployment", name: "back"), TrafficReference("80"))
    #expect(group.verdict == example.verdict)
  }

  @Test(
    "a workload says what it would say as a pod at each address that it may get", arguments: UInt64(0)..<40)
  func bruteForce(seed: UInt64) throws {
    let random = RandomCluster(seed: seed, pods: 8, policies: 6).contents
    var generator = SeededGenerator(seed: seed)
    let block = CIDR(IPAddress(.ipv4, bits: 0x0af4_0000), prefixLength: 22)
    let taken = Set(random.pods.flatMap(\.addresses))
    func labels() -> Labels { Labels([Labels.Pair("app", generator.pick(["a", "b", "c"]))]) }
    let ends = ["first", "second"].map { name in
      Pod(
        namespace: generator.pick(["default", "prod"]), name: name, labels: labels(),
        namedPorts: [NamedPort("http", .tcp, 80)],
        origin: Origin(.init(file: "x", line: 1, column: 1), field: ""))
    }
    var contents = random
    contents.podCIDRs = [block]
    contents.workloads = ends.map { pod in
      var workload = pod
      workload.kind = "Deployment"
      return workload
    }
    let explainer = Explainer(Cluster.resolve(contents, subjects: .podsAndWorkloads).cluster)
    // An address on either side of each end of each block in a policy.
    var bits: Set<UInt128> = [block.interval.lower, block.interval.upper]
    for policy in random.policies {
      for peer in ((policy.ingress ?? []) + (policy.egress ?? [])).flatMap(\.peers.entries) {
        guard case .ipBlock(let own) = peer.kind, own.cidr.family == .ipv4 else { continue }
        for cidr in [own.cidr] + own.except {
          bits.formUnion([
            cidr.interval.lower, cidr.interval.lower &- 1, cidr.interval.upper, cidr.interval.upper &+ 1,
          ])
        }
      }
    }
    let addresses = bits.filter(block.interval.contains).map { IPAddress(.ipv4, bits: $0) }
      .filter { !taken.contains($0) }.sorted()
    let named = ends.map {
      EndpointReference.workload(namespace: $0.namespace, kind: "Deployment", name: $0.name)
    }
    for traffic in [TrafficReference("80"), TrafficReference("53/UDP"), TrafficReference("8080")].compactMap({
      $0
    }) {
      var seen: Set<Bool> = []
      for source in addresses {
        for destination in addresses where source != destination && seen.count < 2 {
          var whole = random
          whole.pods += zip(ends, [source, destination]).map { end, address in
            var pod = end
            pod.addresses = [address]
            return pod
          }
          let attempt = ConnectionAttempt(source, destination, traffic.transport, traffic.port)
          seen.insert(PlainEvaluator(whole, node: nil).allows(attempt))
        }
      }
      let expected: Answer.Verdict = seen.count == 2 ? .dependsOnAddress : seen == [true] ? .allowed : .denied
      let answer = try explainer.ask(named[0], named[1], traffic)
      #expect(answer.verdict == expected, "seed \(seed), \(traffic.words)")
      // One end that is there: its address is known.
      for pod in Cluster.resolve(random).cluster.pods.prefix(2) {
        guard let own = pod.addresses.first(where: { $0.family == .ipv4 }) else { continue }
        var alone: Set<Bool> = []
        for source in addresses {
          var whole = random
          var first = ends[0]
          first.addresses = [source]
          whole.pods.append(first)
          alone.insert(
            PlainEvaluator(whole, node: nil).allows(
              ConnectionAttempt(source, own, traffic.transport, traffic.port)))
        }
        let verdict = try explainer.ask(named[0], .address(own), traffic).verdict
        let wanted: Answer.Verdict =
          alone.count == 2 ? .dependsOnAddress : alone == [true] ? .allowed : .denied
        #expect(verdict == wanted, "seed \(seed), \(traffic.words) to \(own)")
      }
    }
  }
}
