import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability

/// Looks for the smallest edits that let a connection pass.
struct EditSearch {
  let cluster: Cluster
  /// The NetworkPolicy objects as they were written, by name.
  let written: [PolicyID: NetworkPolicy]
  let answer: Explanation
  /// True where the connection passes in one direction of a cluster whose pods have the same places.
  let passes: (Cluster, Direction) -> Bool

  private struct Candidate {
    let edits: [PolicyEdit]
    /// Of plans that are alike otherwise: edits of what denies first, those of labels later, new objects last.
    let rank: Int
  }

  /// Plans for each direction that denies, by themselves: every candidate that lets the connection pass there, fewest edits
  /// first.
  func found() -> [(direction: Direction, plans: [[PolicyEdit]])] {
    guard let traffic = answer.traffic, !answer.isAllowed, !answer.isSelf else { return [] }
    let denied = [answer.egress, answer.ingress].compactMap { $0 }.filter { !$0.allows }
    return denied.map { ($0.direction, working(candidates($0, traffic), $0.direction)) }
  }

  /// So many plans are looked for, and so many candidates tried: each is an analysis of the connection.
  private static let mostPlans = 12
  private static let mostTried = 200

  private func working(_ plans: [Candidate], _ direction: Direction) -> [[PolicyEdit]] {
    var seen: Set<Set<PolicyEdit>> = []
    var working: [Candidate] = []
    for plan in plans.sorted(by: { ($0.edits.count, $0.rank) < ($1.edits.count, $1.rank) }) {
      if working.count >= Self.mostPlans || seen.count >= Self.mostTried { break }
      let edits = Set(plan.edits)
      // What holds a plan that works already is not smallest.
      if working.contains(where: { edits.isSuperset(of: $0.edits) }) { continue }
      guard seen.insert(edits).inserted, passes(plan.edits.reduce(cluster) { $1.applied(to: $0) }, direction)
      else { continue }
      working.append(plan)
    }
    return working.map(\.edits)
  }

  private func candidates(_ trace: DirectionTrace, _ traffic: TrafficReference) -> [Candidate] {
    let isIngress = trace.direction == .ingress
    guard let subject = isIngress ? answer.destinationPod : answer.sourcePod else { return [] }
    let question = Question(
      direction: trace.direction, subject: subject,
      peer: isIngress ? answer.sourcePod : answer.destinationPod,
      peerAddress: isIngress ? answer.sourceAddress : answer.destinationAddress,
      port: TransportProtocol.allCases.first { $0.number == traffic.transport }.map {
        PolicyPort($0, .range(Interval(traffic.port)), origin: .nowhere)
      })
    let known = Dictionary(cluster.policies.map { ($0.id, $0) }) { first, _ in first }
    let policies = trace.policies.compactMap { known[$0.policy] }
    var result: [Candidate] = []
    for (policy, trace) in zip(policies, trace.policies) where policy.id.kind == .networkPolicy {
      for rule in trace.rules { result += candidates(rule, policy, question) }
    }
    let isolating = policies.filter { $0.id.kind == .networkPolicy }
    result += typeCandidates(isolating, question)
    result += escapes(from: isolating, question).map { Candidate(edits: $0, rank: 4) }
    result += newRules(isolating, question)
    return result.sorted { $0.rank < $1.rank }
  }

  /// One direction of the connection.
  private struct Question {
    let direction: Direction
    let subject: Int
    let peer: Int?
    let peerAddress: IPAddress?
    /// The port that was asked for; nil for a protocol without.
    let port: PolicyPort?
  }

