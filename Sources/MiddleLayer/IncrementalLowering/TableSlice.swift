import Addresses
import Lowering
public import PolicyModel
public import Ruleset

/// The part of a table, and of the cluster that it was made of, in which every packet of pods that changed can be judged.
///
/// Where the slice does what its policies say, and the whole did so before the change, the whole does so now:
///
/// - *Kept* are the node's own pods, the pods that changed, and of an own pod that changed every pod that its policies name. The
///   table's sets have the elements of these alone. A packet between addresses of kept pods or of no pod finds the same
///   elements in the slice and in the whole.
/// - A packet of a pod that is not kept meets a pod that did not change, whose rules did not either; or a pod of another node, and
///   then no chain of a pod is asked; or an own pod that changed, none of whose policies names it and none of whose sets has it.
public struct TableSlice: Sendable {
  /// The table with the elements of the kept pods.
  public let table: Table
  /// The kept pods, with the policies that can select the node's own.
  public let cluster: Cluster
}

extension IncrementalCompiler {
  /// The slice in which a change that was taken last can be judged; nil where only the whole can be: without a node, with
  /// ClusterNetworkPolicies, with addresses of several pods, with rules that know pods by maps, and where more than pods
  /// changed. O(n) in the policies and the pods that are kept, besides the parts of the own pods.
  public func slice(of change: Change) -> TableSlice? {
    guard options.node != nil, change.isOfPods, !isCompiledWhole, !state.hasClusterTiers,
      !classes.asksForNamespaces, !hasSharedAddresses, state.maps.current.isEmpty,
      change.delta.isOnly(about: change.addresses)
    else { return nil }
    var kept = peers.subjects
    var reach: Set<Int> = []
    var chains: Set<String> = []
    var isComplete: [(query: Int, IPFamily)] = []
    for endpoint in change.endpoints {
      guard let now = peers.endpoints[endpoint.id], endpoint.after != nil else { continue }
      kept.insert(endpoint.id)
      guard now.isSubject else { continue }
      guard let named = groups(namedByPoliciesOf: now.pod) else { return nil }
      reach.formUnion(named)
      for number in now.classes.values.joined() {
        for family in IPFamily.allCases {
          guard let parts = classes.pool[number].parts[family] else { continue }
          chains.formUnion(parts.chains)
          for name in parts.sets {
            if case .pods(_, let query, let family) = state.sets.current[name] {
              isComplete.append((query, family))
            }
          }
        }
      }
    }
    guard change.delta.addedChains.allSatisfy({ chains.contains($0.name) }) else { return nil }
    for group in reach { kept.formUnion(peers.groups[group].members) }
    let members = Dictionary(grouping: kept) { peers.endpoints[$0]?.group ?? -1 }
    let present = Set(members.keys)
    func elements(_ query: Int, _ family: IPFamily) -> [UInt128] {
      let asked = peers.queries[query]
      let groups = peers.selections[asked.selection].groups
      let common =
        groups.count < members.count
        ? groups.filter(present.contains) : present.filter(groups.contains)
      let found = common.flatMap { members[$0] ?? [] }.compactMap { peers.endpoints[$0]?.pod }
      return Set(found.flatMap { asked.addresses(of: $0) }.filter { $0.family == family }.map(\.bits))
        .sorted()
    }
    // A set of a changed pod's chains has no pod that its policies do not name.
    for (query, family) in isComplete
    where elements(query, family).count != peers.queries[query].counts[family] { return nil }
    guard let cluster = cluster(of: kept) else { return nil }
    return TableSlice(table: state.table(elements: elements), cluster: cluster)
  }

  /// The groups of pods that a policy of an own pod names as other ends; nil where one asks any pod for the number of a port's
  /// name.
  private func groups(namedByPoliciesOf pod: Pod) -> Set<Int>? {
    var found: Set<Int> = []
    for policy in cluster.policies(ofNamespace: pod.namespace)
    where policy.subjects.pods.matches(pod.labels) {
      for rule in Direction.allCases.compactMap({ policy.rules($0) }).joined() {
        let isNamed = rule.ports.entries.contains { $0.ports.name != nil }
        if isNamed, rule.peers == .everything { return nil }
        for peer in rule.peers.entries {
          switch peer.kind {
          case .pods(let scope, let selector):
            found.formUnion(groups(of: scope, selector, from: pod.namespace))
          case .ipBlock where isNamed: return nil
          case .ipBlock: break
          }
        }
      }
    }
    return found
  }

  private func groups(
    of scope: NamespaceScope, _ selector: LabelSelector, from namespace: String
  ) -> [Int] {
    let names: [String] =
      switch scope {
      case .own: [namespace]
      case .matching(let wanted):
        peers.namespaces.keys.filter { wanted.matches(cluster.labels(ofNamespace: $0)) }
      }
    return names.flatMap { peers.groups(ofNamespace: $0) }.filter {
      selector.matches(peers.groups[$0].labels)
    }
  }

  /// The cluster of some pods, with the policies that can select those of them that are the node's own; nil where the guard of
  /// unknown pods knows others.
  private func cluster(of kept: Set<Int>) -> Cluster? {
    let endpoints = kept.compactMap { peers.endpoints[$0] }
    let addresses = Set(endpoints.flatMap(\.pod.addresses))
    for family in IPFamily.allCases {
      guard
        state.known[family].current.keys.allSatisfy({ addresses.contains(IPAddress(family, bits: $0)) })
      else { return nil }
    }
    let own = Set(endpoints.lazy.filter(\.isSubject).map(\.pod.namespace))
    let pods = endpoints.map(\.pod).sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    let names = own.union(pods.map(\.namespace))
    return Cluster(
      policies: own.flatMap { cluster.policies(ofNamespace: $0) },
      namespaces: Dictionary(uniqueKeysWithValues: names.map { ($0, cluster.labels(ofNamespace: $0)) }),
      pods: pods)
  }
}

extension TableDelta {
  /// True where no rule changes, and of sets and maps only the elements of some addresses.
  fileprivate func isOnly(about addresses: Set<IPAddress>) -> Bool {
    let bits = Set(addresses.map(\.bits))
    func isAbout(_ key: ElementKey) -> Bool { key.fields.allSatisfy { bits.contains($0.lower) } }
    return !needsReplacement && changedChains.isEmpty && addedMaps.isEmpty
      && changedSets.allSatisfy { $0.added.allSatisfy(isAbout) && $0.removed.allSatisfy(isAbout) }
      && changedMaps.allSatisfy { map in (map.added + map.removed).allSatisfy { isAbout($0.key) } }
  }
}
