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
    known.reserveCapacity(cluster.podRuns.count)
    for run in cluster.podRuns {
      let (namespace, labels) = (pods[run.lowerBound].namespace, pods[run.lowerBound].labels)
      let claimants = pods[run.lowerBound].claimants
      let key = Key(namespace: namespace, labels: labels, claimants: claimants)
      // One look at the key, which is long: a new one takes the next number.
      let group = Self.number(in: &known[key, default: groups.count])
      if group == groups.count {
        groupsOfNamespace[namespace, default: []].append(group)
        groups.append(Group(namespace: namespace, labels: labels, claimants: claimants, pods: []))
      }
      groups[group].pods += run
      groupOfPod += repeatElement(group, count: run.count)
    }
  }
  private static func number(in place: inout Int) -> Int { place }

  /// The pods of a node, ascending, from a look at every pod.
  func pods(ofNode node: String) -> [Int] {
    pods.indices.filter { position in
      let claimants = pods[position].claimants
      return claimants.isEmpty ? pods[position].node == node : claimants.contains { $0.node == node }
    }
  }

  /// The pods of each node, ascending.
  func podsOfNodes() -> [String: [Int]] {
    var found: [String: [Int]] = [:]
    for position in pods.indices {
      if pods[position].claimants.isEmpty {
        if let node = pods[position].node { found[node, default: []].append(position) }
        continue
      }
      for node in Set(pods[position].claimants.compactMap(\.node)) {
        found[node, default: []].append(position)
      }
    }
    return found
  }
}
