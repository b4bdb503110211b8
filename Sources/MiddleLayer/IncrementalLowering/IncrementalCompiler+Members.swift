import Addresses
import Lowering
import PolicyModel

extension IncrementalCompiler {
  mutating func enterClasses(_ id: Int) {
    guard let endpoint = peers.endpoints[id], endpoint.isSubject else { return }
    let policies = peers.groups[endpoint.group].policies
    if policies.isEmpty { return }
    for direction in Direction.allCases {
      let tiers = classes.tiers(of: policies, direction)
      if tiers.isEmpty { continue }
      let entries = tiers.lazy.flatMap(\.entries)
      peers.steps += policies.count
      let ports = direction == .ingress ? endpoint.pod.ports(namedBy: entries) : []
      // By name: another priority of a policy makes no other class, whose chains could not have the same names.
      let key = ClassState.Key(direction: direction, policies: entries.map(\.policy).sorted(), ports: ports)
      let number = classes.number(key, tiers)
      classes.count(endpoint.pod, in: number, 1)
      peers.setClass(number, of: id, direction)
      for address in endpoint.pod.addresses {
        state.send(address, direction, to: classes.pool[number].names[address.family])
      }
    }
    setOwn(endpoint.pod, true)
  }

  mutating func leaveClasses(_ id: Int) {
    guard let endpoint = peers.endpoints[id], !endpoint.classes.isEmpty else { return }
    for (direction, number) in endpoint.classes {
      classes.count(endpoint.pod, in: number, -1)
      peers.setClass(nil, of: id, direction)
      for address in endpoint.pod.addresses { state.send(address, direction, to: nil) }
    }
    setOwn(endpoint.pod, nil)
  }

  /// An isolated pod reaches itself.
  private mutating func setOwn(_ pod: Pod, _ value: Bool?) {
    for source in pod.addresses {
      for destination in pod.addresses where destination.family == source.family {
        state.own[source.family][OwnPair(source: source.bits, destination: destination.bits)] = value
      }
    }
  }

  mutating func findPolicies(ofGroup group: Int) {
    let labels = peers.labels(ofNamespace: peers.groups[group].namespace)
    let policies = classes.policies(selecting: peers.groups[group], labels, &peers.steps)
    peers.setPolicies(policies, ofGroup: group)
  }

  /// Gives a namespace other labels, and its pods the policies that select it now.
  mutating func relabel(_ change: LiveCluster.Change.NamespaceLabels) {
    let groups = classes.asksForNamespaces ? peers.groups(ofNamespace: change.name) : []
    let subjects = groups.map { peers.groups[$0].subjects }
    for id in subjects.joined() { leaveClasses(id) }
    peers.relabel(change.name, change.after)
    for group in groups { findPolicies(ofGroup: group) }
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
    for group in concerned { findPolicies(ofGroup: group) }
    for id in members.joined() { enterClasses(id) }
    classes.refresh(change.id)
  }
}
