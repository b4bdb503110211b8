import Addresses
import KubernetesManifests
import PolicyModel
import Reachability

/// The share of ClusterNetworkPolicies in what rules about NetworkPolicies say.
extension LintContext {
  /// True where the tiers of the cluster deny the pods of a run nothing in a direction in which no NetworkPolicy isolates them.
  func tiersLeaveOpen(_ run: Int, _ direction: Direction) -> Bool {
    guard hasClusterPolicies else { return true }
    let profile = meaning.profile(ofPod: cluster.podRuns[run].lowerBound, direction)
    return profile.ipv4 == .everything(.ipv4) && profile.ipv6 == .everything(.ipv6)
  }

  /// True where some pod of a policy may send TCP to port 80 of an address in the end, or it selects none.
  func tiersLeave(_ address: IPAddress, to policy: NetworkPolicy) -> Bool {
    guard hasClusterPolicies, let runs = runs(ofSubjectsOf: policy), !runs.isEmpty else { return true }
    return runs.contains { run in
      let profile = meaning.profile(ofPod: cluster.podRuns[run].lowerBound, .egress)
      let traffic = meaning.store.traffic(of: profile.allowed(address.family), at: address.bits)
      return meaning.store.traffic(traffic).contains(6, 80)
    }
  }

  /// True where a policy of the cluster that selects every pod of a namespace denies something in a direction.
  func hasTierDenials(ofNamespace namespace: String, _ direction: Direction) -> Bool {
    clusterPolicies.contains { policy in
      guard case .matching(let namespaces) = policy.subjects.namespaces else { return false }
      return policy.subjects.pods.isEverything && namespaces.matches(cluster.labels(ofNamespace: namespace))
        && (policy.rules(direction) ?? []).contains { $0.action == .deny }
    }
  }

  /// True where the Baseline tier has rules for pods that a policy isolates, in that direction.
  func isBeforeBaseline(_ policy: NetworkPolicy) -> Bool {
    guard hasClusterPolicies, let own = runs(ofSubjectsOf: policy) else { return false }
    return clusterPolicies.contains { other in
      other.tier == .baseline && !policy.isolates.isDisjoint(with: other.directions)
        && !Set(subjects(of: other)).isDisjoint(with: own)
    }
  }
}
