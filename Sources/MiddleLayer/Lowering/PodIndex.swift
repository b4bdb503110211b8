import Addresses
import PolicyModel

/// The pods of a cluster, grouped by what selectors can see of them: namespace and labels. Selectors are asked
/// once for each group, not for each pod.
struct PodIndex: Sendable {
  /// Pods that no selector can distinguish.
  struct Group: Sendable {
    /// The namespace of the pods.
    let namespace: String
    /// The labels that the pods share.
    let labels: Labels
    /// For addresses that several pods have an equal claim to, these pods: a selector must match each.
    let claimants: [Pod]
    /// Their positions in the cluster's list.
    var pods: [Int]
  }

  /// The cluster's pods.
  let pods: [Pod]
  /// The groups, in the order of their first pods.
  private(set) var groups: [Group] = []
  /// The groups of each namespace.
  private(set) var groupsOfNamespace: [String: [Int]] = [:]
  /// The group of each pod.
  private(set) var groupOfPod: [Int] = []
  /// The pods of each node, ascending.
  private(set) var podsOfNode: [String: [Int]] = [:]

  private struct Key: Hashable {
    let namespace: String
    let labels: Labels
    let claimants: [Pod]
  }

  /// Groups the pods of a cluster. O(n) in their number.
  init(_ cluster: Cluster) {
    pods = cluster.pods
    var known: [Key: Int] = [:]
    groupOfPod.reserveCapacity(pods.count)
    for position in pods.indices {
      if pods[position].claimants.isEmpty {
        if let node = pods[position].node { podsOfNode[node, default: []].append(position) }
        continue
      }
      for node in Set(pods[position].readings.compactMap(\.node)) {
        podsOfNode[node, default: []].append(position)
      }
    }
    for run in cluster.podRuns {
      let (namespace, labels) = (pods[run.lowerBound].namespace, pods[run.lowerBound].labels)
      let claimants = pods[run.lowerBound].claimants
      let key = Key(namespace: namespace, labels: labels, claimants: claimants)
      let group = known[key] ?? groups.count
      if group == groups.count {
        known[key] = group
        groupsOfNamespace[namespace, default: []].append(group)
        groups.append(Group(namespace: namespace, labels: labels, claimants: claimants, pods: []))
      }
      groups[group].pods += run
      groupOfPod += repeatElement(group, count: run.count)
    }
  }
}
