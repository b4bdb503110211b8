import PolicyModel

extension PeerIndex {
  /// The labels of a namespace that has groups.
  func labels(ofNamespace name: String) -> Labels { namespaces[name]?.labels ?? Labels() }

  /// Every group, in no order.
  var allGroups: Set<Int> { namespaces.values.reduce(into: []) { $0.formUnion($1.groups) } }

  /// True where a policy with these subjects selects the pods of a group.
  func contains(_ subjects: PodSet, of policy: PolicyID, group number: Int) -> Bool {
    let group = groups[number]
    let isNamespaceRight =
      switch subjects.namespaces {
      case .own: group.namespace == policy.namespace
      case .matching(let selector): selector.matches(labels(ofNamespace: group.namespace))
      }
    return isNamespaceRight && subjects.pods.matches(group.labels)
  }
}
