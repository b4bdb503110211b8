import PolicyModel

/// The groups of a cluster's subjects, and the policies that select each.
struct SelectedGroups {
  /// What the rules of the policies allow; the groups are in it.
  var terms: RuleTerms
  /// The subjects of each group, as ascending indices of `Cluster.pods`.
  private(set) var members: [[Int]]
  /// For each group the policies that isolate it for ingress, as ascending indices of `Cluster.policies`.
  private(set) var ingress: [[Int]]
  /// Likewise for egress.
  private(set) var egress: [[Int]]

  /// Sorts subjects into groups. `isSubject` says of each of `Cluster.pods` whether it is one.
  init(_ cluster: Cluster, _ isSubject: [Bool], _ store: DiagramStore) {
    let subjects = isSubject.indices.filter { isSubject[$0] }
    var subjectNamespaces: Set<String> = []
    for (place, pod) in subjects.enumerated()
    where place == 0 || cluster.pods[subjects[place - 1]].namespace != cluster.pods[pod].namespace {
      subjectNamespaces.insert(cluster.pods[pod].namespace)
    }
    // A policy selects pods of its own namespace only; the others say nothing about these subjects.
    let relevant = cluster.policies.indices.filter {
      subjectNamespaces.contains(cluster.policies[$0].id.namespace)
    }
    let groups = PodGroups(cluster, askingFor: relevant.map { cluster.policies[$0] })
    terms = RuleTerms(cluster: cluster, groups: groups, store)
    members = Array(repeating: [], count: groups.groups.count)
    for pod in subjects { members[Int(groups.groupOfPod[pod])].append(pod) }
    ingress = Array(repeating: [], count: groups.groups.count)
    egress = ingress
    for index in relevant {
      let policy = cluster.policies[index]
      // `spec.podSelector`: pods of the policy's namespace; empty selects all of them.
      let selection = PodGroups.Selection(.own, policy.podSelector, own: policy.id.namespace)
      for group in terms.groups.matching(selection) where !members[Int(group)].isEmpty {
        // `spec.policyTypes`: the directions in which the policy isolates.
        if policy.isolates.contains(.ingress) { ingress[Int(group)].append(index) }
        if policy.isolates.contains(.egress) { egress[Int(group)].append(index) }
      }
    }
  }

  /// The numbers behind the port names of a group's pods.
  func numbers(of group: Int) -> [PortName: UInt16] { terms.groups.groups[group].numbers }
}
