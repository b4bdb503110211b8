import Lowering
import PolicyModel

extension PeerIndex {
  /// The labels of a namespace that has groups.
  func labels(ofNamespace name: String) -> Labels { namespaces[name]?.labels ?? Labels() }

  /// Every group, in no order.
  var allGroups: Set<Int> { namespaces.values.reduce(into: []) { $0.formUnion($1.groups) } }

  /// True where a policy with these subjects selects the pods of a group, or a claimant.
  func contains(_ subjects: PodSet, of policy: PolicyID, group number: Int) -> Bool {
    groups[number].identities.contains { namespace, labels in
      let isNamespaceRight =
        switch subjects.namespaces {
        case .own: namespace == policy.namespace
        case .matching(let selector): selector.matches(self.labels(ofNamespace: namespace))
        }
      return isNamespaceRight && subjects.pods.matches(labels)
    }
  }

  /// True where a selection matches the pods of a group, each claimant where there are some.
  func matches(_ selection: SelectionState.Key, _ group: PodGroup) -> Bool {
    group.identities.allSatisfy { namespace, labels in
      let isNamespaceRight =
        switch selection.scope {
        case .namespace(let name): namespace == name
        case .matching(let selector): selector.matches(self.labels(ofNamespace: namespace))
        }
      return isNamespaceRight && selection.selector.matches(labels)
    }
  }
}
