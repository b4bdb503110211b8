import Addresses
import Lowering
import PolicyModel

/// The policies, and the classes that they make.
struct ClassStates: Sendable {
  var pool = SlotMap<ClassState>()
  private(set) var numbers: [ClassState.Key: Int] = [:]
  private var chainNames: Set<String> = []
  private var policies: [PolicyID: Policy] = [:]
  /// The pod selectors of the policies of each namespace.
  private var selectors: [String: SelectorIndex<PolicyID>] = [:]
  /// The pod selectors of policies that select namespaces by their labels.
  private var clusterWide = SelectorIndex<PolicyID>()
  /// The policies that select namespaces by their labels.
  private var clusterWideIDs: Set<PolicyID> = []
  /// The policies of ClusterNetworkPolicy's tiers that have rules of any direction.
  private(set) var clusterPolicies: Set<PolicyID> = []
  private var ofPolicy: [PolicyID: Set<Int>] = [:]
  /// Classes whose members are others, or whose rules may be.
  private(set) var touched: Set<Int> = []

  /// True where the labels of a namespace matter to the policies' subjects.
  var asksForNamespaces: Bool { !clusterWide.isEmpty }

  /// The policies that select namespaces by their labels, in no order; with the addresses of the nodes that they name.
  var clusterWidePolicies: [Policy] { clusterWideIDs.compactMap { policies[$0] } }

  /// The policies that select pods of a namespace with the same labels, ascending.
  func policies(
    selecting pods: (namespace: String, labels: Labels), _ namespaceLabels: Labels, _ steps: inout Int
  ) -> [PolicyID] {
    let own = selectors[pods.namespace]?.matching(pods.labels, &steps) ?? []
    if clusterWide.isEmpty { return own.sorted() }
    let wide = clusterWide.matching(pods.labels, &steps).filter { id in
      guard case .matching(let selector) = policies[id]?.subjects.namespaces else { return false }
      return selector.matches(namespaceLabels)
    }
    return (own + wide).sorted()
  }

  /// The tiers that policies make up for a direction, up to the one that leaves nothing to later tiers.
  func tiers(of ids: [PolicyID], _ direction: Direction) -> [Tier] {
    let tiers = Tier.tiers(of: ids.compactMap { policies[$0] }, [direction])
    guard let last = tiers.firstIndex(where: { $0.kind.decidesAll($0.entries) }) else { return tiers }
    return Array(tiers[...last])
  }

  /// The tiers of ClusterNetworkPolicy that policies make up for a direction.
  func clusterTiers(of ids: [PolicyID], _ direction: Direction) -> [Tier] {
    if clusterPolicies.isEmpty { return [] }
    return Tier.tiers(of: ids.compactMap { policies[$0] }.filter(\.tier.isOfCluster), [direction])
  }

  /// True where there is a rule list of ClusterNetworkPolicy once policies have changed.
  func hasClusterTiers(after changes: [LiveCluster.Change.PolicyChange]) -> Bool {
    var after = clusterPolicies
    for change in changes { Self.note(change, &after) }
    return !after.isEmpty
  }

  private static func note(_ change: LiveCluster.Change.PolicyChange, _ clusterPolicies: inout Set<PolicyID>)
  {
    if let after = change.after, after.tier.isOfCluster, after.ingress != nil || after.egress != nil {
      clusterPolicies.insert(change.id)
    } else {
      clusterPolicies.remove(change.id)
    }
  }

  /// Puts a policy in the place of what had its name; nil: nothing.
  mutating func replace(_ change: LiveCluster.Change.PolicyChange) {
    let namespace = change.id.namespace ?? ""
    if let before = change.before?.subjects {
      if before.namespaces == .own {
        selectors[namespace]?.remove(before.pods, change.id)
        if selectors[namespace]?.isEmpty == true { selectors[namespace] = nil }
      } else {
        clusterWide.remove(before.pods, change.id)
      }
    }
    if let after = change.after?.subjects {
      if after.namespaces == .own {
        selectors[namespace, default: SelectorIndex()].insert(after.pods, change.id)
      } else {
        clusterWide.insert(after.pods, change.id)
      }
    }
    policies[change.id] = change.after
    if let after = change.after?.subjects, after.namespaces != .own {
      clusterWideIDs.insert(change.id)
    } else {
      clusterWideIDs.remove(change.id)
    }
    Self.note(change, &clusterPolicies)
  }

  /// Gives the classes of a policy what it says now.
  mutating func refresh(_ policy: PolicyID) {
    // Also those without pods at the moment: some may come back before the transaction is complete.
    for number in ofPolicy[policy] ?? [] {
      pool[number].setTiers(tiers(of: pool[number].key.policies, pool[number].key.direction))
      touched.insert(number)
    }
  }

  /// The class of a key, made where there is none.
  mutating func number(_ key: ClassState.Key, _ tiers: [Tier]) -> Int {
    if let known = numbers[key] { return known }
    let made = ClassState(key, tiers) { chainNames.contains($0) }
    let number = pool.insert(made)
    numbers[key] = number
    chainNames.formUnion([made.names.ipv4, made.names.ipv6])
    for policy in key.policies { ofPolicy[policy, default: []].insert(number) }
    return number
  }

  /// A pod comes to a class, or goes from it.
  mutating func count(_ pod: Pod, in number: Int, _ sign: Int) {
    pool[number].pods += sign
    for address in pod.addresses { pool[number].members[address.family] += sign }
    touched.insert(number)
  }

  /// Rules of a class may be others now, for what their port names stand for.
  mutating func setStale(_ number: Int) {
    pool[number].terms = nil
    touched.insert(number)
  }

  /// The classes that were touched since this was called last.
  mutating func takeTouched() -> Set<Int> {
    defer { touched = [] }
    return touched
  }

  /// Forgets a class without pods.
  mutating func remove(_ number: Int) {
    let gone = pool[number]
    numbers[gone.key] = nil
    chainNames.subtract([gone.names.ipv4, gone.names.ipv6])
    for policy in gone.key.policies {
      ofPolicy[policy]?.remove(number)
      if ofPolicy[policy]?.isEmpty == true { ofPolicy[policy] = nil }
    }
    pool.remove(number)
  }
}