  /// Edits of one rule, and of what it asks for.
  private func candidates(_ rule: RuleTrace, _ policy: Policy, _ asked: Question) -> [Candidate] {
    let place = place(policy, asked, rule)
    guard let entries = policy.rules(asked.direction)?[rule.index] else { return [] }
    var result: [Candidate] = []
    if rule.peerMatches, let port = asked.port {
      result.append(Candidate(edits: [.addPort(place, port)], rank: 0))
      result += naming(entries.ports.entries, port, asked).map { Candidate(edits: [$0], rank: 2) }
    }
    guard rule.portMatches, !rule.peerMatches else { return result }
    if let peer = entry(for: asked.peer, asked.peerAddress, beside: policy.id.namespace ?? "") {
      result.append(Candidate(edits: [.addPeer(place, peer)], rank: 1))
    }
    for (index, entry) in entries.peers.entries.enumerated() {
      let origin = self.place(policy, asked, rule, entry.origin)
      result += excepts(entry, index, origin, asked.peerAddress)
      if let labels = asked.peer.flatMap({ relabelling($0, toMatch: entry, of: policy) }) {
        result.append(Candidate(edits: labels, rank: 3))
      }
    }
    return result
  }

  private func place(
    _ policy: Policy, _ asked: Question, _ rule: RuleTrace, _ origin: Origin? = nil
  ) -> PolicyEdit.Place {
    PolicyEdit.Place(
      policy: policy.id, direction: asked.direction, rule: rule.index, origin: origin ?? rule.origin)
  }

  /// A block whose `except` has the address: without it, or with less.
  private func excepts(_ entry: Peer, _ index: Int, _ place: PolicyEdit.Place, _ address: IPAddress?)
    -> [Candidate]
  {
    guard let address, case .ipBlock(let block) = entry.kind, block.cidr.contains(address) else { return [] }
    let blocking = Set(block.except.filter { $0.contains(address) }).sorted()
    if blocking.isEmpty { return [] }
    let removal = Candidate(edits: blocking.map { .removeExcept(place, entry: index, $0) }, rank: 1)
    guard blocking.contains(where: { $0.interval.lower != $0.interval.upper }) else { return [removal] }
    return [
      Candidate(edits: blocking.map { .narrowExcept(place, entry: index, $0, address) }, rank: 0), removal,
    ]
  }

  /// Names of ports that the destination could give to the port that was asked for.
  private func naming(_ entries: [PolicyPort], _ port: PolicyPort, _ asked: Question) -> [PolicyEdit] {
    guard let destination = asked.direction == .ingress ? asked.subject : asked.peer,
      case .range(let number) = port.ports
    else { return [] }
    return entries.compactMap { entry in
      guard let name = entry.ports.name, entry.transport == port.transport else { return nil }
      return .namePort(pod: destination, NamedPort(name, port.transport, number.lower))
    }
  }

  /// Rules that mean nothing for want of a policy type, and policies that isolate in a direction by one.
  private func typeCandidates(_ isolating: [Policy], _ asked: Question) -> [Candidate] {
    let subject = cluster.pods[asked.subject]
    let silent = cluster.policies.compactMap { written[$0.id] }.filter { policy in
      policy.namespace == subject.namespace && !policy.isolates.contains(asked.direction)
        && !(asked.direction == .ingress ? policy.ingress : policy.egress).isEmpty
        && policy.podSelector.matches(subject.labels)
    }
    var result = silent.map {
      Candidate(edits: [.setPolicyTypes($0, $0.isolates.union([asked.direction]))], rank: 5)
    }
    // An empty list would mean ingress again.
    let objects = isolating.compactMap { written[$0.id] }
    if objects.count == isolating.count, objects.count <= 3, objects.allSatisfy({ $0.isolates.count == 2 }) {
      result.append(
        Candidate(
          edits: objects.map { .setPolicyTypes($0, $0.isolates.subtracting([asked.direction])) }, rank: 7
        ))
    }
    return result
  }

  /// Labels of the subject with which none of the policies selects it: one plan for each condition of the first.
  private func escapes(from policies: [Policy], _ asked: Question) -> [[PolicyEdit]] {
    let subject = cluster.pods[asked.subject]
    guard let first = policies.first, policies.count <= 3 else { return [] }
    return first.subjects.pods.requirements.compactMap { start in
      var labels = subject.labels
      var edits: [PolicyEdit] = []
      for policy in policies where policy.subjects.pods.matches(labels) {
        guard let broken = policy.id == first.id ? start : policy.subjects.pods.requirements.first else {
          return nil
        }
        let value: String? =
          switch broken.relation {
          case .isIn, .exists: nil
          case .notIn: broken.values.first
          case .doesNotExist: "true"
          }
        labels = PolicyEdit.labels(labels, broken.key, value)
        edits.append(.label(pod: asked.subject, key: broken.key, value: value))
      }
      return policies.contains { $0.subjects.pods.matches(labels) } ? nil : edits
    }
  }

