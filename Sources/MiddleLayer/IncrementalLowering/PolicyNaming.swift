import PolicyModel

/// The other ends that a policy names, apart from its rules.
struct PolicyNaming: Sendable {
  let policy: Policy
  /// The pods that it names, each selector once.
  let peers: [Selected]
  /// True where it asks pods that it does not name for the number of a port's name.
  let asksAnyPort: Bool
  /// The bounds of the blocks that it names.
  let bounds: PerFamily<AddressBounds>

  struct Selected: Hashable, Sendable {
    let scope: NamespaceScope
    let pods: LabelSelector
  }

  init(_ policy: Policy) {
    self.policy = policy
    var (named, asksAnyPort, blocks): (Set<Selected>, Bool, [IPBlock]) = ([], false, [])
    for rule in Direction.allCases.compactMap({ policy.rules($0) }).joined() {
      let isNamed = rule.ports.entries.contains { $0.ports.name != nil }
      if isNamed, rule.peers == .everything { asksAnyPort = true }
      for peer in rule.peers.entries {
        switch peer.kind {
        case .pods(let scope, let selector): named.insert(Selected(scope: scope, pods: selector))
        case .ipBlock(let block):
          blocks.append(block)
          if isNamed { asksAnyPort = true }
        }
      }
    }
    peers = Array(named)
    self.asksAnyPort = asksAnyPort
    bounds = AddressBounds.ofBlocks(blocks)
  }

  /// True where the policy names a pod as an other end; `namespace`: that of the policy.
  func names(_ pod: NamedPod, from namespace: String?) -> Bool {
    asksAnyPort
      || peers.contains { peer in
        peer.pods.matches(pod.labels)
          && peer.scope.includes(pod.namespace, pod.namespaceLabels, own: namespace)
      }
  }
}

/// A pod as selectors see it.
struct NamedPod: Hashable, Sendable {
  let namespace: String
  let labels: Labels
  let namespaceLabels: Labels
}
