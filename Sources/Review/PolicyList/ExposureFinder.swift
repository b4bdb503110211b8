import Addresses
import Connectivity
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// Finds what the policies of each class let pass with pods to come, entry by entry of `from` and `to`.
///
/// A pod that an entry means may use what all rules together allow whose entries surely mean it too. Of the pods that several
/// entries mean at once, each of their lines holds.
struct ExposureFinder {
  /// Classes whose policies say the same of some pods to come.
  struct Line {
    let groups: GroupSet
    let direction: Direction
    let isIsolated: Bool
    let peer: Exposure.Peer
    let matchesToday: Int
    let traffic: TrafficSet
    let portNames: [String]
    let isAtMost: Bool
  }

  private struct Finding: Hashable {
    let isIsolated: Bool
    let peer: Exposure.Peer
    let traffic: TrafficSet
    let portNames: [String]
    let isAtMost: Bool
  }

  private struct Side: Hashable {
    let direction: Direction
    let finding: Finding
  }

  private struct Question: Hashable {
    let direction: Direction
    let policies: [Int]
    let ports: [NamedPort]
  }

  private let matrix: ConnectivityMatrix
  private let cluster: Cluster

  private let future: FutureAddresses
  private let today: AddressesOfToday
  private let namespaces: NamespaceIndex
  /// The runs of pods of each namespace.
  private let runs: [String: [Range<Int>]]

  init(_ matrix: ConnectivityMatrix) {
    self.matrix = matrix
    let cluster = matrix.sides[0].cluster
    self.cluster = cluster
    future = FutureAddresses([cluster])
    today = AddressesOfToday(cluster)
    runs = Dictionary(grouping: cluster.podRuns) { cluster.pods[$0.lowerBound].namespace }
    namespaces = NamespaceIndex(runs.keys, of: cluster)
  }

  /// Every line, in no order.
  func lines() -> [Line] {
    var known: [Question: [Finding]] = [:]
    var groups: [Side: [Int]] = [:]
    for group in matrix.classes.indices {
      let pod = cluster.pods[matrix.common.pod(matrix.classes[group][0], side: 0)]
      for direction in [Direction.ingress, .egress] {
        let question = Question(
          direction: direction, policies: matrix.profile(group, direction, side: 0).policies,
          ports: direction == .ingress ? pod.namedPorts : [])
        let findings = known[question] ?? self.findings(question)
        known[question] = findings
        for finding in findings {
          groups[Side(direction: direction, finding: finding), default: []].append(group)
        }
      }
    }
    var counts: [Exposure.Peer: Int] = [:]
    return groups.map { side, members in
      let finding = side.finding
      let count = counts[finding.peer] ?? matches(finding.peer)
      counts[finding.peer] = count
      return Line(
        groups: GroupSet(ascending: members), direction: side.direction, isIsolated: finding.isIsolated,
        peer: finding.peer, matchesToday: count, traffic: finding.traffic, portNames: finding.portNames,
        isAtMost: finding.isAtMost)
    }
  }

  /// The number of pods of today that are meant. O(runs of pods in the namespaces that are meant).
  private func matches(_ peer: Exposure.Peer) -> Int {
    switch peer {
    case .everyPod: cluster.pods.count
    case .inNamespace(let namespace, let pods): count(pods, in: [namespace])
    case .inNamespaces(let selector, let pods): count(pods, in: namespaces.matching(selector))
    case .atAddresses(let block): Set(today.inside(block).map(\.pod)).count
    }
  }

  private func count(_ pods: LabelSelector, in namespaces: [String]) -> Int {
    namespaces.lazy.flatMap { runs[$0] ?? [] }.filter { pods.matches(cluster.pods[$0.lowerBound].labels) }
      .reduce(0) { $0 + $1.count }
  }

  // MARK: The policies of one class

  private struct Allowed: Hashable {
    var traffic = TrafficSet.nothing
    var names: Set<String> = []

    func isCovered(by other: Allowed) -> Bool {
      traffic.subtracting(other.traffic).isEmpty && names.isSubset(of: other.names)
        || other.traffic == .everything
    }
  }