  /// A rule more in a policy that isolates, or in one of its own.
  private func newRules(_ isolating: [Policy], _ asked: Question) -> [Candidate] {
    let subject = cluster.pods[asked.subject]
    guard let peer = entry(for: asked.peer, asked.peerAddress, beside: subject.namespace) else { return [] }
    // A protocol without ports passes only where a rule names no ports.
    let rule = PolicyRule(
      peers: .anyOf([peer]), ports: OneOf(list: asked.port.map { [$0] } ?? []), origin: .nowhere)
    let isIngress = asked.direction == .ingress
    let id = PolicyID(
      namespace: subject.namespace, name: "netpolc-allow-\(asked.direction.rawValue.lowercased())")
    let policy = NetworkPolicy(
      id: id, podSelector: LabelSelector(matchLabels: subject.labels.lasting), policyTypes: [asked.direction],
      ingress: isIngress ? [rule] : [], egress: isIngress ? [] : [rule], origin: .nowhere)
    return isolating.map { Candidate(edits: [.addRule($0.id, asked.direction, rule)], rank: 5) }
      + [Candidate(edits: [.addPolicy(policy)], rank: 6)]
  }

  /// An entry that means the other end: a pod by its labels, an address by itself.
  private func entry(for pod: Int?, _ address: IPAddress?, beside namespace: String) -> Peer? {
    guard let pod = pod.map({ cluster.pods[$0] }) else {
      return address.map {
        Peer(.ipBlock(IPBlock(CIDR($0, prefixLength: $0.family.bitWidth))), origin: .nowhere)
      }
    }
    let own = LabelSelector(matchLabels: [Namespace.nameLabel: pod.namespace])
    return Peer(
      .pods(
        pod.namespace == namespace ? .own : .matching(own), LabelSelector(matchLabels: pod.labels.lasting)),
      origin: .nowhere)
  }

  /// The labels to set so that an entry means a pod; nil where no labels do.
  private func relabelling(_ index: Int, toMatch peer: Peer, of policy: Policy) -> [PolicyEdit]? {
    guard case .pods(let scope, let selector) = peer.kind else { return nil }
    let pod = cluster.pods[index]
    var edits: [PolicyEdit] = []
    switch scope {
    case .own: guard pod.namespace == policy.id.namespace else { return nil }
    case .matching(let namespaces):
      let changes = changes(cluster.labels(ofNamespace: pod.namespace), namespaces)
      guard let changes, !changes.contains(where: { $0.key == Namespace.nameLabel }) else { return nil }
      edits += changes.map { .labelNamespace(pod.namespace, key: $0.key, value: $0.value) }
    }
    guard let changes = changes(pod.labels, selector) else { return nil }
    return edits + changes.map { .label(pod: index, key: $0.key, value: $0.value) }
  }

  private func changes(_ labels: Labels, _ selector: LabelSelector) -> [(key: String, value: String?)]? {
    let changes = selector.requirements.filter { !$0.matches(labels) }.map {
      requirement -> (key: String, value: String?) in
      switch requirement.relation {
      case .isIn: (requirement.key, requirement.values.first)
      case .exists: (requirement.key, "true")
      case .notIn, .doesNotExist: (requirement.key, nil)
      }
    }
    let changed = changes.reduce(labels) { PolicyEdit.labels($0, $1.key, $1.value) }
    return selector.matches(changed) ? changes : nil
  }
}

extension Labels {
  /// Without those that a controller writes anew at each rollout, unless there are no others.
  fileprivate var lasting: Labels {
    let kept = pairs.filter { pair in
      !["pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid"]
        .contains(pair.key)
    }
    return kept.isEmpty ? self : Labels(kept)
  }
}
