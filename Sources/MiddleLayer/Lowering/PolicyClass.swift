public import Addresses
import Digest
public import PolicyModel
import TableLayout

/// Pods that one set of policies isolates in a direction, and that give the same numbers to the port names these
/// use: they share a chain.
public struct PolicyClass: Sendable {
  /// The key by which pods belong to the class.
  public struct Key: Hashable, Sendable {
    /// The direction of the class.
    public let direction: Direction
    /// For each tier, in order, the positions of its entries that select the pods.
    public let entries: [[Int]]
    /// The numbers behind the port names in use; only for ingress.
    public let ports: [NamedPort]

    /// A key of its parts.
    public init(direction: Direction, entries: [[Int]], ports: [NamedPort]) {
      self.direction = direction
      self.entries = entries
      self.ports = ports
    }
  }

  /// The key of the class.
  public let key: Key
  /// The pods, as positions in the cluster's list, ascending.
  public var pods: [Int]

  /// The pods that are in the class with one of their claimants and in another one with another, ascending.
  public var jointPods: [Int] = []

  /// A class of some pods.
  public init(key: Key, pods: [Int]) {
    self.key = key
    self.pods = pods
  }
}

/// Pods whose claimants are of several classes: each of the classes must allow what they do.
struct JointClass: Sendable {
  /// The direction of the classes.
  let direction: Direction
  /// The classes, as ascending places in their list; two or more.
  let parts: [Int]
  /// The pods, as positions in the cluster's list, ascending.
  var pods: [Int]
}

/// Finds the classes of the pods that a ruleset isolates.
struct ClassFinder: Sendable {
  private let tiers: [Tier]
  private let index: PodIndex
  private let cluster: Cluster
  /// For each tier and namespace, the entries that might select a pod.
  private let entriesOfNamespace: [[String: Entries]]
  /// For each tier the entries that select namespaces by their labels, ascending.
  private let clusterWide: [[Int]]

  /// Entries of one namespace, ascending, with their selectors of pods.
  private struct Entries {
    let positions: [Int]
    let selectors: SelectorIndex

    func selecting(_ labels: Labels) -> [Int] { selectors.matching(labels).map { positions[$0] } }
  }

  init(tiers: [Tier], index: PodIndex, cluster: Cluster) {
    self.tiers = tiers
    self.index = index
    self.cluster = cluster
    entriesOfNamespace = tiers.map { tier in
      Dictionary(grouping: tier.entries.indices.filter { tier.entries[$0].subjects.namespaces == .own }) {
        tier.entries[$0].policy.namespace ?? ""
      }.mapValues { positions in
        Entries(
          positions: positions,
          selectors: SelectorIndex(positions.map { tier.entries[$0].subjects.pods }))
      }
    }
    clusterWide = tiers.map { tier in
      tier.entries.indices.filter { tier.entries[$0].subjects.namespaces != .own }
    }
  }

  /// The finder of the classes that the tiers of ClusterNetworkPolicy alone make up. Nil where there are none.
  var ofClusterTiers: ClassFinder? {
    guard tiers.contains(where: \.kind.isOfCluster) else { return nil }
    return ClassFinder(
      tiers: tiers.map { $0.kind.isOfCluster ? $0 : Tier($0.kind, entries: []) }, index: index,
      cluster: cluster)
  }

  /// The classes of the pods of a ruleset, in an order that depends on the policies only.
  func classes(of subjects: [Int]) -> (classes: [PolicyClass], joint: [JointClass]) {
    var selecting: [Int: [[Direction: [[Int]]]]] = [:]
    var names: [PolicyClass.Key: Int] = [:]
    var classes: [PolicyClass] = []
    var joint: [JointClass] = []
    func place(_ key: PolicyClass.Key) -> Int {
      if let known = names[key] { return known }
      names[key] = classes.count
      classes.append(PolicyClass(key: key, pods: []))
      return classes.count - 1
    }
    for position in subjects {
      let group = index.groupOfPod[position]
      let entries = selecting[group] ?? entriesSelecting(index.groups[group])
      selecting[group] = entries
      for direction in Direction.allCases {
        if entries.count == 1 {
          guard let chosen = entries[0][direction] else { continue }
          classes[place(key(direction, chosen, index.pods[position]))].pods.append(position)
          continue
        }
        let parts = zip(index.pods[position].claimants, entries).compactMap { claimant, entries in
          entries[direction].map { place(key(direction, $0, claimant)) }
        }
        switch Set(parts).count {
        case 0: continue
        case 1: classes[parts[0]].pods.append(position)
        default:
          let parts = Set(parts).sorted()
          for part in parts { classes[part].jointPods.append(position) }
          if let known = joint.firstIndex(where: { $0.parts == parts && $0.direction == direction }) {
            joint[known].pods.append(position)
          } else {
            joint.append(JointClass(direction: direction, parts: parts, pods: [position]))
          }
        }
      }
    }
    return (classes, joint)
  }

