import Connectivity
import PolicyModel
import Reachability

/// Two revisions as specifications in one store. Where only policies differ, they are worked out only for the pods
/// that a changed policy selects, and for those that the caller adds: all others mean the same on both sides.
struct RevisionPair {
  let old: Cluster
  let new: Cluster
  let common: CommonPods
  let policiesDiffer: Bool
  /// The policies that only one revision has or that differ, as each has them.
  let changedPolicies: (old: [Policy], new: [Policy])
  /// True where the changed policies have one normal form, and no namespace has other labels.
  let isSameForEveryPod: Bool
  private let node: String?
  private let store: DiagramStore
  /// For each pod of either inventory, which are the same, whether a changed policy selects it; nil: the inventories
  /// differ, and any pod may mean something else than before.
  private let touched: [Bool]?
  private let former: Specification
  private let latter: Specification
  /// The meaning of pods that no changed policy selects, once it was computed.
  private var unchanged: Specification?

  /// Two revisions. Where the whole meaning of one is known, in the same store, it is not worked out again.
  init(
    _ before: Cluster, _ after: Cluster, node: String?, in store: DiagramStore, known: Specification? = nil,
    knownNew: Specification? = nil
  ) {
    let renames = Renames(before, after)
    let after = renames.placing(after, like: before)
    (old, new, self.node, self.store) = (before, after, node, store)
    unchanged = known
    common = CommonPods(before, after, renamed: renames.former, isEveryPod: true)
    let changed = Self.changedPolicies(before, after)
    changedPolicies = changed
    policiesDiffer = !changed.old.isEmpty || !changed.new.isEmpty
    isSameForEveryPod =
      NormalPolicies.areEqual(changed.old, changed.new)
      && Set(before.namespaces.keys).union(after.namespaces.keys).allSatisfy {
        before.labels(ofNamespace: $0) == after.labels(ofNamespace: $0)
      }
    guard Self.sameInventory(before, after) else {
      touched = nil
      former = known ?? Specification(before, node: node, in: store)
      latter = knownNew ?? Specification(after, node: node, in: store)
      return
    }
    let touched = Self.selected(by: changed.old + changed.new, after)
    self.touched = touched
    let subjects = Self.subjects(after, node) { touched[$0] }
    former = known ?? Specification(before, in: store, subjects: subjects)
    latter = knownNew ?? Specification(after, in: store, subjects: subjects)
  }

  /// A pod of `common` as the new revision has it, or else the old one.
  func anyPod(_ pod: Int) -> Pod {
    if let place = common.new(pod) { return new.pods[place] }
    guard let place = common.old(pod) else { preconditionFailure("a pod of neither revision") }
    return old.pods[place]
  }

  /// True where a pod of `common` may mean something else than before.
  func mayDiffer(_ pod: Int) -> Bool {
    guard let touched, pod < common.pairs.count else { return true }
    return touched[common.pairs[pod].new]
  }

  /// Works out what pods of `common` mean of which `mayDiffer` says no. To be called once, before they are asked for.
  mutating func include(_ pods: Set<Int>) {
    guard touched != nil, unchanged == nil else { return }
    let places = Set(pods.map { common.pairs[$0].old })
    unchanged = Specification(old, in: store, subjects: Self.subjects(old, node, where: places.contains))
  }

  /// The profiles of a pod of both revisions, before and after.
  func profiles(_ pod: Int, _ direction: Direction) -> (old: Profile, new: Profile) {
    guard pod < common.pairs.count else {
      return (
        common.old(pod).map { former.profile(ofPod: $0, direction) } ?? .absent,
        common.new(pod).map { latter.profile(ofPod: $0, direction) } ?? .absent
      )
    }
    let pair = common.pairs[pod]
    guard mayDiffer(pod) else {
      guard let unchanged else { preconditionFailure("a pod that was not included") }
      let profile = unchanged.profile(ofPod: pair.old, direction)
      return (profile, profile)
    }
    return (former.profile(ofPod: pair.old, direction), latter.profile(ofPod: pair.new, direction))
  }

  /// The classes of a pod in the old and the new revision; pods of equal classes are treated alike.
  func classes(_ pod: Int) -> ClassPair {
    guard pod < common.pairs.count else {
      // Pods of one revision only are in groups of their own, subjects or not.
      return ClassPair(
        old: common.old(pod).map { former.classIndex(ofPod: $0) ?? -1 } ?? -3,
        new: common.new(pod).map { latter.classIndex(ofPod: $0) ?? -1 } ?? -3)
    }
    let pair = common.pairs[pod]
    guard mayDiffer(pod) else {
      return ClassPair(old: unchanged?.classIndex(ofPod: pair.old) ?? -1, new: -2)
    }
    return ClassPair(
      old: former.classIndex(ofPod: pair.old) ?? -1, new: latter.classIndex(ofPod: pair.new) ?? -1)
  }

  struct ClassPair: Hashable {
    let old: Int
    let new: Int
  }

  /// For each pod whether it is a subject on the node and the condition holds.
  private static func subjects(
    _ cluster: Cluster, _ node: String?, where condition: (Int) -> Bool
  ) -> [Bool] {
    cluster.pods.indices.map { condition($0) && (node.map(cluster.pods[$0].isOn) ?? true) }
  }

  /// For each pod whether any of the policies selects it.
  private static func selected(by policies: [Policy], _ cluster: Cluster) -> [Bool] {
    let ofNamespace = Dictionary(
      grouping: policies.filter { $0.subjects.namespaces == .own }, by: \.id.namespace)
    let clusterWide = policies.filter { $0.subjects.namespaces != .own }
    var result = Array(repeating: false, count: cluster.pods.count)
    // The pods of a run carry the same labels.
    for run in cluster.podRuns {
      let isSelected = cluster.pods[run.lowerBound].readings.contains { reading in
        let own = ofNamespace[reading.namespace] ?? []
        return own.contains { $0.subjects.pods.matches(reading.labels) }
          || clusterWide.contains { policy in
            guard case .matching(let selector) = policy.subjects.namespaces else { return false }
            return policy.subjects.pods.matches(reading.labels)
              && selector.matches(cluster.labels(ofNamespace: reading.namespace))
          }
      }
      if !isSelected { continue }
      for pod in run { result[pod] = true }
    }
    return result
  }

  private static func sameInventory(_ old: Cluster, _ new: Cluster) -> Bool {
    old.namespaces == new.namespaces
      && old.pods.elementsEqual(new.pods) {
        $0.name == $1.name && $0.namespace == $1.namespace && $0.kind == $1.kind && $0.labels == $1.labels
          && $0.addresses == $1.addresses && $0.namedPorts == $1.namedPorts && $0.node == $1.node
          && $0.claimants == $1.claimants
      }
  }

  /// The policies that only one revision has or that differ, each as either revision has it.
  private static func changedPolicies(
    _ old: Cluster, _ new: Cluster
  ) -> (old: [Policy], new: [Policy]) {
    var rest = Dictionary(old.policies.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var changed: (old: [Policy], new: [Policy]) = ([], [])
    for policy in new.policies {
      guard let former = rest.removeValue(forKey: policy.id) else {
        changed.new.append(policy)
        continue
      }
      if former.saysTheSame(as: policy) { continue }
      changed.old.append(former)
      changed.new.append(policy)
    }
    return (changed.old + rest.values, changed.new)
  }
}
