/// Objects that grow in one respect, beside three pods `a/x`, `a/y` and `a/z` that stay.
struct SizedInput: Sendable {
  /// The objects of one size, as JSON.
  struct Objects: Sendable {
    var inventory: [String] = []
    var policies: [String]
  }

  /// The name of what grows.
  let name: String
  /// The largest size that is measured.
  let size: Int
  /// The objects of a size.
  let objects: @Sendable (Int) -> Objects

  init(_ name: String, _ size: Int, _ objects: @escaping @Sendable (Int) -> Objects) {
    (self.name, self.size, self.objects) = (name, size, objects)
  }

  /// The objects that are there in every size.
  static let common = [
    node("n1", podCIDR: "10.1.0.0/16"), node("n2", podCIDR: "10.2.0.0/16"), namespace("a"),
    pod("x", 0x0a01_0002), pod("y", 0x0a01_0003), pod("z", 0x0a01_0004),
  ]

  /// The policy of the least input, whose cost is not counted.
  static let least = policy("least", selector: app("y"), ingress: [])

  /// A policy that a later revision has besides.
  static let added = policy("added", selector: app("z"), ingress: [rule(from: [peer(app("x"))])])

  /// All kinds of growth, to the sizes that are asked for.
  static let all = [
    SizedInput("ports of a rule", 20_000) { n in
      .init(policies: [
        policy(
          "p", selector: app("y"),
          ingress: [rule(from: [peer(app("x"))], ports: (0..<n).map { "{\"port\": \(1 + 2 * $0)}" })])
      ])
    },
    SizedInput("ranges of ports", 20_000) { n in
      .init(policies: [
        policy(
          "p", selector: app("y"),
          ingress: [
            rule(
              from: [peer(app("x"))],
              ports: (0..<n).map { "{\"port\": \(1 + 3 * $0), \"endPort\": \(2 + 3 * $0)}" })
          ])
      ])
    },
    SizedInput("names of ports", 20_000) { n in
      .init(policies: [
        policy("p", selector: app("y"), ingress: [rule(ports: (0..<n).map { "{\"port\": \"p\($0)\"}" })])
      ])
    },
    SizedInput("labels of a selector", 1_000) { n in
      let labels = object((0..<n).map { ("k\($0)", "v\($0)") })
      let selector = "{\"matchLabels\": \(labels)}"
      return .init(
        inventory: [pod("m", 0x0a01_0005, labels: labels)],
        policies: [policy("p", selector: selector, ingress: [rule(from: [peer(selector)])])])
    },
    SizedInput("expressions of a selector", 20_000) { n in
      let selector = expressions((0..<n).map { "{\"key\": \"k\($0)\", \"operator\": \"DoesNotExist\"}" })
      return .init(policies: [policy("p", selector: selector, ingress: [rule(from: [peer(selector)])])])
    },
    SizedInput("values of In", 20_000) { n in
      let values = (["x", "y"] + (0..<n).map { "v\($0)" }).map { "\"\($0)\"" }.joined(separator: ", ")
      let selector = expressions(["{\"key\": \"app\", \"operator\": \"In\", \"values\": [\(values)]}"])
      return .init(policies: [policy("p", selector: selector, ingress: [rule(from: [peer(selector)])])])
    },
    SizedInput("namespaces", 10_000) { n in
      .init(
        inventory: (0..<n).flatMap { number in
          [
            namespace("s\(number)", labels: object([("team", "t\(number)")])),
            pod("w", 0x0a02_0100 + UInt32(number), in: "s\(number)", node: "n2"),
          ]
        },
        policies: (0..<n).map { number in
          let other = "{\"matchLabels\": \(object([("team", "t\((number + 1) % n)")]))}"
          return policy(
            "p", in: "s\(number)", selector: "{}",
            ingress: [rule(from: ["{\"namespaceSelector\": \(other)}"])])
        })
    },
    SizedInput("blocks of one address", 50_000) { n in
      .init(policies: [
        policy(
          "p", selector: app("y"),
          ingress: [rule(from: (0..<n).map { block("\(address(0x6400_0000 + 2 * UInt32($0)))/32") })])
      ])
    },
    SizedInput("excepts of a block", 20_000) { n in
      let except = (0..<n).map { "\"\(address(0x6400_0000 + 2 * UInt32($0)))/32\"" }
      return .init(policies: [
        policy(
          "p", selector: app("y"),
          ingress: [rule(from: [block("100.0.0.0/8", except: except.joined(separator: ", "))])])
      ])
    },
    SizedInput("services", 10_000) { n in
      .init(
        inventory: (0..<n).map { service("s\($0)", 0xac00_0000 + UInt32($0)) },
        policies: [
          policy(
            "p", selector: app("y"),
            ingress: [rule(from: [peer(app("x"))], ports: ["{\"port\": 8080}"])])
        ])
    },
    SizedInput("rules of ClusterNetworkPolicies", 10_000) { n in
      .init(policies: stride(from: 0, to: n, by: 25).map { clusterPolicy($0 / 25, $0..<min($0 + 25, n)) })
    },
  ]