  private func key(_ direction: Direction, _ chosen: [[Int]], _ pod: Pod) -> PolicyClass.Key {
    PolicyClass.Key(
      direction: direction, entries: chosen, ports: direction == .ingress ? portsInUse(chosen, by: pod) : [])
  }

  /// The entries of each tier for each direction in which a group is isolated; for each of its claimants where it has
  /// some.
  private func entriesSelecting(_ group: PodIndex.Group) -> [[Direction: [[Int]]]] {
    if group.claimants.isEmpty { return [entriesSelecting(group.namespace, group.labels)] }
    return group.claimants.map { entriesSelecting($0.namespace, $0.labels) }
  }

  private func entriesSelecting(_ namespace: String, _ labels: Labels) -> [Direction: [[Int]]] {
    var result: [Direction: [[Int]]] = [:]
    let selecting = tiers.indices.map { tier in
      let wide = clusterWide[tier].filter { position in
        guard case .matching(let selector) = tiers[tier].entries[position].subjects.namespaces else {
          return false
        }
        return selector.matches(cluster.labels(ofNamespace: namespace))
          && tiers[tier].entries[position].subjects.pods.matches(labels)
      }
      let own = entriesOfNamespace[tier][namespace]?.selecting(labels) ?? []
      return wide.isEmpty ? own : (own + wide).sorted()
    }
    for direction in Direction.allCases {
      var chosen = tiers.indices.map { tier in
        selecting[tier].filter { tiers[tier].entries[$0].direction == direction }
      }
      if let last = chosen.indices.first(where: { tier in
        tiers[tier].kind.decidesAll(chosen[tier].lazy.map { tiers[tier].entries[$0] })
      }) {
        for later in chosen.indices where later > last { chosen[later] = [] }
      }
      if chosen.contains(where: { !$0.isEmpty }) { result[direction] = chosen }
    }
    return result
  }

  /// The pod's numbers for the port names that the entries use.
  private func portsInUse(_ entries: [[Int]], by pod: Pod) -> [NamedPort] {
    guard !pod.namedPorts.isEmpty else { return [] }
    return pod.ports(
      namedBy: entries.enumerated().lazy.flatMap { tier, chosen in
        chosen.lazy.map { tiers[tier].entries[$0] }
      })
  }
}

extension TierKind {
  /// True where a tier of this kind leaves nothing to later tiers where it selects a pod with these entries:
  /// at its end it denies, and no rule passes. False where there is no entry.
  public func decidesAll(_ entries: some Sequence<PolicyEntry>) -> Bool {
    guard selectedDefault == .deny else { return false }
    var isSelected = false
    for entry in entries {
      isSelected = true
      if entry.rules.contains(where: { $0.action == .pass }) { return false }
    }
    return isSelected
  }
}

extension Pod {
  /// The pod's numbers for the port names that the entries use, each once, sorted.
  public func ports(namedBy entries: some Sequence<PolicyEntry>) -> [NamedPort] {
    var found: Set<NamedPort> = []
    for entry in entries {
      for rule in entry.rules {
        for port in rule.ports.entries {
          guard case .named(let name) = port.ports, let number = number(ofPort: name, port.transport)
          else { continue }
          found.insert(NamedPort(name, port.transport, number))
        }
      }
    }
    return found.sorted { ($0.name, $0.transport, $0.number) < ($1.name, $1.transport, $1.number) }
  }
}

extension PolicyClass {
  /// The policies that make the class, ascending, each once.
  func policies(_ tiers: [Tier]) -> [PolicyID] {
    var found: [PolicyID] = []
    for (tier, chosen) in key.entries.enumerated() {
      for entry in chosen { found.append(tiers[tier].entries[entry].policy) }
    }
    // The entries of one tier ascend by name where all have one priority, as those of NetworkPolicy.
    if zip(found, found.dropFirst()).allSatisfy({ $0 < $1 }) { return found }
    return Set(found).sorted()
  }

  /// The name of the class's chain in a family: after its policy where one alone makes it, otherwise after its
  /// namespace and what it consists of.
  public func chainName(_ tiers: [Tier], _ family: IPFamily) -> String {
    let prefix = ChainName.classPrefix(key.direction, family)
    let policies = policies(tiers)
    if policies.count == 1, key.ports.isEmpty, policies[0].description.utf8.count <= 100 {
      return prefix + policies[0].description
    }
    let ports = key.ports.map { "\($0.name)=\($0.transport.rawValue)/\($0.number)" }
    let identity = (policies.map(\.description) + ports).joined(separator: "\n")
    let hint = policies.lazy.compactMap(\.namespace).first ?? ""
    return Name.make(prefix: prefix, hint: hint, digest: SHA256.hex(identity).prefix(12))
  }
}
