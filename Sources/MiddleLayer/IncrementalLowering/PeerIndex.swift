import Addresses
import Lowering
import PolicyModel

/// The index of peers: endpoints, their groups, and the answers to the queries of rules, kept while pods change.
struct PeerIndex: Sendable {
  var endpoints = NumberedValues<EndpointState>()
  /// The endpoints that the ruleset isolates where policies say so.
  private(set) var subjects: Set<Int> = []
  /// The number of all endpoints' addresses.
  private(set) var addressCounts = PerFamily(0)
  var groups = SlotMap<PodGroup>()
  var queries = SlotMap<QueryState>()
  var selections = SlotMap<SelectionState>()
  var portUses = SlotMap<PortNameState>()

  var numbersOfGroups: [GroupKey: Int] = [:]
  var numbersOfSelections: [SelectionState.Key: Int] = [:]
  var numbersOfQueries: [PodQuery: Int] = [:]
  var numbersOfPortUses: [PortNameState.Key: Int] = [:]
  /// Namespaces that have groups.
  var namespaces: [String: NamespaceState] = [:]
  var ofOneNamespace: [String: SelectorIndex<Int>] = [:]
  var ofNamespacesWith: [LabelSelector: SelectorIndex<Int>] = [:]
  /// The selectors of namespaces in use, by themselves.
  var namespaceSelectors = SelectorIndex<LabelSelector>()
  var maybeEmpty: Set<Int> = []

  /// Queries whose addresses are others than at the last transaction.
  var touchedQueries: Set<Int> = []
  /// Names of ports whose numbers may be others.
  var touchedPortUses: Set<Int> = []
  /// The port uses that terms asked for since they were taken.
  var askedPortUses: Set<Int> = []
  /// The query of each set's identity.
  var queryOfIdentity: [String: Int] = [:]
  /// The addresses of queries that were asked for in this transaction, ascending: lists by the dozen ask for the same.
  var askedAddresses = PerFamily<[Int: [UInt128]]>([:])
  /// The number of objects examined so far: for tests of the cost of events.
  var steps = 0

  struct GroupKey: Hashable {
    let namespace: String
    let labels: Labels
    let claimants: [Pod]
  }

  struct NamespaceState {
    var labels: Labels
    var groups: Set<Int> = []
    /// The selectors of namespaces, among those in use, that match it.
    var selectors: Set<LabelSelector> = []
  }
}

// MARK: Endpoints

extension PeerIndex {
  /// Adds an endpoint.
  ///
  /// - Parameters:
  ///   - id: its number.
  ///   - pod: the pod.
  ///   - isSubject: whether the ruleset isolates it where policies say so.
  ///   - labels: the labels of a namespace.
  mutating func enter(
    _ id: Int, _ pod: Pod, isSubject: Bool, namespaceLabels labels: (String) -> Labels
  ) {
    let key = GroupKey(namespace: pod.namespace, labels: pod.labels, claimants: pod.claimants)
    steps += 1 + pod.labels.pairs.count
    let group = numbersOfGroups[key] ?? addGroup(key, labels)
    groups[group].members.insert(id)
    if isSubject {
      groups[group].subjects.insert(id)
      subjects.insert(id)
    }
    endpoints[id] = EndpointState(pod: pod, group: group, isSubject: isSubject)
    for address in pod.addresses { addressCounts[address.family] += 1 }
    for selection in groups[group].selections { contribute(pod, to: selection, 1) }
  }

  /// Removes an endpoint.
  mutating func leave(_ id: Int) {
    guard let endpoint = endpoints.removeValue(forKey: id) else { return }
    steps += 1
    for address in endpoint.pod.addresses { addressCounts[address.family] -= 1 }
    groups[endpoint.group].members.remove(id)
    groups[endpoint.group].subjects.remove(id)
    subjects.remove(id)
    for selection in groups[endpoint.group].selections { contribute(endpoint.pod, to: selection, -1) }
    if groups[endpoint.group].members.isEmpty { maybeEmpty.insert(endpoint.group) }
  }

  /// Notes the classes of an endpoint in a direction.
  mutating func setClasses(_ classes: [Int]?, of id: Int, _ direction: Direction) {
    endpoints[id]?.classes[direction] = classes
  }

  /// Notes the class of an endpoint in a direction by the tiers of ClusterNetworkPolicy alone.
  mutating func setClassOfClusterTiers(_ policyClass: Int?, of id: Int, _ direction: Direction) {
    endpoints[id]?.classesOfClusterTiers[direction] = policyClass
  }

  /// Notes the policies that select a group, a list for each of its identities; nil: they are to be looked for.
  mutating func setPolicies(_ policies: [[PolicyID]]?, ofGroup group: Int) {
    groups[group].policies = policies
  }

  /// The groups of a namespace, in no order.
  func groups(ofNamespace name: String) -> Set<Int> { namespaces[name]?.groups ?? [] }

  mutating func contribute(_ pod: Pod, to selection: Int, _ sign: Int) {
    for query in selections[selection].queries {
      steps += 1
      for address in queries[query].addresses(of: pod) {
        steps += 1
        queries[query].counts[address.family] += sign
        let net = (queries[query].pending[address.family][address.bits] ?? 0) + sign
        queries[query].pending[address.family][address.bits] = net == 0 ? nil : net
        touchedQueries.insert(query)
      }
    }
    for use in selections[selection].portUses {
      steps += 1
      let key = portUses[use].key
      guard let number = pod.number(ofPort: key.name, key.transport) else { continue }
      if portUses[use].former == nil { portUses[use].former = Set(portUses[use].counts.keys) }
      let count = (portUses[use].counts[number] ?? 0) + sign
      portUses[use].counts[number] = count == 0 ? nil : count
      touchedPortUses.insert(use)
    }
  }
}
