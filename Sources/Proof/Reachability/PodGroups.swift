import Addresses
import PolicyModel

/// A port name of one protocol, as policies use it.
struct PortName: Hashable {
  let name: String
  let transport: TransportProtocol
}

/// Pods that no selector and no port name of the policies can distinguish: one namespace, the same values of the
/// labels that selectors ask for, the same numbers behind the port names that policies use.
struct PodGroups {
  struct Group {
    let namespace: String
    let labels: Labels
    let numbers: [PortName: UInt16]
    /// The pods that the addresses may be of, where that is not known: a peer's selectors must match all of them.
    let claimants: [Pod]
    /// Its pods, as ascending runs of indices of `Cluster.pods`.
    var runs: [Range<Int>] = []
    /// The addresses of its pods, once they were needed.
    fileprivate var addresses: (ipv4: [UInt32], ipv6: [UInt128])?
  }

  private(set) var groups: [Group] = []
  /// The groups with claimants, ascending.
  private(set) var ofSeveral: [Int32] = []
  /// The group of each pod.
  private(set) var groupOfPod: [Int32] = []
  private var byNamespace: [String: [Int32]] = [:]
  /// The groups that carry a label, for selectors that ask for its value.
  private var byLabel: [Labels.Pair: [Int32]] = [:]
  private let namespaces: [String: Labels]
  private var namespaceIndex: NamespaceIndex
  private var matchingNamespaces: [LabelSelector: Set<String>] = [:]
  private var selections: [Selection: [Int32]] = [:]

  /// `podSelector` and `namespaceSelector` of a peer, or a policy's own selector in its namespace.
  struct Selection: Hashable {
    /// The one namespace; nil when `namespaceSelector` says which.
    let namespace: String?
    let namespaceSelector: LabelSelector?
    let podSelector: LabelSelector
  }

  init(_ cluster: Cluster, askingFor policies: [Policy]) {
    namespaces = cluster.namespaces
    namespaceIndex = NamespaceIndex([String](), of: cluster)
    let (keys, names) = Self.vocabulary(of: policies)
    struct Key: Hashable {
      let namespace: String
      let labels: Labels
      let numbers: [PortName: UInt16]
      let claimants: [Pod]
    }
    var known: [Key: Int32] = [:]
    groupOfPod = Array(repeating: 0, count: cluster.pods.count)
    for run in cluster.podRuns {
      let first = run.lowerBound
      var numbers: [PortName: UInt16] = [:]
      for port in cluster.pods[first].namedPorts {
        let name = PortName(name: port.name, transport: port.transport)
        guard names.contains(name), numbers[name] == nil else { continue }
        numbers[name] = cluster.pods[first].number(ofPort: port.name, port.transport)
      }
      let namespace = cluster.pods[first].namespace
      let labels = Labels(cluster.pods[first].labels.pairs.filter { keys.contains($0.key) })
      let claimants = cluster.pods[first].claimants
      let key = Key(namespace: namespace, labels: labels, numbers: numbers, claimants: claimants)
      let group = known[key] ?? Int32(groups.count)
      if group == groups.count {
        known[key] = group
        groups.append(Group(namespace: namespace, labels: labels, numbers: numbers, claimants: claimants))
        if !claimants.isEmpty { ofSeveral.append(group) }
        byNamespace[namespace, default: []].append(group)
        for pair in labels.pairs { byLabel[pair, default: []].append(group) }
      }
      groups[Int(group)].runs.append(run)
      for pod in run { groupOfPod[pod] = group }
    }
    namespaceIndex = NamespaceIndex(byNamespace.keys, of: cluster)
  }

  private func labels(ofNamespace name: String) -> Labels { namespaces[name] ?? [Namespace.nameLabel: name] }

