import Addresses
import KubernetesManifests
import PolicyModel

/// Policies by type, each as often as in clusters that people run: defaults for a namespace, one application to
/// another, one namespace to another, addresses outside with holes, and ports by name.
struct PolicyMaker {
  private let layout: Layout
  private var taken: Set<PolicyID> = []

  init(_ layout: Layout) { self.layout = layout }

  /// So many policies.
  func policies(_ count: Int, _ random: inout SeededRandom) -> [NetworkPolicy] {
    var maker = self
    var policies: [NetworkPolicy] = []
    policies.reserveCapacity(count)
    while policies.count < count { policies.append(maker.policy(policies.count, &random)) }
    return policies
  }

  private mutating func policy(_ number: Int, _ random: inout SeededRandom) -> NetworkPolicy {
    var space = layout.namespaces.count > 3 ? 3 + random.skewed(layout.namespaces.count - 3) : 0
    // A namespace without workloads has no policies about them.
    while layout.workloadsOf[space].isEmpty { space = (space + 1) % layout.namespaces.count }
    let namespace = layout.namespaces[space]
    let target = layout.workloads[random.pick(layout.workloadsOf[space])]
    let other = layout.workloads[random.pick(layout.workloadsOf[space])]
    let selector = Self.selector(of: target)
    switch random.below(100) {
    case 0..<14:
      return make(namespace, "default-deny-ingress", number, LabelSelector(), [.ingress])
    case 14..<20:
      return make(namespace, "default-deny-all", number, LabelSelector(), [.ingress, .egress])
    case 20..<28:
      let dns = Peer(
        .pods(
          .matching(LabelSelector(matchLabels: [Namespace.nameLabel: "kube-system"])),
          LabelSelector(matchLabels: ["k8s-app": "kube-dns"])), origin: generatedOrigin)
      return make(
        namespace, "allow-dns", number, LabelSelector(), [.egress],
        egress: [Self.rule([dns], [Self.port(.udp, 53), Self.port(.tcp, 53)])])
    case 28..<62:
      var peers = [Peer(.pods(.own, Self.selector(of: other)), origin: generatedOrigin)]
      if random.chance(300) {
        peers.append(
          Peer(.pods(.own, LabelSelector(matchLabels: ["tier": "frontend"])), origin: generatedOrigin))
      }
      return make(
        namespace, "allow-\(other.name)-to-\(target.name)", number, selector, [.ingress],
        ingress: [Self.rule(peers, [Self.port(.tcp, target.ports.first?.number ?? 8080)])])
    case 62..<74:
      let team = random.pick(Layout.teams)
      let scope =
        random.chance(700)
        ? LabelSelector(matchLabels: ["team": team])
        : LabelSelector([
          .init("team", .isIn, [team, "platform"]), .init("environment", .notIn, ["dev"]),
        ])
      let within = random.chance(600) ? LabelSelector(matchLabels: ["tier": "frontend"]) : LabelSelector()
      return make(
        namespace, "allow-from-\(team)", number, selector, [.ingress],
        ingress: [
          Self.rule([Peer(.pods(.matching(scope), within), origin: generatedOrigin)], [Self.port(.tcp, 8080)])
        ])
    case 74..<84:
      return make(
        namespace, "egress-outside", number, selector, [.egress],
        egress: [Self.rule(blocks(&random), [Self.port(.tcp, 443)])])
    case 84..<88:
      return make(
        namespace, "allow-balancers", number, selector, [.ingress],
        ingress: [
          Self.rule(
            [Peer(.ipBlock(IPBlock(Self.block(random.among(1...250)))), origin: generatedOrigin)],
            [
              Self.port(.tcp, 8080),
              PolicyPort(.tcp, .range(Interval(30000, 30100)), origin: generatedOrigin),
            ])
        ])
    case 88..<96:
      let scraper = Peer(
        .pods(
          .matching(LabelSelector(matchLabels: [Namespace.nameLabel: "monitoring"])),
          LabelSelector(matchLabels: ["app.kubernetes.io/name": "prometheus"])), origin: generatedOrigin)
      return make(
        namespace, "allow-metrics", number, LabelSelector(), [.ingress],
        ingress: [Self.rule([scraper], [PolicyPort(.tcp, .named("metrics"), origin: generatedOrigin)])])
    default:
      return make(
        namespace, "egress-to-\(other.name)", number, selector, [.egress],
        egress: [
          Self.rule(
            [Peer(.pods(.own, Self.selector(of: other)), origin: generatedOrigin)],
            [PolicyPort(.tcp, .named("http"), origin: generatedOrigin)])
        ])
    }
  }

