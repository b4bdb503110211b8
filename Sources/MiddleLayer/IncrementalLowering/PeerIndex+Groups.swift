import Lowering
import PolicyModel

extension PeerIndex {
  mutating func addGroup(_ key: GroupKey, _ labels: Labels) -> Int {
    if namespaces[key.namespace] == nil {
      namespaces[key.namespace] = NamespaceState(
        labels: labels, selectors: selectors(ofNamespaceWith: labels))
    }
    var group = PodGroup(namespace: key.namespace, labels: key.labels)
    group.selections = selections(matching: group)
    let number = groups.insert(group)
    numbersOfGroups[key] = number
    namespaces[key.namespace]?.groups.insert(number)
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
    return found
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
      namespaces[gone.namespace]?.groups.remove(group)
      if namespaces[gone.namespace]?.groups.isEmpty == true { namespaces[gone.namespace] = nil }
      numbersOfGroups[GroupKey(namespace: gone.namespace, labels: gone.labels)] = nil
      groups.remove(group)
    }
    maybeEmpty.removeAll()
  }
}
