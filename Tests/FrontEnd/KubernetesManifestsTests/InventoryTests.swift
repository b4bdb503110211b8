import Addresses
import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Inventories: only what matters, but that strictly", .bounded)
struct InventoryTests {
  static let pod = """
    apiVersion: v1
    kind: Pod
    metadata:
      labels: {app: web, "n": "1"}
      name: web-1
      namespace: shop
      unheardOf: {a: [1, 2]}
    spec:
      containers:
      - name: a
        ports:
        - {containerPort: 8080, name: http, protocol: TCP}
        - {containerPort: 53, name: dns, protocol: UDP}
        - {containerPort: 7}
      initContainers:
      - {name: once, ports: [{containerPort: 1, name: once}]}
      - ports: [{containerPort: 2, name: side}]
        restartPolicy: Always
      nodeName: n1
    status:
      phase: Running
      podIP: 10.0.0.1
      podIPs:
      - ip: 10.0.0.1
      - ip: fd00::1
    """

  @Test func aPod() throws {
    let (contents, _, diagnostics) = reading(Self.pod)
    #expect(diagnostics == [])
    let pod = try #require(contents.pods.first)
    #expect(pod.displayName == "shop/web-1")
    #expect(pod.labels == ["app": "web", "n": "1"])
    #expect(pod.addresses.map(\.description) == ["10.0.0.1", "fd00::1"])
    #expect(
      pod.namedPorts == [
        NamedPort("http", .tcp, 8080), NamedPort("dns", .udp, 53), NamedPort("side", .tcp, 2),
      ])
    #expect(pod.node == "n1")
    #expect(pod.phase == .running)
    #expect(!pod.hostNetwork && !pod.deleting)
    #expect(pod.origin.location.description == "m.yaml:1:1")
  }

  @Test func otherStatesOfPods() throws {
    let (contents, _, diagnostics) = reading(
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: a, deletionTimestamp: "2024-01-01T00:00:00Z", labels: null}
      spec: {hostNetwork: true, nodeName: ""}
      status: {phase: Failed, podIPs: null, podIP: ""}
      ---
      kind: Pod
      status: {podIP: 10.0.0.9}
      metadata: {name: b, deletionTimestamp: null}
      apiVersion: v1
      """)
    #expect(diagnostics == [])
    let (a, b) = (try #require(contents.pods.first), try #require(contents.pods.last))
    #expect(a.deleting && a.hostNetwork && a.node == nil && a.phase == .failed && a.addresses.isEmpty)
    #expect(!b.deleting && b.phase == .unknown && b.addresses.count == 1 && b.namespace == "default")
  }

  @Test func nodesNamespacesAndWorkloads() throws {
    let (contents, _, diagnostics) = reading(
      """
      apiVersion: v1
      kind: Node
      metadata: {name: n1, labels: {zone: a}}
      spec: {podCIDR: 10.0.0.0/24, podCIDRs: [10.0.0.0/24, "fd00::/64"]}
      status:
        addresses:
        - {address: 192.168.0.1, type: InternalIP}
        - {type: Hostname, address: n1}
      ---
      {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"a": "b"}}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop, labels: {not: these}}
      spec:
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{ports: [{name: http, containerPort: 80}]}]}
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: tick}
      spec:
        schedule: "* * * * *"
        jobTemplate: {spec: {template: {metadata: {labels: {app: tick}}, spec: {hostNetwork: true}}}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: s}
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: c}
      """)
    #expect(diagnostics == [])
    let node = try #require(contents.nodes.first)
    #expect(node.podCIDRs.map(\.description) == ["10.0.0.0/24", "fd00::/64"])
    #expect(node.addresses.map(\.description) == ["192.168.0.1"])
    #expect(contents.namespaces.first?.labels == ["a": "b"])
    #expect(contents.workloads.map(\.kind) == ["Deployment", "CronJob"])
    #expect(contents.workloads.map(\.labels) == [["app": "web"], ["app": "tick"]])
    #expect(contents.workloads[0].namedPorts == [NamedPort("http", .tcp, 80)])
    #expect(contents.workloads[1].hostNetwork)
    #expect(contents.skipped == ["ConfigMap": 1] && contents.services.map(\.name) == ["s"])
  }

  @Test func whatMattersMustBeRight() {
    #expect(
      findings(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: a, labels: {a: 1️⃣true}}
        spec:
          hostNetwork: 2️⃣"true"
          containers:
          - ports: [{name: http, containerPort: 3️⃣0}, {name: x, containerPort: 80, protocol: 4️⃣tcp}]
        status: {phase: 5️⃣Runing, podIP: 6️⃣10.0.0.256}
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: n1}
        spec: {podCIDR: 7️⃣10.0.0.0}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: 8️⃣yes}
        """) == [
          "1️⃣ metadata.labels.a: must be a string, but this is a boolean: quote it [wrong-type]",
          "2️⃣ spec.hostNetwork: must be a boolean, but this is a string [wrong-type]",
          "3️⃣ spec.containers[0].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535, inclusive [port-range]",
          #"4️⃣ spec.containers[0].ports[1].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP" [unsupported-value]"#,
          #"5️⃣ status.phase: Unsupported value: "Runing": supported values: "Failed", "Pending", "Running", "Succeeded", "Unknown" [unsupported-value]"#,
          #"6️⃣ warning: status.podIP: Invalid value: "10.0.0.256": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff): it is left out, and no policy is enforced at it [invalid-address]"#,
          #"7️⃣ warning: spec.podCIDR: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64): it is left out [invalid-cidr]"#,
          "8️⃣ metadata.name: must be a string, but this is a boolean: quote it [wrong-type]",
        ])
  }

  @Test(
    "an address that is written wrongly is read as packets will carry it, or left out",
    arguments: [
      ("::ffff:10.0.0.7", "10.0.0.7", "must not be an IPv4-mapped IPv6 address: it is read as 10.0.0.7"),
      ("::FFFF:a00:7", "10.0.0.7", "must not be an IPv4-mapped IPv6 address: it is read as 10.0.0.7"),
      ("010.000.0.007", "10.0.0.7", "must not have leading 0s: it is read as 10.0.0.7"),
      ("10.0.0.300", nil, nil), ("10.0.0", nil, nil), ("10.0.0.7/24", nil, nil), (" 10.0.0.7", nil, nil),
      ("fe80::1%eth0", nil, nil), ("a.b.c.d", nil, nil), ("1.2.3.4.5", nil, nil), ("+1.2.3.4", nil, nil),
      ("0x0a.0.0.1", nil, nil),
      (":::", nil, nil), ("10.0.0.0256", nil, nil), ("...", nil, nil),
    ])
  func addresses(text: String, expected: String?, words: String?) {
    let fault =
      words
      ?? "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff): it is left out, and no policy is enforced at it"
    let read = ManifestReader().read([
      ManifestSource(
        name: "i.yaml",
        text: """
          apiVersion: v1
          kind: Pod
          metadata: {name: a}
          status: {podIP: "\(text)", podIPs: [{ip: "fd00::1"}]}
          ---
          apiVersion: v1
          kind: Node
          metadata: {name: node-a}
          status: {addresses: [{type: InternalIP, address: "\(text)"}, {type: Hostname, address: host}]}
          """)
    ])
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(contents.pods.first?.addresses.map(\.description) == (expected.map { [$0] } ?? []) + ["fd00::1"])
    #expect(contents.nodes.first?.addresses.map(\.description) == (expected.map { [$0] } ?? []))
    let message = "Invalid value: \"\(text)\": \(fault)"
    #expect(diagnostics.map(\.message) == [message, message])
    #expect(diagnostics.allSatisfy { $0.severity == .warning && $0.id == "invalid-address" })
  }

  @Test func aliasesInWhatMattersAreRefused() {
    #expect(
      findings(
        """
        apiVersion: v1
        kind: Pod
        x-labels: &l {app: web}
        metadata: {name: a, labels: 1️⃣*l, annotations: *l}
        """) == ["1️⃣ metadata.labels: YAML aliases are not supported: write the value out [alias]"])
  }

  @Test(arguments: [
    #"{"apiVersion": "v1", "items": [ITEM], "kind": "List", "metadata": {}}"#,
    #"{"kind": "List", "apiVersion": "v1", "items": [ITEM]}"#,
    #"{"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [BARE]}"#,
    #"{"items": [BARE], "kind": "PodList", "apiVersion": "v1"}"#,
    #"{"items": [LATE], "apiVersion": "v1", "kind": "List"}"#,
    #"LATE ITEM"#,
  ])
  func lists(_ shape: String) {
    let bare = #""metadata": {"name": "a"}, "status": {"podIP": "10.0.0.1"}"#
    let text =
      shape
      .replacing("ITEM", with: #"{"apiVersion": "v1", "kind": "Pod", \#(bare)}"#)
      .replacing("LATE", with: #"{\#(bare), "kind": "Pod", "apiVersion": "v1"}"#)
      .replacing("BARE", with: "{\(bare)}")
    for name in ["l.json", "<stdin>"] {
      let (contents, _, diagnostics) = reading(text, name: name)
      #expect(diagnostics == [])
      #expect(contents.pods.first?.addresses.count == 1)
    }
    if !shape.hasPrefix("LATE") {
      #expect(reading(text, name: "l.yaml").contents.pods.first?.addresses.count == 1)
    }
  }

  @Test func emptyListsAndSeveralSources() {
    #expect(
      reading("apiVersion: v1\nitems: []\nkind: List\nmetadata: {resourceVersion: \"\"}\n").diagnostics == [])
    let sources = (0..<40).map { index in
      ManifestSource(
        name: "\(index).yaml",
        text: "apiVersion: v1\nkind: Pod\nmetadata: {name: p\(index)}\nspec: {x: \(index)}\n")
    }
    let read = ManifestReader().read(sources)
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(diagnostics.isEmpty)
    #expect(contents.pods.map(\.name) == (0..<40).map { "p\($0)" })
  }
}