  private func findings(_ question: Question) -> [Finding] {
    guard !question.policies.isEmpty else {
      return [
        Finding(isIsolated: false, peer: .everyPod, traffic: .everything, portNames: [], isAtMost: false)
      ]
    }
    let policies = question.policies.map { cluster.policies[$0] }
    let ordered = Tier.tiers(of: policies, [question.direction])
    let isAtMost = ordered.contains { $0.entries.contains { $0.rules.contains { $0.action != .accept } } }
    let isIsolated = policies.contains { $0.tier.selectedDefault == .deny }
    var peers: Set<Exposure.Peer> = [.everyPod]
    for policy in policies {
      for rule in policy.rules(question.direction) ?? [] {
        for entry in rule.peers.entries {
          if let peer = Self.peer(entry, of: policy.id), isPossible(peer) { peers.insert(peer) }
        }
      }
    }
    let rules = SureRules(
      ordered.map { tier in tier.entries.map { (policy: $0.policy, rules: $0.rules) } }, cluster, future)
    var results: [(peer: Exposure.Peer, allowed: Allowed)] = []
    let asked: [Exposure.Peer] = [.everyPod] + peers.filter { $0 != .everyPod }
    for peer in asked {
      results.append((peer, allowed(peer, ordered, rules, question)))
    }
    let index = PeerCoverIndex(results.enumerated().map { (place: $0, peer: $1.peer) }, cluster)
    return results.filter { peer, allowed in
      if allowed.traffic.isEmpty, allowed.names.isEmpty { return false }
      // What a wider entry's line already says is said once.
      return !index.candidates(peer).contains { place in
        let (other, wider) = results[place]
        return other != peer && covers(other, peer) && !covers(peer, other) && allowed.isCovered(by: wider)
      }
    }.map { peer, allowed in
      Finding(
        isIsolated: isIsolated, peer: peer, traffic: allowed.traffic,
        portNames: allowed.traffic == .everything ? [] : allowed.names.sorted(), isAtMost: isAtMost)
    }
  }

  /// The rules of tiers by the entries of their peers.
  private struct SureRules {
    struct Place: Comparable {
      let tier: Int
      let entry: Int
      let rule: Int

      static func < (left: Place, right: Place) -> Bool {
        (left.tier, left.entry, left.rule) < (right.tier, right.entry, right.rule)
      }
    }

    /// Rules that mean every peer, and for each entry of the others its rule.
    private(set) var ofEveryPeer: [Place] = []
    private(set) var ofPeers: [(peer: Exposure.Peer, place: Place)] = []
    private let index: PeerCoverIndex

    init(
      _ tiers: [[(policy: PolicyID, rules: [PolicyRule])]], _ cluster: Cluster, _ future: FutureAddresses
    ) {
      for (tier, entries) in tiers.enumerated() {
        for (entry, (policy, rules)) in entries.enumerated() {
          for (number, rule) in rules.enumerated() {
            let place = Place(tier: tier, entry: entry, rule: number)
            if rule.peers == .everything || rule.peers.entries.cover(future) { ofEveryPeer.append(place) }
            for one in rule.peers.entries {
              if let peer = ExposureFinder.peer(one, of: policy) { ofPeers.append((peer, place)) }
            }
          }
        }
      }
      index = PeerCoverIndex(ofPeers.enumerated().map { (place: $0, peer: $1.peer) }, cluster)
    }

    /// The rules that surely mean all pods of an entry, in order, each once.
    func meaning(_ peer: Exposure.Peer, _ covers: (Exposure.Peer) -> Bool) -> [Place] {
      let found = index.candidates(peer).filter { covers(ofPeers[$0].peer) }.map { ofPeers[$0].place }
      var result: [Place] = []
      for place in (ofEveryPeer + found).sorted() where result.last != place { result.append(place) }
      return result
    }
  }

