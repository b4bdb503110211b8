import Addresses
import Documents
import PolicyAssert
import PolicyModel
import TestSupport
import Testing

@Suite("expectations of workloads are those of their pods", .bounded)
struct WorkloadExpectationTests {
  private static func policy(_ ingress: String) -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: web, namespace: shop}
    spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]\(ingress)}
    """
  }

  private static func object(_ kind: String, _ number: Int) -> String {
    kind == "Pod"
      ? """

      ---
      kind: Pod
      apiVersion: v1
      metadata: {name: web-\(number), namespace: shop, labels: {app: web}}
      status: {phase: Running, podIP: 10.0.0.\(number)}
      """
      : """

      ---
      kind: \(kind)
      apiVersion: apps/v1
      metadata: {name: web, namespace: shop}
      spec: {replicas: 1, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
      """
  }

  private static func expectations(_ lines: [String]) -> [AccessExpectation] {
    let text =
      "apiVersion: netpolc/v1\nkind: Assertions\nexpectations:\n" + lines.map { "  - \($0)\n" }.joined()
    let (expectations, diagnostics) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: text))
    #expect(diagnostics.isEmpty && expectations.count == lines.count, "\(diagnostics)")
    return expectations
  }

  @Test(
    "the pods of one workload among themselves", arguments: ["Deployment", "StatefulSet", "Pod"],
    [true, false])
  func twoOfOne(kind: String, isOpen: Bool) {
    let rules = isOpen ? ", ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]" : ""
    let pods = kind == "Pod" ? Self.object(kind, 1) + Self.object(kind, 2) : Self.object(kind, 1)
    let asserter = Asserter(ReviewInput(Self.policy(rules) + pods).cluster)
    let ends = "ports: [80], from: {labels: {app: web}}, to: {labels: {app: web}}"
    let holds = Self.expectations(["{expect: allow, \(ends)}", "{expect: deny, \(ends)}"]).map {
      asserter.check($0).holds
    }
    #expect(holds == [isOpen, !isOpen])
  }

  @Test(
    "what holds for workloads holds for their pods at every address, and without blocks the other way round",
    arguments: UInt64(0)..<40)
  func bruteForce(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var contents = RandomCluster(seed: seed, pods: 6, policies: 5).contents
    let block = CIDR(IPAddress(.ipv4, bits: 0x0af4_0000), prefixLength: 22)
    contents.podCIDRs = [block]
    let random = contents.pods
    contents.pods = []
    var hasBlocks = false
    for policy in contents.policies {
      for peer in ((policy.ingress ?? []) + (policy.egress ?? [])).flatMap(\.peers.entries) {
        if case .ipBlock = peer.kind { hasBlocks = true }
      }
    }
    func plain(_ pod: Pod, _ name: String, _ addresses: [IPAddress], _ kind: String) -> Pod {
      Pod(
        namespace: pod.namespace, name: name, kind: kind, labels: pod.labels, addresses: addresses,
        namedPorts: pod.namedPorts, origin: pod.origin)
    }
    func asserter(isWorkloads: Bool) -> Asserter {
      var own = contents
      var taken: Set<UInt128> = []
      for pod in random {
        if isWorkloads { own.workloads.append(plain(pod, pod.name, [], "Deployment")) }
        for number in 1...2 where !isWorkloads {
          var bits = block.interval.lower
          while !taken.insert(bits).inserted {
            bits = block.interval.lower + UInt128(Int.random(in: 0..<1024, using: &generator))
          }
          own.pods.append(plain(pod, "\(pod.name)-\(number)", [IPAddress(.ipv4, bits: bits)], "Pod"))
        }
      }
      return Asserter(Cluster.resolve(own, subjects: .podsAndWorkloads).cluster)
    }
    func group() -> String {
      let label = "\(generator.pick(["app", "tier"])): \(generator.pick(["a", "b", "c"]))"
      return generator.chance(oneIn: 4) ? "{labels: {}}" : "{labels: {\(label)}}"
    }
    let expectations = Self.expectations(
      (0..<12).map { number in
        "{expect: \(number % 2 == 0 ? "allow" : "deny"), ports: [\(generator.pick([80, 443, 8080]))], from: \(group()), to: \(group())}"
      })
    let workloads = asserter(isWorkloads: true)
    let clusters = (0..<3).map { _ in asserter(isWorkloads: false) }
    for expectation in expectations {
      let told = workloads.check(expectation).holds
      let truths = clusters.map { $0.check(expectation).holds }
      if told { #expect(!truths.contains(false), "seed \(seed), \(expectation.name): met wrongly") }
      if !told, !hasBlocks {
        #expect(!truths.contains(true), "seed \(seed), \(expectation.name): failed wrongly")
      }
    }
  }
}
