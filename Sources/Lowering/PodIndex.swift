import Addresses
import PolicyModel

/// The pods of a cluster, grouped by what selectors can see of them: namespace and labels. Selectors are asked
/// once for each group, not for each pod.
struct PodIndex: Sendable {
  /// Pods that no selector can tell apart.
  struct Group: Sendable {
    /// The namespace of the pods.
    let namespace: String
    /// Their labels.
    let labels: Labels
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
  }

  /// Groups the pods. O(n) in their number.
  init(_ pods: [Pod]) {
    self.pods = pods
    var known: [Key: Int] = [:]
    groupOfPod.reserveCapacity(pods.count)
    for position in pods.indices {
      if let node = pods[position].node { podsOfNode[node, default: []].append(position) }
      // Neighbours are mostly of one workload: their labels are compared rather than hashed.
      if let group = groupOfPod.last, groups[group].labels == pods[position].labels,
        groups[group].namespace == pods[position].namespace
      {
        groups[group].pods.append(position)
        groupOfPod.append(group)
        continue
      }
      let pod = pods[position]
      let key = Key(namespace: pod.namespace, labels: pod.labels)
      if let group = known[key] {
        groups[group].pods.append(position)
        groupOfPod.append(group)
      } else {
        known[key] = groups.count
        groupsOfNamespace[pod.namespace, default: []].append(groups.count)
        groupOfPod.append(groups.count)
        groups.append(Group(namespace: pod.namespace, labels: pod.labels, pods: [position]))
      }
    }
  }
}
