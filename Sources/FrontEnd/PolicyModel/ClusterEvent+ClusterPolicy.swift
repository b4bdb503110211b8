extension ClusterEvent {
  /// True where a policy of the cluster's own came, changed or went: of any kind but NetworkPolicy.
  public var isOfClusterPolicy: Bool {
    switch self {
    case .policy(let policy): policy.id.kind != .networkPolicy
    case .policyRemoved(let id): id.kind != .networkPolicy
    default: false
    }
  }
}
