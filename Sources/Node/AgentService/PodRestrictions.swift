import PolicyModel

/// The pods that policies isolate or deny something, judged by selectors alone.
struct PodRestrictions {
  /// The policies of each namespace that select pods of their own namespace.
  private var own: [String: [Policy]] = [:]
  /// The policies that select namespaces by their labels.
  private var wide: [Policy] = []
  private let namespaces: [String: Namespace]

  /// The restrictions of some policies in a cluster of some namespaces.
  ///
  /// A ClusterNetworkPolicy whose rules only accept or pass on restricts no pod.
  init(_ policies: some Sequence<Policy>, _ namespaces: [String: Namespace]) {
    self.namespaces = namespaces
    for policy in policies where Self.denies(policy) {
      switch policy.subjects.namespaces {
      case .own: own[policy.id.namespace ?? "", default: []].append(policy)
      case .matching: wide.append(policy)
      }
    }
  }

  /// True where a policy isolates the pod, or denies it something.
  func concern(_ pod: Pod) -> Bool {
    if own[pod.namespace]?.contains(where: { $0.subjects.pods.matches(pod.labels) }) == true { return true }
    if wide.isEmpty { return false }
    let labels =
      namespaces[pod.namespace]?.labels.setting(Namespace.nameLabel, to: pod.namespace)
      ?? [Namespace.nameLabel: pod.namespace]
    return wide.contains { policy in
      guard case .matching(let selector) = policy.subjects.namespaces else { return false }
      return selector.matches(labels) && policy.subjects.pods.matches(pod.labels)
    }
  }

  private static func denies(_ policy: Policy) -> Bool {
    policy.tier.selectedDefault == .deny
      || Direction.allCases.contains { policy.rules($0)?.contains { $0.action == .deny } == true }
  }
}
