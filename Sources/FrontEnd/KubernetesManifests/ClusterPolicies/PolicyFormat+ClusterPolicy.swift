import PolicyModel

extension PolicyFormat {
  /// ClusterNetworkPolicy of Kubernetes' network policy API, of either tier.
  static let clusterNetworkPolicy = clusterPolicy(
    .clusterNetworkPolicy, ["v1alpha2", "v1beta1"], ["cnp", "clusternetworkpolicies"])

  /// AdminNetworkPolicy, which ClusterNetworkPolicy has taken the place of.
  static let adminNetworkPolicy = clusterPolicy(
    .adminNetworkPolicy, ["v1alpha1"], ["anp", "adminnetworkpolicies"], isEarlier: true)

  /// BaselineAdminNetworkPolicy, which ClusterNetworkPolicy has taken the place of too.
  static let baselineAdminNetworkPolicy = clusterPolicy(
    .baselineAdminNetworkPolicy, ["v1alpha1"], ["banp", "baselineadminnetworkpolicies"], isEarlier: true)

  private static func clusterPolicy(
    _ kind: PolicyKind, _ versions: [String], _ otherNames: [String], isEarlier: Bool = false
  ) -> PolicyFormat {
    PolicyFormat(
      kind, versions.map { "policy.networking.k8s.io/\($0)" }, otherNames: otherNames, isEarlier: isEarlier
    ) { object, decoder in
      let schema = ClusterPolicySchema(kind, apiVersion: object.apiVersion)
      var clusterDecoder = ClusterPolicyDecoder(decoder, schema, isFromServer: object.isFromServer)
      let policy = clusterDecoder.policy(object.members, at: object.offset)
      decoder = clusterDecoder.base
      return (policy, nil)
    }
  }
}
