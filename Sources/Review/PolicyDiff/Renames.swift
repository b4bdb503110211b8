import PolicyModel
import Reachability

/// Workloads that one revision has under another name: of one namespace and kind, with the same labels, and the only ones
/// of their revision that are so.
struct Renames {
  /// For the index of a pod in the new revision that of its former self in the old one.
  let former: [Int: Int]

  private struct Key: Hashable {
    let namespace: String
    let kind: String
    let labels: Labels
  }

  /// Looks among the pods without an address of their own; those with one are known by that. O(pods).
  init(_ old: Cluster, _ new: Cluster) {
    let names = [old, new].map { cluster in Set(cluster.pods.filter(\.isPlaceholder).map(\.endpointName)) }
    func lonely(_ cluster: Cluster, _ others: Set<String>) -> [Key: [Int]] {
      let pods = cluster.pods.indices.filter { index in
        let pod = cluster.pods[index]
        return pod.isPlaceholder && !pod.labels.pairs.isEmpty && !others.contains(pod.endpointName)
      }
      return Dictionary(grouping: pods) { index in
        let pod = cluster.pods[index]
        return Key(namespace: pod.namespace, kind: pod.kind, labels: pod.labels)
      }
    }
    let (vanished, appeared) = (lonely(old, names[1]), lonely(new, names[0]))
    var former: [Int: Int] = [:]
    for (key, pods) in appeared where pods.count == 1 {
      if let others = vanished[key], others.count == 1 { former[pods[0]] = others[0] }
    }
    self.former = former
  }

  /// The new revision with the placeholders that its renamed workloads have in the old one.
  func placing(_ new: Cluster, like old: Cluster) -> Cluster {
    if former.isEmpty { return new }
    var pods = new.pods
    for (index, place) in former { pods[index].addresses = old.pods[place].addresses }
    return new.with(pods: pods)
  }
}
