public import Addresses
import Connectivity
public import Diagnostics
public import PolicyModel
import Reachability

/// A statement about a cluster's policies that must hold.
public struct AccessExpectation: Sendable {
  /// True where connections must pass or must not.
  public enum Verdict: String, Sendable {
    /// They must pass.
    case allow
    /// They must not.
    case deny
    /// They must not but from the senders that are named: from no other pod, of today or to come, and no other address.
    case only
  }

  /// The number of a group's ends that a statement is about.
  public enum Quantifier: String, Sendable {
    /// Every end of the group.
    case all
    /// At least one.
    case some
  }

  /// Pods, or addresses outside, that an expectation speaks of.
  public struct Group: Sendable {
    /// The number of ends that the statement is about.
    public var quantifier: Quantifier = .all
    /// The one namespace, if one is named.
    public var namespace: String?
    /// Not the pods of this namespace.
    public var outsideNamespace: String?
    /// Namespaces by their labels.
    public var namespaceLabels: Labels = Labels()
    /// Pods by their labels.
    public var labels: Labels = Labels()
    /// Pods by a selector as kubectl takes it; `{}` for all.
    public var selector = LabelSelector()
    /// Namespaces by a selector as kubectl takes it; `{}` for all.
    public var namespaceSelector = LabelSelector()
    /// Pods that are not of the group, though all else fits.
    public var exceptions: [Group] = []
    /// Addresses instead of pods. Pods with an address in the block count.
    public var block: CIDR?
    /// Pods to come too: any pod with the labels, whatever else it carries, in any namespace that is meant; with every
    /// address and every numbers behind port names that it may get.
    public var toCome = false
    /// Namespaces to come too: of a name that none has, with the labels, whatever else they carry. Only with `toCome`.
    public var namespacesToCome = false

    /// Creates a group of every pod.
    public init() {}
  }

  /// The name of the expectation.
  public let name: String
  /// Where it was written.
  public let location: SourceLocation
  /// True where connections must pass.
  public let verdict: Verdict
  /// The senders of the connection.
  public let source: Group
  /// The senders of `only`: no other pod or address may send.
  public var onlySources: [Group] = []
  /// The receivers of the connection.
  public let destination: Group
  /// Protocols and ports: all of them must be allowed, none may be.
  public let traffic: TrafficSet
}

extension AccessExpectation.Group {
  /// True where a pod is one of the group: by its labels, or by an address in the block.
  func contains(_ pod: Pod, _ cluster: Cluster) -> Bool {
    block.map { pod.addresses.contains(where: $0.contains) } ?? matches(pod, cluster)
  }

  /// True where a pod is one of the group.
  func matches(_ pod: Pod, _ cluster: Cluster) -> Bool {
    pod.readings.contains { matches($0.labels, $0.namespace, cluster.labels(ofNamespace: $0.namespace)) }
  }

  /// True where pods of a namespace may be of the group.
  func matches(namespace name: String, _ cluster: Cluster) -> Bool {
    matches(namespace: name, cluster.labels(ofNamespace: name))
  }

  /// True where a pod with these labels in a namespace with those is one of the group.
  func matches(_ own: Labels, _ namespace: String, _ namespaceLabels: Labels) -> Bool {
    matches(namespace: namespace, namespaceLabels)
      && labels.pairs.allSatisfy { own[$0.key] == $0.value } && selector.matches(own)
      && !exceptions.contains { $0.matches(own, namespace, namespaceLabels) }
  }

  private func matches(namespace name: String, _ labels: Labels) -> Bool {
    if let namespace, name != namespace { return false }
    if let outsideNamespace, name == outsideNamespace { return false }
    return namespaceSelector.matches(labels)
      && namespaceLabels.pairs.allSatisfy { labels[$0.key] == $0.value }
  }

  /// Conditions that the group and its exceptions ask of the labels of pods and of namespaces, so that no kind of pods is partly in it.
  var conditions: [LabelCondition] {
    var namespaces = namespaceSelector.requirements + LabelSelector(matchLabels: namespaceLabels).requirements
    if let namespace { namespaces.append(.init(Namespace.nameLabel, .isIn, [namespace])) }
    if let outsideNamespace { namespaces.append(.init(Namespace.nameLabel, .notIn, [outsideNamespace])) }
    let own = LabelCondition(
      pod: LabelSelector(selector.requirements + LabelSelector(matchLabels: labels).requirements),
      namespace: LabelSelector(namespaces))
    return [own] + exceptions.flatMap(\.conditions)
  }
}