  /// The addresses of a group's pods, in no order.
  mutating func addresses(of group: Int32, _ cluster: Cluster) -> (ipv4: [UInt32], ipv6: [UInt128]) {
    if let known = groups[Int(group)].addresses { return known }
    var found: (ipv4: [UInt32], ipv6: [UInt128]) = ([], [])
    for pod in groups[Int(group)].runs.joined() {
      for address in cluster.pods[pod].addresses {
        switch address.family {
        case .ipv4: found.ipv4.append(UInt32(address.bits))
        case .ipv6: found.ipv6.append(address.bits)
        }
      }
    }
    groups[Int(group)].addresses = found
    return found
  }

  /// The label keys that the policies' selectors ask for, and the port names that their rules use.
  private static func vocabulary(of policies: [Policy]) -> (keys: Set<String>, names: Set<PortName>) {
    var keys: Set<String> = []
    var names: Set<PortName> = []
    for policy in policies {
      for requirement in policy.subjects.pods.requirements { keys.insert(requirement.key) }
      for rule in Direction.allCases.flatMap({ policy.rules($0) ?? [] }) {
        for peer in rule.peers.entries {
          if case .pods(_, let selector) = peer.kind {
            for requirement in selector.requirements { keys.insert(requirement.key) }
          }
        }
        for port in rule.ports.entries {
          if case .named(let name) = port.ports {
            names.insert(PortName(name: name, transport: port.transport))
          }
        }
      }
    }
    return (keys, names)
  }

  /// The groups whose pods a selection matches, ascending. Each selection is worked out once.
  mutating func matching(_ selection: Selection) -> [Int32] {
    if let known = selections[selection] { return known }
    let labelled = candidates(selection.podSelector)
    var result: [Int32]
    if let namespace = selection.namespace {
      let local = byNamespace[namespace] ?? []
      if let labelled, labelled.count < local.count {
        result = labelled.filter {
          groups[Int($0)].namespace == namespace
            && selection.podSelector.matches(groups[Int($0)].labels)
        }
      } else {
        result = local.filter { selection.podSelector.matches(groups[Int($0)].labels) }
      }
    } else {
      let allowed = selection.namespaceSelector.map { namespaces(matching: $0) } ?? []
      let reachable = allowed.reduce(0) { $0 + (byNamespace[$1]?.count ?? 0) }
      if let labelled, labelled.count < reachable {
        result = labelled.filter {
          allowed.contains(groups[Int($0)].namespace)
            && selection.podSelector.matches(groups[Int($0)].labels)
        }
      } else {
        result = allowed.flatMap { byNamespace[$0] ?? [] }
          .filter { selection.podSelector.matches(groups[Int($0)].labels) }.sorted()
      }
    }
    if !ofSeveral.isEmpty {
      result.removeAll { group in
        !groups[Int(group)].claimants.allSatisfy { isMatched($0.namespace, $0.labels, by: selection) }
      }
    }
    selections[selection] = result
    return result
  }

  /// True where a selection matches a pod with these labels in a namespace.
  func isMatched(_ namespace: String, _ labels: Labels, by selection: Selection) -> Bool {
    if let name = selection.namespace { return name == namespace && selection.podSelector.matches(labels) }
    guard let selector = selection.namespaceSelector else { return false }
    return selector.matches(self.labels(ofNamespace: namespace))
      && selection.podSelector.matches(labels)
  }

  /// The groups that meet the most telling `In` of a selector, ascending; nil when it has none.
  private func candidates(_ selector: LabelSelector) -> [Int32]? {
    var best: [Int32]?
    for requirement in selector.requirements where requirement.relation == .isIn {
      let lists = requirement.values.compactMap { byLabel[Labels.Pair(requirement.key, $0)] }
      let count = lists.reduce(0) { $0 + $1.count }
      if best.map({ count < $0.count }) ?? true {
        best = lists.count == 1 ? lists[0] : lists.flatMap { $0 }.sorted()
      }
    }
    return best
  }

  /// The namespaces whose labels a `namespaceSelector` matches; `{}` is all of them.
  private mutating func namespaces(matching selector: LabelSelector) -> Set<String> {
    if let known = matchingNamespaces[selector] { return known }
    let result = Set(namespaceIndex.matching(selector))
    matchingNamespaces[selector] = result
    return result
  }
}
