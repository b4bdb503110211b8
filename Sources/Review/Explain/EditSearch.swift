import Addresses
import Diagnostics
import PolicyModel
import Reachability

/// Edits that together let a denied connection pass; tried on the model, not guessed.
public struct AllowingEdits: Sendable, Hashable {
  /// The edits, in words of the manifests.
  public let words: [String]
  /// The edits.
  public let edits: [ModelEdit]
  /// What else the edits do, the connection itself included, as `diff` tells it: a word of the kind, receivers, senders,
  /// traffic. Nil where the cluster is too large to compare for each edit.
  public let effects: [String]?
}

/// Looks for the smallest edits that let a connection pass.
struct EditSearch {
  let cluster: Cluster
  let answer: Explanation
  /// Whether the connection passes in a cluster whose pods have the same places.
  let passes: (Cluster) -> Bool

  private struct Candidate {
    let edits: [ModelEdit]
    /// A label that changes may change more than policies show: after edits of policies of the same size.
    let rank: Int
  }

  /// Every candidate that works, fewest edits first; of two directions that deny, one candidate for each.
  func found() -> [[ModelEdit]] {
    guard let traffic = answer.traffic, !answer.isAllowed, !answer.isSelf else { return [] }
    let denied = [answer.egress, answer.ingress].compactMap { $0 }.filter { !$0.allows }
    let lists = denied.map { candidates($0, traffic) }
    guard var plans = lists.first else { return [] }
    for list in lists.dropFirst() {
      let alone = plans + list
      let both = plans.prefix(6).flatMap { first in
        list.prefix(6).map {
          Candidate(edits: first.edits + $0.edits, rank: first.rank + $0.rank)
        }
      }
      plans = alone + both
    }
    var seen: Set<Set<ModelEdit>> = []
    var working: [Candidate] = []
    for plan in plans.sorted(by: { ($0.edits.count, $0.rank) < ($1.edits.count, $1.rank) }) {
      let edits = Set(plan.edits)
      // What holds a plan that works already is not smallest.
      if working.contains(where: { edits.isSuperset(of: $0.edits) }) { continue }
      guard seen.insert(edits).inserted, passes(plan.edits.reduce(cluster) { $1.applied(to: $0) }) else {
        continue
      }
      working.append(plan)
    }
    return working.map(\.edits)
  }

  private func candidates(_ trace: DirectionTrace, _ traffic: TrafficReference) -> [Candidate] {
    let isIngress = trace.direction == .ingress
    guard let subject = (isIngress ? answer.destinationPod : answer.sourcePod).map({ cluster.pods[$0] })
    else {
      return []
    }
    let peerPod = isIngress ? answer.sourcePod : answer.destinationPod
    let peerAddress = isIngress ? answer.sourceAddress : answer.destinationAddress
    let port = TransportProtocol.allCases.first { $0.number == traffic.transport }.map {
      PolicyPort($0, .range(Interval(traffic.port)), origin: .nowhere)
    }
    let peer = entry(for: peerPod, peerAddress, beside: subject.namespace)
    var result: [Candidate] = []
    for policy in trace.policies {
      guard let written = cluster.policies.first(where: { $0.id == policy.policy }) else { continue }
      for rule in policy.rules {
        let place = ModelEdit.Place(
          policy: policy.policy, direction: trace.direction, rule: rule.index, origin: rule.origin)
        if rule.peerMatches, let port { result.append(Candidate(edits: [.addPort(place, port)], rank: 0)) }
        guard rule.portMatches, !rule.peerMatches else { continue }
        if let peer { result.append(Candidate(edits: [.addPeer(place, peer)], rank: 1)) }
        guard let peerPod else { continue }
        let entries = written.effectiveRules(trace.direction)[rule.index].peers.entries
        result += entries.compactMap { relabelling(peerPod, toMatch: $0, of: written) }
          .map { Candidate(edits: $0, rank: 2) }
      }
    }
    guard let peer else { return result }
    // A protocol without ports passes only where a rule names no ports.
    let rule = PolicyRule(
      peers: .anyOf([peer]), ports: OneOf(list: port.map { [$0] } ?? []), origin: .nowhere)
    for policy in trace.policies {
      result.append(Candidate(edits: [.addRule(policy.policy, trace.direction, rule)], rank: 3))
    }
    let id = NetworkPolicy.ID(
      namespace: subject.namespace, name: "netpolc-allow-\(trace.direction.rawValue.lowercased())")
    result.append(
      Candidate(
        edits: [
          .addPolicy(
            NetworkPolicy(
              id: id, podSelector: LabelSelector(matchLabels: subject.labels.lasting),
              policyTypes: [trace.direction], ingress: isIngress ? [rule] : [],
              egress: isIngress ? [] : [rule],
              origin: .nowhere))
        ], rank: 4))
    return result
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
  private func relabelling(_ index: Int, toMatch peer: Peer, of policy: NetworkPolicy) -> [ModelEdit]? {
    guard case .pods(let scope, let selector) = peer.kind else { return nil }
    let pod = cluster.pods[index]
    var edits: [ModelEdit] = []
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
    let changed = changes.reduce(labels) { ModelEdit.labels($0, $1.key, $1.value) }
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
