import Addresses

/// Rules that deny or pass, for addresses that several pods have an equal claim to.
///
/// A peer's selectors match such an address only where they match each of the pods. That closes for rules that accept. A
/// rule that denies must hold where it matches any of the pods, and one that passes would leave out later rules for some of
/// the pods only; so a rule before it denies these addresses by themselves.
extension Collection<Policy> {
  /// The policies with these rules; as they are where no address is claimed twice or every rule accepts.
  func closing(_ pods: [Pod], _ namespaces: [String: Labels]) -> [Policy] {
    let shared = pods.filter { !$0.claimants.isEmpty }
    guard !shared.isEmpty, contains(where: \.hasOrderedRules) else { return Array(self) }
    return map { $0.hasOrderedRules ? $0.closing(shared, namespaces) : $0 }
  }
}

extension Policy {
  fileprivate var hasOrderedRules: Bool {
    Direction.allCases.contains { (rules($0) ?? []).contains { $0.action != .accept } }
  }

  fileprivate func closing(_ shared: [Pod], _ namespaces: [String: Labels]) -> Policy {
    func closed(_ direction: Direction) -> [PolicyRule]? {
      rules(direction).map { rules in
        var result: [PolicyRule] = []
        for rule in rules {
          for pod in shared {
            result += pod.addresses.compactMap { rule.closing(pod, $0, direction, id.namespace, namespaces) }
              .filter { !rules.contains($0) }
          }
          result.append(rule)
        }
        return result
      }
    }
    return Policy(
      id: id, tier: tier, priority: priority, subjects: subjects, ingress: closed(.ingress),
      egress: closed(.egress), subjectsOrigin: subjectsOrigin, origin: origin)
  }
}

extension PolicyRule {
  /// The rule that denies what this one, which denies or passes, leaves open for some of the claimants of an address; nil where
  /// nothing is left.
  fileprivate func closing(
    _ pod: Pod, _ address: IPAddress, _ direction: Direction, _ own: String?, _ namespaces: [String: Labels]
  ) -> PolicyRule? {
    if action == .accept { return nil }
    func matches(_ peer: Peer, _ claimant: Pod) -> Bool {
      switch peer.kind {
      case .ipBlock(let block):
        return block.cidr.contains(address) && !block.except.contains { $0.contains(address) }
      case .pods(let scope, let selector):
        let name = claimant.namespace
        return selector.matches(claimant.labels)
          && scope.includes(name, namespaces[name] ?? [Namespace.nameLabel: name], own: own)
      }
    }
    let list = peers.entries
    let matched =
      peers == .everything
      ? pod.claimants : pod.claimants.filter { claimant in list.contains { matches($0, claimant) } }
    if matched.isEmpty { return nil }
    let isWhole =
      peers == .everything || list.contains { peer in pod.claimants.allSatisfy { matches(peer, $0) } }
    let hasNames = direction == .egress && ports.entries.contains { $0.ports.name != nil }
    if isWhole, !hasNames { return nil }
    let denied = ports.entries.flatMap { entry -> [PolicyPort] in
      guard direction == .egress, let name = entry.ports.name else {
        return isWhole ? [] : [entry]
      }
      let numbers = Set(matched.compactMap { $0.number(ofPort: name, entry.transport) })
      // The rule itself matches a number that the name stands for on all of them.
      let agreed = isWhole ? pod.number(ofPort: name, entry.transport) : nil
      return numbers.sorted().filter { $0 != agreed }.map {
        PolicyPort(entry.transport, .range(Interval($0)), origin: entry.origin)
      }
    }
    if ports != .everything, denied.isEmpty { return nil }
    let block = IPBlock(CIDR(address, prefixLength: address.family.bitWidth))
    return PolicyRule(
      .deny, name: name, peers: .anyOf([Peer(.ipBlock(block), origin: origin)]),
      ports: ports == .everything ? .everything : .anyOf(denied),
      origin: origin)
  }
}
