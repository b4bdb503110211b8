import Addresses
import ArgumentParser
import ClusterGenerator
import Diagnostics
import Lowering
import PolicyModel
import Reachability
import RulesetText

extension Bench {
  /// The peers that policies of a benchmark have.
  enum TierPeers: CaseIterable {
    /// Pods and namespaces, all ports.
    case pods
    /// Networks too, and ports.
    case networksAndPorts

    var words: String { self == .pods ? "pods and namespaces" : "networks and ports" }
    var target: Double { self == .pods ? 1.35 : 2 }
  }

  /// Measures new connections under ClusterNetworkPolicies of 25 rules each way: of a small cluster, whose rules become
  /// lookups.
  func tierPackets() throws -> [Figure] {
    var texts = [Self.emptyHook]
    for peers in TierPeers.allCases {
      for count in [1, 100] {
        var lowerer = Lowerer(tieredNode(count, peers))
        texts.append(NFTPrinter.replacing(lowerer.lower(LoweringOptions(node: node)).table))
      }
    }
    let (udp, tcp) = try Self.newConnections(texts, rounds: runs * 8)
    var figures: [Figure] = []
    for (name, seconds) in [("new UDP flow", udp), ("new TCP connection", tcp)] {
      let least = seconds.map { Cost(seconds: $0.min() ?? 0, peak: nil) }
      for (place, peers) in TierPeers.allCases.enumerated() {
        let (one, hundred) = (least[1 + 2 * place], least[2 + 2 * place])
        figures += [
          Figure(
            name: "\(name), 100 ClusterNetworkPolicies, \(peers.words)", cost: hundred,
            against: "forward hook without rules", limit: least[0], target: peers.target),
          Figure(
            name: "\(name), 100 ClusterNetworkPolicies, \(peers.words)", cost: hundred,
            against: "one of them",
            limit: one, target: 1.1),
        ]
      }
    }
    return figures
  }

  /// Measures new connections between two pods of a node of the large cluster.
  func walkedPackets(_ cluster: Cluster) throws -> [Figure] {
    var lowerer = Lowerer(cluster)
    let text = NFTPrinter.replacing(lowerer.lower(LoweringOptions(node: node)).table)
    let specification = Specification(pairCluster(cluster))
    let pods = specification.cluster.pods
    let ports = TrafficSet(6, PortSet(Interval(8080))).union(TrafficSet(17, PortSet(Interval(8080))))
    let wanted = specification.store.intern(ports)
    for source in pods where source.isOn(node) {
      for destination in pods where destination.isOn(node) && destination.name != source.name {
        guard let from = source.addresses.first, let to = destination.addresses.first, from.family == .ipv4,
          specification.store.difference(wanted, specification.allowed(from: from, to: to)) == .nothing
        else { continue }
        let (udp, tcp) = try Self.newConnections([Self.emptyHook, text], from: from, to: to, rounds: runs)
        return [("new UDP flow", udp), ("new TCP connection", tcp)].map { name, seconds in
          let least = seconds.map { Cost(seconds: $0.min() ?? 0, peak: nil) }
          return Figure(
            name: "\(name), a node of \(cluster.pods.count) pods", cost: least[1],
            against: "forward hook without rules", limit: least[0], target: TierPeers.networksAndPorts.target,
            note: "ordered walks")
        }
      }
    }
    return []
  }

  /// The cluster with the pods of the node alone: small enough to ask about each pair.
  private func pairCluster(_ cluster: Cluster) -> Cluster {
    cluster.with(pods: cluster.pods.filter { $0.isOn(node) })
  }

  /// A node whose pods are under so many ClusterNetworkPolicies, those that talk under ten of a hundred.
  private func tieredNode(_ count: Int, _ peers: TierPeers) -> Cluster {
    let origin = Origin(SourceLocation(file: "bench", line: 1, column: 1), field: "")
    let teams = 10
    let pods = (0..<100).map { number in
      Pod(
        namespace: "team-\(number < 2 ? 0 : number % teams)", name: "pod-\(number)",
        labels: ["app": "a\(number % 50)"],
        addresses: [IPAddress(.ipv4, bits: Self.talkers[0].bits + UInt128(number))], node: node,
        origin: origin)
    }
    let namespaces = Dictionary(
      uniqueKeysWithValues: (0..<teams).map { team in
        (
          "team-\(team)",
          Labels([Labels.Pair("team", "t\(team)"), Labels.Pair(Namespace.nameLabel, "team-\(team)")])
        )
      })
    func team(_ number: Int) -> LabelSelector { LabelSelector(matchLabels: ["team": "t\(number % teams)"]) }
    func rule(_ policy: Int, _ place: Int, _ direction: Direction) -> PolicyRule {
      // The last rule of each policy is about all pods of the talkers' team; those before it are about others.
      let isLast = place == 24
      let ports: OneOf<PolicyPort> =
        peers == .pods
        ? .everything
        : .anyOf(
          [TransportProtocol.tcp, .udp].map {
            PolicyPort($0, .range(Interval(isLast ? 8080 : UInt16(9000 + place))), origin: origin)
          })
      let action: RuleAction = isLast ? .accept : [.accept, .deny, .pass][place % 3]
      let other = Peer(
        .pods(
          .matching(team(1 + (policy + place) % 9)),
          place % 2 == 0 ? LabelSelector() : LabelSelector(matchLabels: ["app": "a\((policy + place) % 50)"])),
        origin: origin)
      let block = UInt128(0xcb00_0000 + (policy * 25 + place) << 8)
      let network = Peer(
        .ipBlock(IPBlock(CIDR(IPAddress(.ipv4, bits: block), prefixLength: 24))), origin: origin)
      let isNetwork = peers == .networksAndPorts && direction == .egress && place % 5 == 0
      let peer =
        isLast
        ? Peer(.pods(.matching(team(0)), LabelSelector()), origin: origin) : isNetwork ? network : other
      return PolicyRule(
        action, name: "rule-\(place)", peers: .anyOf([peer]), ports: ports, origin: origin)
    }
    let policies = (0..<count).map { number in
      Policy(
        id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "policy-\(number)"), tier: .admin,
        priority: number, subjects: PodSet(.matching(team(number)), LabelSelector()),
        ingress: (0..<25).map { rule(number, $0, .ingress) },
        egress: (0..<25).map { rule(number, $0, .egress) },
        origin: origin)
    }
    return Cluster(policies: policies, namespaces: namespaces, pods: pods)
  }
}
