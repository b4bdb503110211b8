import KubernetesManifests
import PolicyModel

/// The pods that the edits of a plan touch.
struct EditReach {
  /// Indices of `Cluster.pods`: those that an edited policy selects, and those with other labels or ports.
  private(set) var pods: Set<Int> = []
  /// True where a policy of every pod of its namespace is edited, or one that selects pods with other labels than the subject's.
  private(set) var concernsOthers = false

  /// Collects the pods of some edits. O(edits · pods).
  init(_ edits: [PolicyEdit], in cluster: Cluster, subject: Int?) {
    for edit in edits {
      switch edit {
      case .label(let pod, _, _), .namePort(let pod, _): pods.insert(pod)
      case .labelNamespace(let name, _, _):
        pods.formUnion(cluster.pods.indices.filter { cluster.pods[$0].namespace == name })
      case .addPolicy(let policy): add(policy.policy, cluster, subject, isNew: true)
      case .setPolicyTypes(let policy, _): add(policy.policy, cluster, subject, isNew: false)
      case .addPeer(let place, _), .addPort(let place, _), .removeExcept(let place, _, _),
        .narrowExcept(let place, _, _, _):
        cluster.policies.first { $0.id == place.policy }.map { add($0, cluster, subject, isNew: false) }
      case .addRule(let id, _, _):
        cluster.policies.first { $0.id == id }.map { add($0, cluster, subject, isNew: false) }
      }
    }
  }

  private mutating func add(_ policy: Policy, _ cluster: Cluster, _ subject: Int?, isNew: Bool) {
    let selected = cluster.pods.indices.filter {
      cluster.pods[$0].namespace == policy.id.namespace
        && policy.subjects.pods.matches(cluster.pods[$0].labels)
    }
    pods.formUnion(selected)
    guard !isNew, let subject else { return }
    let own = cluster.pods[subject]
    let others = selected.filter {
      cluster.pods[$0].labels != own.labels && (own.owner == nil || cluster.pods[$0].owner != own.owner)
    }
    if policy.subjects.pods.isEverything || others.count > 1 { concernsOthers = true }
  }
}
