import Addresses
import PolicyModel

/// A workload: what a Deployment stands for.
struct Workload: Sendable {
  var namespace: Int
  var name: String
  var labels: Labels
  var replicas: Int
  var ports: [NamedPort]
  var hostNetwork = false
}

/// Namespaces, nodes and workloads, from which pods and policies follow.
struct Layout: Sendable {
  var namespaces: [Namespace] = []
  var nodes: [Node] = []
  var workloads: [Workload] = []
  /// The workloads of each namespace.
  var workloadsOf: [[Int]] = []
  private let shape: ClusterShape

  static let teams = ["payments", "search", "identity", "platform", "data", "mobile", "growth", "logistics"]
  static let environments = ["prod", "prod", "prod", "staging", "dev"]
  private static let subjects = [
    "checkout", "cart", "catalog", "user", "session", "invoice", "ledger", "mail", "report", "image", "price",
    "stock", "order", "shipping", "review", "profile", "audit", "feed", "rate", "token", "billing", "tax",
  ]
  private static let roles = [
    "api", "web", "worker", "db", "cache", "gateway", "consumer", "scheduler", "proxy", "exporter",
  ]

  init(_ shape: ClusterShape, _ random: inout SeededRandom) {
    self.shape = shape
    addNamespaces(&random)
    addNodes(&random)
    addWorkloads(&random)
  }

  private mutating func addNamespaces(_ random: inout SeededRandom) {
    let fixed = ["kube-system", "monitoring", "ingress-nginx"]
    for name in fixed { addNamespace(name, team: "platform", environment: "prod") }
    for number in 0..<max(3, shape.pods / 100) {
      let team = random.pick(Self.teams)
      addNamespace(
        "\(team)-\(random.pick(Self.subjects))-\(number)", team: team,
        environment: random.pick(Self.environments)
      )
    }
  }

  private mutating func addNamespace(_ name: String, team: String, environment: String) {
    namespaces.append(
      Namespace(
        name: name, labels: [Namespace.nameLabel: name, "team": team, "environment": environment],
        origin: generatedOrigin))
    workloadsOf.append([])
  }

  private mutating func addNodes(_ random: inout SeededRandom) {
    let count = max(1, (shape.pods + shape.podsOfNode - 1) / shape.podsOfNode)
    for number in 0..<count {
      var blocks = [CIDR(IPAddress(.ipv4, bits: 10 << 24 | UInt128(number) << 8), prefixLength: 24)]
      if random.chance(shape.dualStack) {
        let base: UInt128 = 0xfd00_0010_0244 << 80
        blocks.append(CIDR(IPAddress(.ipv6, bits: base | UInt128(number) << 64), prefixLength: 64))
      }
      let name = "node-\(number)"
      nodes.append(
        Node(
          name: name, labels: ["kubernetes.io/hostname": name, "kubernetes.io/os": "linux"],
          addresses: [IPAddress(.ipv4, bits: 0xac10_0000 + UInt128(number) + 10)], podCIDRs: blocks,
          origin: generatedOrigin))
    }
  }

  private mutating func addWorkloads(_ random: inout SeededRandom) {
    var left = shape.pods
    func add(_ workload: Workload, _ layout: inout Layout) {
      var workload = workload
      workload.replicas = min(workload.replicas, left)
      guard workload.replicas > 0 else { return }
      left -= workload.replicas
      layout.workloadsOf[workload.namespace].append(layout.workloads.count)
      layout.workloads.append(workload)
    }
    add(
      Workload(
        namespace: 0, name: "coredns", labels: ["k8s-app": "kube-dns"], replicas: 2 + shape.pods / 5000,
        ports: [
          NamedPort("dns", .udp, 53), NamedPort("dns-tcp", .tcp, 53), NamedPort("metrics", .tcp, 9153),
        ]), &self)
    add(
      Workload(
        namespace: 0, name: "kube-proxy", labels: ["k8s-app": "kube-proxy"], replicas: shape.pods / 100,
        ports: [],
        hostNetwork: true), &self)
    add(
      Workload(
        namespace: 1, name: "prometheus", labels: ["app.kubernetes.io/name": "prometheus"], replicas: 2,
        ports: [NamedPort("web", .tcp, 9090)]), &self)
    add(
      Workload(
        namespace: 2, name: "ingress-nginx-controller",
        labels: ["app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"],
        replicas: 2 + shape.pods / 2000,
        ports: [NamedPort("http", .tcp, 80), NamedPort("https", .tcp, 443)]), &self)
    while left > 0 { add(workload(&random), &self) }
  }

  private func workload(_ random: inout SeededRandom) -> Workload {
    let namespace = 3 + random.skewed(namespaces.count - 3)
    let role = random.pick(Self.roles)
    let name = "\(random.pick(Self.subjects))-\(role)-\(workloadsOf[namespace].count)"
    let replicas =
      switch random.below(100) {
      case 0..<40: random.among(1...2)
      case 40..<80: random.among(3...10)
      case 80..<98: random.among(10...40)
      default: random.among(50...350)
      }
    let labels: Labels = [
      "app": name, "app.kubernetes.io/name": name, "app.kubernetes.io/component": role,
      "version": "v\(random.among(1...4))",
      "tier": ["api", "web", "gateway"].contains(role) ? "frontend" : "backend",
      "pod-template-hash": random.suffix(10),
    ]
    var ports = [NamedPort("http", .tcp, random.chance(900) ? 8080 : UInt16(random.among(8000...8999)))]
    if random.chance(500) { ports.append(NamedPort("metrics", .tcp, 9090)) }
    if role == "db" { ports.append(NamedPort("postgres", .tcp, 5432)) }
    return Workload(namespace: namespace, name: name, labels: labels, replicas: replicas, ports: ports)
  }

  /// The pods of all workloads, spread over the nodes.
  func pods(_ random: inout SeededRandom) -> [Pod] {
    var slots = Array(0..<workloads.reduce(0) { $0 + $1.replicas })
    for place in slots.indices.reversed() { slots.swapAt(place, random.below(place + 1)) }
    var pods: [Pod] = []
    pods.reserveCapacity(slots.count)
    for workload in workloads {
      let hash = workload.labels["pod-template-hash"] ?? random.suffix(10)
      var suffixes: Set<String> = []
      for _ in 0..<workload.replicas {
        let slot = slots[pods.count]
        let node = nodes[slot / shape.podsOfNode]
        let host = UInt128(2 + slot % shape.podsOfNode)
        var phase = Pod.Phase.running
        var addresses = node.podCIDRs.map { IPAddress($0.family, bits: $0.base.bits + host) }
        if workload.hostNetwork {
          addresses = node.addresses
        } else if random.chance(10) {
          phase = .succeeded
        } else if random.chance(5) {
          phase = .pending
          addresses = []
        }
        var suffix = random.suffix(5)
        while !suffixes.insert(suffix).inserted { suffix = random.suffix(5) }
        pods.append(
          Pod(
            namespace: namespaces[workload.namespace].name,
            name: "\(workload.name)-\(hash)-\(suffix)",
            labels: workload.labels, addresses: addresses, node: node.name, hostNetwork: workload.hostNetwork,
            phase: phase, namedPorts: workload.ports, origin: generatedOrigin))
      }
    }
    return pods
  }
}
