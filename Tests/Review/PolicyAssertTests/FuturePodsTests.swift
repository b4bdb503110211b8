import Addresses
import Documents
import KubernetesManifests
import PolicyModel
import Reachability
import PolicyAssert
import TestSupport
import Testing

@Suite("assert about pods to come", .bounded)
struct FuturePodsTests {
  static let inventory = """
    kind: Namespace
    apiVersion: v1
    metadata: {name: shop, labels: {team: red}}
    ---
    kind: Namespace
    apiVersion: v1
    metadata: {name: bank, labels: {team: blue}}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.1}]}
    """

  static func policy(_ name: String, _ spec: String) -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: \(name), namespace: shop}
    spec: \(spec)
    """
  }

  static let closed = policy("closed", "{podSelector: {matchLabels: {tier: db}}}")

  struct Case: Sendable, CustomTestStringConvertible {
    let says: String
    let policies: [String]
    var inventory: String = FuturePodsTests.inventory
    let expectation: String
    /// A part of the witness, or of what is undecided; nil where the expectation holds.
    let witness: String?
    var testDescription: String { says }
  }

  static let open = "{podSelector: {matchLabels: {debug: \"true\"}}, ingress: [{}]}"
  static let node = """

    ---
    kind: Node
    apiVersion: v1
    metadata: {name: node-a}
    spec: {podCIDRs: [10.244.0.0/24]}
    """

  static let cases: [Case] = [
    Case(
      says: "just the labels are closed", policies: [closed],
      expectation: "{expect: deny, to: {namespace: shop, podsToCome: true, labels: {tier: db}}}", witness: nil
    ),
    Case(
      says: "a label more opens the pod", policies: [closed, policy("debug", open)],
      expectation: "{expect: deny, to: {namespace: shop, podsToCome: true, labels: {tier: db}}}",
      witness: "a pod to come with tier=db,debug=true in namespace shop"),
    Case(
      says: "a label that the expectation excludes by its value does not",
      policies: [closed, policy("debug", open)],
      expectation:
        "{expect: deny, to: {namespace: shop, podsToCome: true, labels: {tier: db, debug: \"false\"}}}",
      witness: nil),
    Case(
      says: "a NotIn is met by a value that nobody wrote",
      policies: [
        closed,
        policy(
          "x",
          "{podSelector: {matchExpressions: [{key: app, operator: Exists}, {key: app, operator: NotIn, values: [web, db]}]}, ingress: [{}]}"
        ),
      ],
      expectation: "{expect: deny, to: {namespace: shop, podsToCome: true, labels: {tier: db}}}",
      witness: "tier=db,app=other"),
    Case(
      says: "every namespace is meant, also those without a policy", policies: [closed],
      expectation: "{expect: deny, to: {podsToCome: true, labels: {tier: db}}}",
      witness: "a pod to come with tier=db in namespace bank"),
    Case(
      says: "a sender to come with one label more is let in",
      policies: [
        policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {role: x}}}]}]}")
      ],
      expectation:
        "{expect: deny, from: {podsToCome: true, labels: {app: new}}, to: {namespace: shop, labels: {app: web}}}",
      witness: "a pod to come with app=new,role=x in namespace shop → shop/web"),
    Case(
      says: "a namespace to come can have the label that lets it in",
      policies: [
        policy(
          "p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: green}}}]}]}")
      ],
      expectation:
        "{expect: deny, from: {podsToCome: true, namespacesToCome: true}, to: {namespace: shop, labels: {app: web}}}",
      witness: "a pod to come in a new namespace with team=green → shop/web"),
    Case(
      says: "no namespace that is there has it",
      policies: [
        policy(
          "p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: green}}}]}]}")
      ],
      expectation: "{expect: deny, from: {podsToCome: true}, to: {namespace: shop, labels: {app: web}}}",
      witness: nil),
    Case(
      says: "a namespace to come has no name that is taken",
      policies: [
        policy(
          "p",
          "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]}"
        )
      ],
      expectation:
        "{expect: deny, from: {podsToCome: true, namespacesToCome: true, outsideNamespace: shop}, to: {namespace: shop, labels: {app: web}}}",
      witness: nil),
    Case(
      says: "two pods to come of one kind talk to each other",
      policies: [
        policy(
          "p",
          "{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {matchLabels: {tier: db}}}]}]}"
        )
      ],
      expectation:
        "{expect: deny, from: {namespace: shop, podsToCome: true, labels: {tier: db}}, to: {namespace: shop, podsToCome: true, labels: {tier: db}}}",
      witness: "a pod to come with tier=db in namespace shop → a pod to come with tier=db in namespace shop"),
    Case(
      says: "a named port of a pod to come may be any port",
      policies: [
        policy("p", "{podSelector: {matchLabels: {tier: db}}, ingress: [{ports: [{port: metrics}]}]}")
      ],
      expectation:
        "{expect: deny, ports: [5432], to: {namespace: shop, podsToCome: true, labels: {tier: db}}}",
      witness: "tier=db in namespace shop, its ports metrics=5432/TCP TCP 5432"),
    Case(
      says: "or none",
      policies: [
        policy("p", "{podSelector: {matchLabels: {tier: db}}, ingress: [{ports: [{port: metrics}]}]}")
      ],
      expectation:
        "{expect: allow, ports: [5432], to: {namespace: shop, podsToCome: true, labels: {tier: db}}}",
      witness: "a pod to come with tier=db in namespace shop TCP 5432"),
    Case(
      says: "without nodes, a pod to come may have an address in a block that names a part of the addresses",
      policies: [
        policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.128/25}}]}]}")
      ],
      expectation: "{expect: deny, from: {podsToCome: true}, to: {namespace: shop, labels: {app: web}}}",
      witness: "a pod to come in namespace bank"),
    Case(
      says: "a block of everything does",
      policies: [policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")],
      expectation: "{expect: deny, from: {podsToCome: true}, to: {namespace: shop, labels: {app: web}}}",
      witness: "a pod to come in namespace bank → shop/web"),
    Case(
      says: "where a node tells its pod CIDR, any address of it may be the pod's",
      policies: [
        policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.128/25}}]}]}")
      ],
      inventory: inventory + node,
      expectation: "{expect: deny, from: {podsToCome: true}, to: {namespace: shop, labels: {app: web}}}",
      witness: "a pod to come in namespace bank (10.244.0.128) → shop/web"),
    Case(
      says: "but no other",
      policies: [
        policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.245.0.0/16}}]}]}")
      ],
      inventory: inventory + node,
      expectation: "{expect: deny, from: {podsToCome: true}, to: {namespace: shop, labels: {app: web}}}",
      witness: nil),
    Case(
      says: "pods to come and addresses outside",
      policies: [
        policy(
          "p",
          "{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/25]}}]}]}"
        )
      ],
      expectation:
        "{expect: deny, from: {cidr: 192.0.2.0/24}, to: {namespace: shop, podsToCome: true, labels: {tier: db}}}",
      witness: "192.0.2.128 → a pod to come with tier=db in namespace shop"),
    Case(
      says: "more kinds than are looked at are undecided, not met",
      policies: (0..<16).map {
        policy("p\($0)", "{podSelector: {matchLabels: {\"key\($0)\": x}}}")
      },
      expectation: "{expect: deny, to: {namespace: shop, podsToCome: true}}",
      witness: "more than 20000 kinds of labels in namespace shop"),
  ]

  private func result(_ example: Case) throws -> ExpectationResult {
    let text = AssertTests.head + "  - \(example.expectation)"
    let (expectations, diagnostics) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: text))
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    let input = ReviewInput(([example.inventory] + example.policies).joined(separator: "\n---\n"))
    #expect(input.errors.isEmpty, "\(input.errors)")
    return Asserter(input.cluster).check(try #require(expectations.first))
  }

  @Test("what may come is meant, and the witness names what it takes", arguments: cases)
  func kinds(example: Case) throws {
    let result = try result(example)
    #expect(result.holds == (example.witness == nil), "\(result.failure ?? result.undecided ?? "")")
    if let witness = example.witness {
      let told = result.witness?.packet ?? result.undecided ?? ""
      #expect(told.contains(witness), "\(told)")
    }
  }

  // MARK: Against every pod that there could be

  private static let keys = ["app", "tier", "version"]
  private static let values: [String?] = [nil, "a", "b", "c", "unheard-of"]

  /// Every label set over the keys and values of random clusters, and a value that none has.
  private static let labelSets: [Labels] = values.flatMap { app in
    values.flatMap { tier in
      values.map { version in
        Labels(
          zip(keys, [app, tier, version]).compactMap { key, value in value.map { Labels.Pair(key, $0) } })
      }
    }
  }

  /// The block that the only node gives to its pods, in the middle of what random clusters' blocks part.
  private static let podBlock = CIDR(IPAddress(.ipv4, bits: 0x0af4_0000), prefixLength: 27)

  @Test("agrees with trying every pod that could come", arguments: UInt64(0)..<40)
  func bruteForce(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed ^ 0xc0ffee)
    var contents = RandomCluster(seed: seed, pods: 5, policies: 4).contents
    contents.nodes = [
      Node(name: "node-a", addresses: [], podCIDRs: [Self.podBlock], origin: .nowhere)
    ]
    let cluster = Cluster.resolve(contents).cluster
    let verdict = generator.pick(["allow", "deny"])
    let label = generator.pick(Self.keys)
    let value = generator.pick(["a", "b"])
    let space = generator.pick(["default", "prod"])
    let isSender = generator.chance(oneIn: 2)
    let group = "{podsToCome: true, namespace: \(space), labels: {\(label): \(value)}}"
    let text =
      AssertTests.head
      + (isSender
        ? "  - {expect: \(verdict), ports: [80], from: \(group), to: {namespace: dev}}"
        : "  - {expect: \(verdict), ports: [80], from: {namespace: dev}, to: \(group)}")
    let (expectations, _) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: text))
    let result = Asserter(cluster).check(try #require(expectations.first))
    let others = cluster.pods.filter { $0.namespace == "dev" }
    guard !others.isEmpty else {
      #expect(!result.holds)
      return
    }

    // Pods of the inventory are meant too; beside them every pod that could be.
    var candidates = cluster.pods.filter { $0.namespace == space && $0.labels[label] == value }
    let taken = Set(contents.pods.flatMap(\.addresses))
    let free = (0..<UInt128(32)).map { IPAddress(.ipv4, bits: 0x0af4_0000 + $0) }.filter {
      !taken.contains($0)
    }
    for labels in Self.labelSets where labels[label] == value {
      for address in free {
        for number: UInt16? in isSender ? [nil] : [nil, 80] {
          candidates.append(
            Pod(
              namespace: space, name: "to-come", labels: labels, addresses: [address],
              namedPorts: number.map { number in
                ["http", "dns", "metrics"].map { NamedPort($0, .tcp, number) }
              } ?? [], origin: .nowhere))
        }
      }
    }
    var (expected, isCompared) = (true, false)
    for candidate in candidates where expected {
      var more = contents
      if candidate.name == "to-come" { more.pods.append(candidate) }
      let plain = PlainEvaluator(more, node: nil)
      for other in others where other.name != candidate.name {
        for own in candidate.addresses {
          for address in other.addresses where address.family == own.family {
            let (from, to) = isSender ? (own, address) : (address, own)
            isCompared = true
            if plain.allows(ConnectionAttempt(from, to, 6, 80)) != (verdict == "allow") { expected = false }
          }
        }
      }
    }
    // An expectation that holds over nothing is not met.
    #expect(
      result.holds == (expected && isCompared), "seed \(seed): \(result.witness?.packet ?? "no witness")")
  }

  @Test("agrees with trying every namespace and pod that could come", arguments: UInt64(0)..<16)
  func bruteForceOfNamespaces(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed ^ 0xbeef)
    var contents = RandomCluster(seed: seed &+ 1000, pods: 4, policies: 4).contents
    let block = CIDR(IPAddress(.ipv4, bits: 0x0af4_0000), prefixLength: 30)
    contents.nodes = [Node(name: "node-a", addresses: [], podCIDRs: [block], origin: .nowhere)]
    let cluster = Cluster.resolve(contents).cluster
    let value = generator.pick(["a", "b"])
    let text =
      AssertTests.head
        + """
          - expect: deny
            ports: [80]
            from:
              podsToCome: true
              namespacesToCome: true
              labels: {app: \(value)}
              namespaceLabels: {tier: \(value)}
            to: {outsideNamespace: dev}
        """
    let (expectations, diagnostics) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: text))
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    let result = Asserter(cluster).check(try #require(expectations.first))
    let others = cluster.pods.filter { $0.namespace != "dev" }
    guard !others.isEmpty else {
      #expect(!result.holds)
      return
    }

    var spaces = contents.namespaces.map { Namespace(name: $0.name, labels: $0.labels) }
    spaces += Set(contents.pods.map(\.namespace) + contents.policies.compactMap(\.id.namespace))
      .filter { name in !spaces.contains { $0.name == name } }.map { Namespace(name: $0) }
    spaces = spaces.filter { $0.labels["tier"] == value }
    for labels in Self.labelSets where labels["tier"] == value {
      spaces.append(Namespace(name: "to-come", labels: labels, origin: .nowhere))
    }
    let taken = Set(contents.pods.flatMap(\.addresses))
    let free = (0..<UInt128(4)).map { IPAddress(.ipv4, bits: 0x0af4_0000 + $0) }.filter {
      !taken.contains($0)
    }
    let own = cluster.pods.filter { pod in
      pod.labels["app"] == value && spaces.contains { $0.name == pod.namespace && $0.name != "to-come" }
    }
    func isDenied(_ senders: [IPAddress], _ contents: ManifestContents, not name: String) -> Bool {
      let plain = PlainEvaluator(contents, node: nil)
      return senders.allSatisfy { from in
        others.filter { $0.name != name }.flatMap(\.addresses).allSatisfy { to in
          to.family != from.family || !plain.allows(ConnectionAttempt(from, to, 6, 80))
        }
      }
    }
    var expected = own.allSatisfy { isDenied($0.addresses, contents, not: $0.name) }
    for space in spaces where expected {
      for labels in Self.labelSets where expected && labels["app"] == value {
        var more = contents
        if space.name == "to-come" { more.namespaces.append(space) }
        let pod = Pod(
          namespace: space.name, name: "to-come", labels: labels, addresses: free, origin: .nowhere)
        more.pods.append(pod)
        expected = isDenied(free, more, not: pod.name)
      }
    }
    #expect(result.holds == expected, "seed \(seed): \(result.witness?.packet ?? "no witness")")
  }
}
