import Diagnostics
import PolicyModel
import TestSupport
import Testing

@Suite("policies without effect", .bounded)
struct EffectWarningTests {
  private static func warnings(_ subjects: PodSet, ports: [PolicyPort] = [], namespace: String? = "shop")
    -> [String]
  {
    let rule = PolicyRule(peers: .everything, ports: OneOf(list: ports), origin: .nowhere)
    let policy = Policy(
      id: PolicyID(namespace: namespace, name: "p"), subjects: subjects, ingress: [rule], egress: nil,
      origin: .nowhere)
    let pods = [
      Pod(
        namespace: "shop", name: "web", labels: ["app": "web"], namedPorts: [NamedPort("http", .tcp, 80)],
        origin: .nowhere),
      Pod(namespace: "office", name: "db", labels: ["app": "db"], origin: .nowhere),
    ]
    let cluster = Cluster(policies: [policy], namespaces: ["shop": ["team": "a"], "office": [:]], pods: pods)
    return cluster.effectWarnings().map { "\($0.id): \($0.message)" }
  }

  @Test("subjects of the policy's own namespace, and of namespaces by their labels")
  func subjects() {
    let (web, none) = (
      LabelSelector(matchLabels: ["app": "web"]), LabelSelector(matchLabels: ["app": "none"])
    )
    let teams = LabelSelector(matchLabels: ["team": "a"])
    #expect(Self.warnings(PodSet(.own, web)).isEmpty)
    #expect(
      Self.warnings(PodSet(.own, none)) == ["selects-no-pod: app=none selects no pod of namespace \"shop\""])
    #expect(Self.warnings(PodSet(.matching(teams), web), namespace: nil).isEmpty)
    #expect(
      Self.warnings(PodSet(.matching(teams), none), namespace: nil) == [
        "selects-no-pod: app=none selects no pod of namespaces team=a"
      ])
    #expect(
      Self.warnings(PodSet(.matching(LabelSelector()), none), namespace: nil) == [
        "selects-no-pod: app=none selects no pod of any namespace"
      ])
  }

  @Test("a port name that no selected pod has")
  func ports() {
    let everywhere = PodSet(.matching(LabelSelector()), LabelSelector())
    func port(_ name: String, _ transport: TransportProtocol) -> [PolicyPort] {
      [PolicyPort(transport, .named(name), origin: .nowhere)]
    }
    #expect(Self.warnings(everywhere, ports: port("http", .tcp)).isEmpty)
    #expect(Self.warnings(everywhere, ports: port("http", .udp)).count == 1)
    #expect(
      Self.warnings(PodSet(.own, LabelSelector()), ports: port("dns", .tcp)) == [
        "unknown-port-name: no pod that the policy selects has a port named \"dns\" of protocol TCP; this entry matches nothing"
      ])
  }
}