  private static func selector(of workload: Workload) -> LabelSelector {
    let key = workload.labels["app"] == nil ? workload.labels.pairs.first?.key ?? "app" : "app"
    return LabelSelector([.init(key, .isIn, [workload.labels[key] ?? workload.name])])
  }

  private func blocks(_ random: inout SeededRandom) -> [Peer] {
    let everywhere = IPBlock(
      CIDR(IPAddress(.ipv4, bits: 0), prefixLength: 0),
      except: [
        CIDR(IPAddress(.ipv4, bits: 10 << 24), prefixLength: 8),
        CIDR(IPAddress(.ipv4, bits: 0xac10_0000), prefixLength: 12),
        CIDR(IPAddress(.ipv4, bits: 0xc0a8_0000), prefixLength: 16),
      ])
    if random.chance(500) { return [Peer(.ipBlock(everywhere), origin: generatedOrigin)] }
    return (0..<random.among(1...4)).map { _ in
      let block = Self.block(random.below(4000))
      let hole = CIDR(block.base, prefixLength: 28)
      return Peer(.ipBlock(IPBlock(block, except: random.chance(300) ? [hole] : [])), origin: generatedOrigin)
    }
  }

  private static func block(_ number: Int) -> CIDR {
    CIDR(IPAddress(.ipv4, bits: 0xcb00_0000 + UInt128(number) << 8), prefixLength: 24)
  }

  private static func port(_ transport: TransportProtocol, _ number: UInt16) -> PolicyPort {
    PolicyPort(transport, .range(Interval(number)), origin: generatedOrigin)
  }

  private static func rule(_ peers: [Peer], _ ports: [PolicyPort]) -> PolicyRule {
    PolicyRule(peers: OneOf(list: peers), ports: OneOf(list: ports), origin: generatedOrigin)
  }

  private mutating func make(
    _ namespace: Namespace, _ name: String, _ number: Int, _ selector: LabelSelector, _ types: [Direction],
    ingress: [PolicyRule] = [], egress: [PolicyRule] = []
  ) -> NetworkPolicy {
    var id = PolicyID(namespace: namespace.name, name: name)
    if !taken.insert(id).inserted {
      id = PolicyID(namespace: namespace.name, name: "\(name)-\(number)")
      taken.insert(id)
    }
    return NetworkPolicy(
      id: id, podSelector: selector, policyTypes: types, ingress: ingress, egress: egress,
      origin: generatedOrigin)
  }

  /// The policy with one rule more or its first rule's ports replaced.
  static func withAnotherPort(_ policy: NetworkPolicy, _ number: UInt16) -> NetworkPolicy {
    func changed(_ rules: [PolicyRule]) -> [PolicyRule] {
      guard let first = rules.first else { return rules }
      let ports = OneOf<PolicyPort>.anyOf([port(.tcp, number)])
      return [PolicyRule(peers: first.peers, ports: ports, origin: first.origin)] + rules.dropFirst()
    }
    return copy(of: policy, named: policy.id.name, changed)
  }

  /// The policy under another name, with its rules changed.
  static func copy(
    of policy: NetworkPolicy, named name: String, _ change: ([PolicyRule]) -> [PolicyRule] = { $0 }
  ) -> NetworkPolicy {
    NetworkPolicy(
      id: .init(namespace: policy.id.namespace, name: name), podSelector: policy.podSelector,
      policyTypes: Direction.allCases.filter(policy.isolates.contains), ingress: change(policy.ingress),
      egress: change(policy.egress), origin: policy.origin)
  }
}