  // MARK: JSON

  private static func object(_ pairs: [(String, String)]) -> String {
    "{" + pairs.map { "\"\($0.0)\": \"\($0.1)\"" }.joined(separator: ", ") + "}"
  }

  private static func app(_ name: String) -> String { "{\"matchLabels\": {\"app\": \"\(name)\"}}" }

  private static func expressions(_ list: [String]) -> String {
    "{\"matchExpressions\": [\(list.joined(separator: ",\n"))]}"
  }

  private static func peer(_ selector: String) -> String { "{\"podSelector\": \(selector)}" }

  private static func block(_ cidr: String, except: String? = nil) -> String {
    "{\"ipBlock\": {\"cidr\": \"\(cidr)\"" + (except.map { ", \"except\": [\($0)]" } ?? "") + "}}"
  }

  private static func address(_ bits: UInt32) -> String {
    "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
  }

  private static func rule(from: [String] = [], ports: [String] = []) -> String {
    let fields = [("from", from), ("ports", ports)].filter { !$0.1.isEmpty }
    return "{" + fields.map { "\"\($0.0)\": [\($0.1.joined(separator: ",\n"))]" }.joined(separator: ", ")
      + "}"
  }

  private static func policy(
    _ name: String, in namespace: String = "a", selector: String, ingress: [String]
  ) -> String {
    """
    {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
     "metadata": {"name": "\(name)", "namespace": "\(namespace)"},
     "spec": {"podSelector": \(selector), "policyTypes": ["Ingress"], "ingress": [\(ingress.joined(separator: ",\n"))]}}
    """
  }

  private static func clusterPolicy(_ number: Int, _ rules: Range<Int>) -> String {
    let rules = rules.map { rule in
      """
      {"name": "r\(rule)", "action": "\(rule % 2 == 0 ? "Accept" : "Deny")",
       "to": [{"networks": ["\(address(0x6400_0000 + 2 * UInt32(rule)))/32"]}]}
      """
    }
    return """
      {"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
       "metadata": {"name": "c\(number)"},
       "spec": {"tier": "Admin", "priority": \(number), "subject": {"namespaces": {}},
                "egress": [\(rules.joined(separator: ",\n"))]}}
      """
  }

  private static func node(_ name: String, podCIDR: String) -> String {
    """
    {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "\(name)"}, "spec": {"podCIDRs": ["\(podCIDR)"]},
     "status": {"addresses": [{"type": "InternalIP", "address": "192.168.0.\(name.dropFirst())"}]}}
    """
  }

  private static func namespace(_ name: String, labels: String = "{}") -> String {
    "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"\(name)\", \"labels\": \(labels)}}"
  }

  private static func pod(
    _ name: String, _ bits: UInt32, in namespace: String = "a", node: String = "n1", labels: String? = nil
  ) -> String {
    """
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\(name)", "namespace": "\(namespace)",
      "labels": \(labels ?? object([("app", name)]))}, "spec": {"nodeName": "\(node)", "containers": [{"name": "c"}]},
     "status": {"phase": "Running", "podIP": "\(address(bits))", "podIPs": [{"ip": "\(address(bits))"}]}}
    """
  }

  private static func service(_ name: String, _ bits: UInt32) -> String {
    """
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "\(name)", "namespace": "a"},
     "spec": {"clusterIP": "\(address(bits))", "clusterIPs": ["\(address(bits))"], "selector": {"app": "y"},
              "ports": [{"port": 80, "targetPort": 8080}]}}
    """
  }
}
