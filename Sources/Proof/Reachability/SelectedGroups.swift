import PolicyModel

/// The groups of a cluster's subjects, and the policies that select each.
struct SelectedGroups {
  /// The terms of the policies' rules, which refer to the groups.
  var terms: RuleTerms
  /// The subjects of each group, as ascending indices of `Cluster.pods`.
  private(set) var members: [[Int]]
  /// For each group the policies that select it for ingress, as indices of `Cluster.policies` in the order of tiers and
  /// of priorities in them.
  private(set) var ingress: [[Int]]
  /// Likewise for egress.
  private(set) var egress: [[Int]]
  /// For each group with claimants and for each of these the policies that select it: ingress and egress, as above.
  private(set) var ofClaimants: [Int: [(ingress: [Int], egress: [Int], numbers: [PortName: UInt16])]] = [:]

  /// Sorts subjects into groups. `isSubject` says of each of `Cluster.pods` whether it is one.
  init(_ cluster: Cluster, _ isSubject: [Bool], _ store: DiagramStore) {
    let subjects = isSubject.indices.filter { isSubject[$0] }
    let relevant = Self.relevant(cluster, isSubject)
    let groups = PodGroups(cluster, askingFor: relevant.map { cluster.policies[$0] })
    terms = RuleTerms(cluster: cluster, groups: groups, store)
    members = Array(repeating: [], count: groups.groups.count)
    for pod in subjects { members[Int(groups.groupOfPod[pod])].append(pod) }
    ingress = Array(repeating: [], count: groups.groups.count)
    egress = ingress
    for index in relevant {
      let policy = cluster.policies[index]
      let selection = PodGroups.Selection(
        policy.subjects.namespaces, policy.subjects.pods, own: policy.id.namespace)
      for group in terms.groups.matching(selection)
      where !members[Int(group)].isEmpty && terms.groups.groups[Int(group)].claimants.isEmpty {
        if policy.ingress != nil { ingress[Int(group)].append(index) }
        if policy.egress != nil { egress[Int(group)].append(index) }
      }
    }
    for group in terms.groups.ofSeveral where !members[Int(group)].isEmpty {
      ofClaimants[Int(group)] = terms.groups.groups[Int(group)].claimants.map { claimant in
        let selecting = relevant.filter { index in
          let policy = cluster.policies[index]
          return terms.groups.isMatched(
            claimant.namespace, claimant.labels,
            by: .init(policy.subjects.namespaces, policy.subjects.pods, own: policy.id.namespace))
        }
        var numbers: [PortName: UInt16] = [:]
        for port in claimant.namedPorts {
          numbers[PortName(name: port.name, transport: port.transport)] = claimant.number(
            ofPort: port.name, port.transport)
        }
        return (
          selecting.filter { cluster.policies[$0].ingress != nil },
          selecting.filter { cluster.policies[$0].egress != nil }, numbers
        )
      }
    }
    let ordered = Set(
      relevant.lazy.map { cluster.policies[$0] }.filter { !$0.onlyAccepts }.map(\.tier))
    if ordered.isEmpty { return }
    let several = ofClaimants.values.joined()
    for (direction, lists) in [
      (Direction.ingress, ingress + several.map(\.ingress)), (.egress, egress + several.map(\.egress)),
    ] {
      terms.orderedPolicies[direction] = Set(
        Set(lists).joined().filter { ordered.contains(cluster.policies[$0].tier) })
    }
  }

  /// The policies that can select any of the subjects, as indices of `Cluster.policies` in the order in which they are
  /// asked. `isSubject` says of each of `Cluster.pods` whether it is one.
  static func relevant(_ cluster: Cluster, _ isSubject: [Bool]) -> [Int] {
    let subjects = isSubject.indices.filter { isSubject[$0] }
    var subjectNamespaces: Set<String> = []
    for (place, pod) in subjects.enumerated()
    where place == 0 || cluster.pods[subjects[place - 1]].namespace != cluster.pods[pod].namespace {
      subjectNamespaces.insert(cluster.pods[pod].namespace)
    }
    for pod in subjects where !cluster.pods[pod].claimants.isEmpty {
      subjectNamespaces.formUnion(cluster.pods[pod].claimants.map(\.namespace))
    }
    // A policy whose subjects are of its own namespace says nothing about subjects elsewhere.
    return order(of: cluster.policies).filter { index in
      let policy = cluster.policies[index]
      return switch policy.subjects.namespaces {
      case .own: policy.id.namespace.map(subjectNamespaces.contains) ?? false
      case .matching: true
      }
    }
  }

  /// The places of policies in the order in which they are asked: by tier, by priority, by name.
  private static func order(of policies: [Policy]) -> [Int] {
    func precedes(_ left: Int, _ right: Int) -> Bool {
      let (one, other) = (policies[left], policies[right])
      if one.tier != other.tier { return one.tier < other.tier }
      if one.priority != other.priority { return one.priority < other.priority }
      return left < right
    }
    // `Cluster.policies` ascends by name already.
    let first = policies.first
    if policies.allSatisfy({ $0.tier == first?.tier && $0.priority == first?.priority }) {
      return Array(policies.indices)
    }
    return policies.indices.sorted(by: precedes)
  }

  /// The numbers behind the port names of a group's pods.
  func numbers(of group: Int) -> [PortName: UInt16] { terms.groups.groups[group].numbers }
}

extension Policy {
  /// True where the order of its rules is of no matter: they accept, and the tier denies the rest.
  var onlyAccepts: Bool {
    tier.selectedDefault == .deny
      && Direction.allCases.allSatisfy { (rules($0) ?? []).allSatisfy { $0.action == .accept } }
  }
}
