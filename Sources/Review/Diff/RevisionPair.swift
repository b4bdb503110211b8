import PolicyModel
import Reachability

/// Two revisions as specifications in one store. Where only policies differ, the new one is worked out only for the
/// pods that a changed policy selects: the others mean what they meant.
struct RevisionPair {
  let old: Specification
  let new: Specification
  let common: CommonPods
  let policiesDiffer: Bool
  /// Whether a pod of `common` may mean something else than before; nil: all may.
  private let touched: [Bool]?

  init(_ before: Cluster, _ after: Cluster, node: String?, in store: DiagramStore) {
    common = CommonPods(before, after)
    old = Specification(before, node: node, in: store)
    let changed = Self.changedPolicies(before, after)
    policiesDiffer = !changed.isEmpty
    guard Self.sameInventory(before, after) else {
      touched = nil
      new = Specification(after, node: node, in: store)
      return
    }
    let selectors = Dictionary(grouping: changed, by: \.id.namespace)
    func isTouched(_ pod: Pod) -> Bool {
      guard let policies = selectors[pod.namespace] else { return false }
      return policies.contains { $0.podSelector.matches(pod.labels) }
    }
    touched = after.pods.map { isTouched($0) }
    new = Specification(after, in: store) { (node == nil || $0.node == node) && isTouched($0) }
  }

  /// What a pod of both revisions was allowed, and is.
  func profiles(_ pod: Int, _ direction: Direction) -> (old: Profile, new: Profile) {
    let pair = common.pairs[pod]
    let former = old.profile(ofPod: pair.old, direction)
    if let touched, !touched[pair.new] { return (former, former) }
    return (former, new.profile(ofPod: pair.new, direction))
  }

  /// The classes of a pod in the old and the new revision; pods of equal classes are treated alike.
  func classes(_ pod: Int) -> ClassPair {
    let pair = common.pairs[pod]
    let isTouched = touched?[pair.new] ?? true
    return ClassPair(
      old: old.classIndex(ofPod: pair.old) ?? -1,
      new: isTouched ? (new.classIndex(ofPod: pair.new) ?? -1) : -2)
  }

  struct ClassPair: Hashable {
    let old: Int
    let new: Int
  }

  private static func sameInventory(_ old: Cluster, _ new: Cluster) -> Bool {
    old.namespaces == new.namespaces
      && old.pods.elementsEqual(new.pods) {
        $0.name == $1.name && $0.namespace == $1.namespace && $0.kind == $1.kind && $0.labels == $1.labels
          && $0.addresses == $1.addresses && $0.namedPorts == $1.namedPorts && $0.node == $1.node
      }
  }

  /// The policies that only one revision has or that differ, each as either revision has it.
  private static func changedPolicies(_ old: Cluster, _ new: Cluster) -> [NetworkPolicy] {
    var rest = Dictionary(old.policies.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var changed: [NetworkPolicy] = []
    for policy in new.policies {
      guard let former = rest.removeValue(forKey: policy.id) else {
        changed.append(policy)
        continue
      }
      if !former.saysTheSame(as: policy) { changed += [former, policy] }
    }
    return changed + rest.values
  }
}

extension NetworkPolicy {
  /// Whether two policies have the same content, wherever it was written.
  func saysTheSame(as other: NetworkPolicy) -> Bool {
    id == other.id && hasContent(of: other)
  }

  /// Whether two policies select and allow the same by the same words, whatever their names.
  func hasContent(of other: NetworkPolicy) -> Bool {
    podSelector == other.podSelector && isolates == other.isolates
      && Self.same(ingress, other.ingress) && Self.same(egress, other.egress)
  }

  private static func same(_ left: [PolicyRule], _ right: [PolicyRule]) -> Bool {
    left.elementsEqual(right) { left, right in
      left.peers.entries.elementsEqual(right.peers.entries) { $0.kind == $1.kind }
        && left.ports.entries.elementsEqual(right.ports.entries) {
          $0.transport == $1.transport && $0.ports == $1.ports
        }
    }
  }
}