  /// The traffic that tiers let pass with every pod that is meant. Of rules that deny or pass only those count that surely
  /// mean it, so that the answer is never too small.
  private func allowed(
    _ peer: Exposure.Peer, _ tiers: [Tier], _ rules: SureRules, _ question: Question
  ) -> Allowed {
    var (allowed, undecided) = (Allowed(), TrafficSet.everything)
    let sure = Dictionary(grouping: rules.meaning(peer) { covers($0, peer) }, by: \.tier)
    for (number, tier) in tiers.enumerated() {
      var passed = TrafficSet.nothing
      for place in sure[number] ?? [] {
        let rule = tier.entries[place.entry].rules[place.rule]
        let (traffic, names) = traffic(rule.ports, question)
        let matched = undecided.intersection(traffic)
        switch rule.action {
        case .accept:
          allowed.traffic = allowed.traffic.union(matched)
          allowed.names.formUnion(names)
        case .deny: break
        case .pass: passed = passed.union(matched)
        }
        undecided = undecided.subtracting(matched)
      }
      undecided = tier.kind.selectedDefault == .deny ? passed : passed.union(undecided)
      if undecided.isEmpty { break }
    }
    allowed.traffic = allowed.traffic.union(undecided)
    return allowed
  }

  fileprivate static func peer(_ entry: Peer, of policy: PolicyID) -> Exposure.Peer? {
    switch entry.kind {
    case .pods(.own, let pods): .inNamespace(policy.namespace ?? "", pods)
    case .pods(.matching(let namespaces), let pods):
      namespaces.isEverything && pods.isEverything ? .everyPod : .inNamespaces(namespaces, pods)
    case .ipBlock(let block): .atAddresses(block)
    }
  }

  /// True where pods to come may be meant: by a block, if it has some of the addresses that they get. Where those are not known, it is
  /// asked for a pod of today, or for every address of a family.
  private func isPossible(_ peer: Exposure.Peer) -> Bool {
    guard case .atAddresses(let block) = peer else { return true }
    if future.isKnown {
      let mine = IntervalSet(block.cidr.interval).subtracting(IntervalSet(block.except.map(\.interval)))
      return future.blocks.contains {
        $0.family == block.cidr.family && !mine.intersection(IntervalSet($0.interval)).isEmpty
      }
    }
    return block.cidr.prefixLength == 0 || !today.inside(block).isEmpty
  }

  /// The numbers of a rule's ports. Names are looked up in the class for what it receives; for what it sends they are those of
  /// the pod to come.
  private func traffic(_ ports: OneOf<PolicyPort>, _ question: Question) -> (TrafficSet, Set<String>) {
    guard case .anyOf(let entries) = ports else { return (.everything, []) }
    var (traffic, names): ([TrafficSet], Set<String>) = ([], [])
    for entry in entries {
      let transport = entry.transport.number
      if let numbers = entry.ports.numbers {
        traffic.append(TrafficSet(transport, numbers))
      } else if question.direction == .egress {
        names.insert(entry.words)
      } else if let port = question.ports.first(where: {
        $0.name == entry.ports.name && $0.transport == entry.transport
      }) {
        traffic.append(TrafficSet(transport, PortSet(Interval(port.number))))
      }
    }
    return (TrafficSet.union(of: traffic), names)
  }

  /// True where every pod that `other` means is surely one that `wider` means.
  private func covers(_ wider: Exposure.Peer, _ other: Exposure.Peer) -> Bool {
    switch (wider, other) {
    case (.everyPod, _): true
    case (_, .everyPod): false
    case (.atAddresses(let wider), .atAddresses(let other)): other.isInside(wider)
    case (.inNamespace(let name, let pods), .inNamespace(let otherName, let others)):
      name == otherName && pods.isImplied(by: others)
    case (.inNamespace, .inNamespaces), (.atAddresses, _), (_, .atAddresses): false
    case (.inNamespaces(let namespaces, let pods), .inNamespace(let name, let others)):
      namespaces.matches(cluster.labels(ofNamespace: name)) && pods.isImplied(by: others)
    case (.inNamespaces(let namespaces, let pods), .inNamespaces(let otherNamespaces, let others)):
      namespaces.isImplied(by: otherNamespaces) && pods.isImplied(by: others)
    }
  }
}
