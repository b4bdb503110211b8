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
}

/// A pod as selectors see it.
struct NamedPod: Hashable, Sendable {
  let namespace: String
  let labels: Labels
  let namespaceLabels: Labels
}

/// The subjects of the policies that name a pod as an other end.
struct NamingSubjects: Sendable {
  /// For each namespace with pods of the node, the pods of the policies in it.
  var own: [String: [LabelSelector]] = [:]
  /// The pods of the policies that select namespaces by their labels.
  var clusterWide: [PodSet] = []
}
