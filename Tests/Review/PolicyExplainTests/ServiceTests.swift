import Addresses
import PolicyExplain
import PolicyModel
import PolicyTrace
import Reports
import TestSupport
import Testing

@Suite("explanations towards services", .bounded)
struct ServiceTests {
  private static let inventory = """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: srv, namespace: shop}
    spec: {clusterIP: 10.96.0.20, clusterIPs: [10.96.0.20], selector: {app: srv}, ports: [{port: 443, targetPort: web}]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: away, namespace: shop}
    spec: {clusterIP: 10.96.0.21, ports: [{port: 5432}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: away-1, namespace: shop, labels: {kubernetes.io/service-name: away}}
    addressType: IPv4
    endpoints: [{addresses: [192.0.2.10]}]
    ports: [{port: 6432, protocol: TCP}]
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: srv, namespace: shop, labels: {app: srv}}
    spec: {containers: [{name: c, ports: [{name: web, containerPort: 8080}]}]}
    status: {phase: Running, podIP: 10.60.0.10}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: cli, namespace: shop, labels: {app: cli}}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIP: 10.60.0.20}

    """

  private static func policy(_ egress: String) -> String {
    """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: p, namespace: shop}
    spec: {podSelector: {matchLabels: {app: cli}}, policyTypes: [Egress], egress: [\(egress)]}

    """
  }

  private static let byPod = policy("{to: [{podSelector: {matchLabels: {app: srv}}}], ports: [{port: 8080}]}")
  private static let byBlock = policy("{to: [{ipBlock: {cidr: 10.96.0.0/12}}], ports: [{port: 443}]}")

  private static func ask(_ policy: String, _ destination: String, _ port: String?) throws -> Answer {
    let input = ReviewInput(policy + inventory)
    #expect(input.errors.isEmpty, "\(input.errors)")
    return try Explainer(input.cluster, input.networkPolicies, contents: input.contents).ask(
      .pod(namespace: "shop", name: "cli"), try #require(EndpointReference(destination)),
      port.flatMap(TrafficReference.init), namespace: "shop")
  }

  @Test("a service's address is its pods', at their port: by name and by address")
  func rewritten() throws {
    for end in ["10.96.0.20", "service/srv", "svc/srv", "shop/Service/srv"] {
      #expect(try Self.ask(Self.byPod, end, "443").verdict == .allowed, "\(end)")
      #expect(try Self.ask(Self.byBlock, end, "443").verdict == .denied, "\(end)")
    }
    guard case .service(let answer) = try Self.ask(Self.byPod, "service/srv", nil) else {
      Issue.record("no service")
      return
    }
    #expect(answer.traffic.words == "TCP 443" && answer.endpoints.map(\.traffic.words) == ["TCP 8080"])
    #expect(answer.text().contains("ALLOWED shop/cli → service shop/srv TCP 443\n"), "\(answer.text())")
    #expect(answer.json().contains("\"kind\":\"ServiceExplanation\""))
  }

  @Test("endpoints that slices name count, and ports that a service has not are told")
  func slices() throws {
    #expect(
      try Self.ask(
        Self.policy("{to: [{ipBlock: {cidr: 192.0.2.10/32}}], ports: [{port: 6432}]}"), "service/away", nil
      )
      .verdict == .allowed)
    #expect(throws: Explainer.Failure.self) { try Self.ask(Self.byPod, "service/srv", "80") }
    #expect(throws: Explainer.Failure.self) { try Self.ask(Self.byPod, "service/none", "80") }
  }
}
