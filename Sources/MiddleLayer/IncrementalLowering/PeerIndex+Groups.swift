import Lowering
import PolicyModel

extension PeerIndex {
  mutating func addGroup(_ key: GroupKey, _ labels: (String) -> Labels) -> Int {
    var group = PodGroup(namespace: key.namespace, labels: key.labels, claimants: key.claimants)
    let spaces = Set(group.identities.map(\.namespace))
    for name in spaces where namespaces[name] == nil {
      let labels = labels(name)
      namespaces[name] = NamespaceState(labels: labels, selectors: selectors(ofNamespaceWith: labels))
    }
    group.selections = selections(matching: group)
    let number = groups.insert(group)
    numbersOfGroups[key] = number
    for name in spaces { namespaces[name]?.groups.insert(number) }
    for selection in group.selections { selections[selection].groups.insert(number) }
    return number
  }

  private mutating func selectors(ofNamespaceWith labels: Labels) -> Set<LabelSelector> {
    Set(namespaceSelectors.matching(labels, &steps))
  }

  private mutating func selections(matching group: PodGroup) -> [Int] {
    var found = ofOneNamespace[group.namespace]?.matching(group.labels, &steps) ?? []
    for selector in namespaces[group.namespace]?.selectors ?? [] {
      found += ofNamespacesWith[selector]?.matching(group.labels, &steps) ?? []
    }
    if group.claimants.isEmpty { return found }
    return found.filter { matches(selections[$0].key, group) }
  }

  /// Gives a namespace other labels.
  mutating func relabel(_ name: String, _ labels: Labels) {
    guard namespaces[name] != nil else { return }
    let selectors = selectors(ofNamespaceWith: labels)
    namespaces[name]?.labels = labels
    namespaces[name]?.selectors = selectors
    for group in groups(ofNamespace: name) {
      let before = Set(groups[group].selections)
      let after = Set(selections(matching: groups[group]))
      groups[group].selections = Array(after)
      for selection in before.symmetricDifference(after) {
        let isNew = after.contains(selection)
        if isNew {
          selections[selection].groups.insert(group)
        } else {
          selections[selection].groups.remove(group)
        }
        for member in groups[group].members {
          guard let pod = endpoints[member]?.pod else { continue }
          contribute(pod, to: selection, isNew ? 1 : -1)
        }
      }
    }
  }

  /// Removes groups that are still empty at the end of a transaction.
  mutating func removeEmptyGroups() {
    for group in maybeEmpty where groups[group].members.isEmpty {
      let gone = groups[group]
      for selection in gone.selections { selections[selection].groups.remove(group) }
      for name in Set(gone.identities.map(\.namespace)) {
        namespaces[name]?.groups.remove(group)
        if namespaces[name]?.groups.isEmpty == true { namespaces[name] = nil }
      }
      numbersOfGroups[GroupKey(namespace: gone.namespace, labels: gone.labels, claimants: gone.claimants)] =
        nil
      groups.remove(group)
    }
    maybeEmpty.removeAll()
  }
}
