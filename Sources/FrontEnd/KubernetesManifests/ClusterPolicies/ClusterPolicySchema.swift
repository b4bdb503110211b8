import PolicyModel

/// The differences between the kinds and versions of cluster-wide policies (`policy.networking.k8s.io`): one decoder reads
/// all of them.
struct ClusterPolicySchema {
  /// The kind of the object.
  let kind: PolicyKind
  /// The tier; nil where `spec.tier` says it.
  let tier: TierKind?
  /// The words of `action`, as the API server lists them.
  let actions: [String]
  /// The largest number of rules in a direction, of peers and of ports in a rule.
  let mostEntries: Int
  /// The name of the list of ports in a rule.
  let ports: String
  /// The fields of an egress peer, those that every peer has first.
  let egressPeers: [String]
  /// True where `namespaceSelector` of pods must be there.
  let needsNamespaceSelector: Bool
  /// True where a block with bits set beyond its prefix is refused.
  let refusesHostBits: Bool
  /// True where port names are of the experimental channel only, whose checks then hold.
  let hasExperimentalNames: Bool

  /// The fields of an ingress peer.
  static let ingressPeers = ["namespaces", "pods"]
  /// The field of a rule with the name of a port, in ClusterNetworkPolicy.
  static let namedPort = "destinationNamedPort"

  /// The schema of one of the three kinds.
  init(_ kind: PolicyKind, apiVersion: String) {
    self.kind = kind
    switch kind {
    case .adminNetworkPolicy:
      (tier, mostEntries, ports) = (.admin, 100, "ports")
      (needsNamespaceSelector, refusesHostBits, hasExperimentalNames) = (true, false, false)
      actions = ["Allow", "Deny", "Pass"]
      egressPeers = Self.ingressPeers + ["networks", "nodes", "domainNames"]
    case .baselineAdminNetworkPolicy:
      (tier, mostEntries, ports) = (.baseline, 100, "ports")
      (needsNamespaceSelector, refusesHostBits, hasExperimentalNames) = (true, false, false)
      actions = ["Allow", "Deny"]
      egressPeers = Self.ingressPeers + ["networks", "nodes"]
    default:
      let isBeta = apiVersion.hasSuffix("/v1beta1")
      (tier, mostEntries, ports) = (nil, 25, "protocols")
      (needsNamespaceSelector, refusesHostBits, hasExperimentalNames) = (false, isBeta, isBeta)
      actions = ["Accept", "Deny", "Pass"]
      egressPeers = Self.ingressPeers + ["networks", "nodes", "domainNames"]
    }
  }

  /// The fields of the specification.
  var specFields: [String] {
    switch kind {
    case .baselineAdminNetworkPolicy: ["subject", "ingress", "egress"]
    case .adminNetworkPolicy: ["priority", "subject", "ingress", "egress"]
    default: ["tier", "priority", "subject", "ingress", "egress"]
    }
  }

  /// True where there can be one object only, whose name is `default`.
  var isSingleton: Bool { kind == .baselineAdminNetworkPolicy }

  /// The effect of an action's word; nil for a word that the kind does not have.
  func action(_ word: String) -> RuleAction? {
    guard actions.contains(word) else { return nil }
    switch word {
    case "Deny": return .deny
    case "Pass": return .pass
    default: return .accept
    }
  }
}
