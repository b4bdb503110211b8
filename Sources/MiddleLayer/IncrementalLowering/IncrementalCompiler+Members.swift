import Addresses
import Lowering
import PolicyModel
import Ruleset

extension IncrementalCompiler {
  mutating func enterClasses(_ id: Int) {
    guard let endpoint = peers.endpoints[id], endpoint.isSubject else { return }
    noteOwnKind(id)
    let policies = peers.groups[endpoint.group].policies ?? findPolicies(ofGroup: endpoint.group)
    if policies.allSatisfy(\.isEmpty) { return }
    var isIsolated = false
    for direction in Direction.allCases {
      var numbers: Set<Int> = []
      for (pod, policies) in zip(endpoint.pod.readings, policies) {
        let tiers = policies.isEmpty ? [] : classes.tiers(of: policies, direction)
        peers.steps += policies.count
        if let number = policyClass(of: pod, tiers, direction) { numbers.insert(number) }
      }
      if numbers.isEmpty { continue }
      isIsolated = true
      let places = numbers.sorted()
      for number in places { classes.count(endpoint.pod, in: number, 1) }
      peers.setClasses(places, of: id, direction)
      for family in Set(endpoint.pod.addresses.map(\.family)) {
        let names = places.map { classes.pool[$0].names[family] }
        if names.count > 1 { state.retain(.ofAll(names, direction, family)) }
        let chain = names.count > 1 ? Chain.ofAll(names, direction, family).name : names[0]
        for address in endpoint.pod.addresses where address.family == family {
          state.send(address, direction, to: chain)
        }
      }
      if policies.count == 1 { enterClassOfClusterTiers(id, endpoint.pod, policies[0], direction) }
    }
    if isIsolated { setOwn(endpoint.pod, true) }
  }

  /// Enters a pod of one identity into the class that the tiers of ClusterNetworkPolicy alone make for it. With addresses
  /// of several pods and these tiers the cluster is compiled as a whole.
  private mutating func enterClassOfClusterTiers(
    _ id: Int, _ pod: Pod, _ policies: [PolicyID], _ direction: Direction
  ) {
    guard let own = policyClass(of: pod, classes.clusterTiers(of: policies, direction), direction) else {
      return
    }
    classes.count(pod, in: own, 1)
    peers.setClassOfClusterTiers(own, of: id, direction)
    for address in pod.addresses {
      state.sendByClusterTiers(address, direction, to: classes.pool[own].names[address.family])
    }
  }

  /// The class that tiers make for a pod in a direction; nil where there is no tier.
  private mutating func policyClass(of pod: Pod, _ tiers: [Tier], _ direction: Direction) -> Int? {
    if tiers.isEmpty { return nil }
    let entries = tiers.lazy.flatMap(\.entries)
    let ports = direction == .ingress ? pod.ports(namedBy: entries) : []
    // By name: another priority of a policy makes no other class, whose chains could not have the same names.
    let key = ClassState.Key(direction: direction, policies: entries.map(\.policy).sorted(), ports: ports)
    return classes.number(key, tiers)
  }

  mutating func leaveClasses(_ id: Int) {
    guard let endpoint = peers.endpoints[id], endpoint.isSubject else { return }
    noteOwnKind(id)
    if endpoint.classes.isEmpty { return }
    for (direction, places) in endpoint.classes {
      for number in places { classes.count(endpoint.pod, in: number, -1) }
      peers.setClasses(nil, of: id, direction)
      for family in Set(endpoint.pod.addresses.map(\.family)) where places.count > 1 {
        let names = places.map { classes.pool[$0].names[family] }
        state.release(ClassObjects(chains: [Chain.ofAll(names, direction, family).name]))
      }
      for address in endpoint.pod.addresses { state.send(address, direction, to: nil) }
    }
    for (direction, number) in endpoint.classesOfClusterTiers {
      classes.count(endpoint.pod, in: number, -1)
      peers.setClassOfClusterTiers(nil, of: id, direction)
      for address in endpoint.pod.addresses { state.sendByClusterTiers(address, direction, to: nil) }
    }
    setOwn(endpoint.pod, nil)
  }

  /// Only a node's table has slices, which ask for kinds.
  private mutating func noteOwnKind(_ id: Int) {
    if options.node != nil { ownKinds.touch(id) }
  }

  /// An isolated pod reaches itself.
  private mutating func setOwn(_ pod: Pod, _ value: Bool?) {
    for source in pod.addresses {
      for destination in pod.addresses where destination.family == source.family {
        state.own[source.family][OwnPair(source: source.bits, destination: destination.bits)] = value
      }
    }
  }

  private mutating func findPolicies(ofGroup group: Int) -> [[PolicyID]] {
    let policies = peers.groups[group].identities.map { pods in
      classes.policies(selecting: pods, peers.labels(ofNamespace: pods.namespace), &peers.steps)
    }
    peers.setPolicies(policies, ofGroup: group)
    return policies
  }

  /// Gives a namespace other labels, and its pods the policies that select it now.
  mutating func relabel(_ change: LiveCluster.Change.NamespaceLabels) {
    let groups = classes.asksForNamespaces ? peers.groups(ofNamespace: change.name) : []
    let subjects = groups.map { peers.groups[$0].subjects }
    for id in subjects.joined() { leaveClasses(id) }
    peers.relabel(change.name, change.after)
    for group in groups { peers.setPolicies(nil, ofGroup: group) }
    for id in subjects.joined() { enterClasses(id) }
  }

  mutating func replace(_ change: LiveCluster.Change.PolicyChange) {
    let subjects = [change.before, change.after].compactMap { $0?.subjects }
    let candidates =
      subjects.allSatisfy { $0.namespaces == .own }
      ? peers.groups(ofNamespace: change.id.namespace ?? "") : peers.allGroups
    let concerned = candidates.filter { group in
      subjects.contains { peers.contains($0, of: change.id, group: group) }
    }
    peers.steps += concerned.count
    let members = concerned.map { peers.groups[$0].subjects }
    for id in members.joined() { leaveClasses(id) }
    classes.replace(change)
    for group in concerned { peers.setPolicies(nil, ofGroup: group) }
    for id in members.joined() { enterClasses(id) }
    classes.refresh(change.id)
  }
}
