public import Addresses
public import Diagnostics

/// A cluster that changes object by object, with the rules of `Cluster.resolve`: finished pods go, each address is one
/// pod's, or of several with an equal claim, a namespace without a manifest has its name label.
///
/// What an event costs depends on the objects it names and on those that claim the same addresses, not on how many
/// others there are; only a node whose `podCIDRs` change is held against all nodes.
public struct LiveCluster: Sendable {
  /// Objects that contradict each other: what they came with was not taken.
  public struct Contradiction: Error, Sendable {
    /// The errors, in reading order.
    public let diagnostics: [Diagnostic]

    /// A contradiction warned by these errors.
    public init(_ diagnostics: [Diagnostic]) {
      self.diagnostics = diagnostics.sorted(by: Diagnostic.inReadingOrder)
    }
  }

  /// The combined changes of some events.
  public struct Change: Sendable {
    /// A pod as policies see it: on the pod network, with the addresses that are its own. Nil: not there.
    public struct Endpoint: Sendable {
      /// The pod's number, from 0; another pod may get it when this one is gone.
      public let id: Int
      /// The state before the events; nil for a new pod.
      public let before: Pod?
      /// The state after the events; nil for a removed pod.
      public let after: Pod?
    }

    /// A namespace whose labels are others now, written or not.
    public struct NamespaceLabels: Sendable {
      /// The namespace's name.
      public let name: String
      /// The labels it has now.
      public let after: Labels
    }

    /// A policy that came, went, or is another one now.
    public struct PolicyChange: Sendable {
      /// The policy's identity.
      public let id: PolicyID
      /// The state before the events; nil for a new policy.
      public let before: Policy?
      /// The state after the events; nil for a removed policy.
      public let after: Policy?
    }

    /// Pods, by number.
    public internal(set) var endpoints: [Endpoint] = []
    /// Namespaces, by name.
    public internal(set) var namespaces: [NamespaceLabels] = []
    /// Policies, by name.
    public internal(set) var policies: [PolicyChange] = []
    /// The warnings, in reading order; there are no errors among them.
    public internal(set) var warnings: [Diagnostic] = []
  }

  private var pods = PodStore()
  private var policies: [PolicyID: Policy] = [:]
  /// The policies of each namespace.
  private var policiesOf: [String: Set<PolicyID>] = [:]
  private var namespaces: [String: Namespace] = [:]
  private var nodes: [String: Node] = [:]
  /// Namespaces that are in use and not written, of which a warning was given.
  private var warned: Set<String> = []

  /// A cluster of nothing.
  public init() {}

  /// All objects, sorted: what a compile from the beginning would read. O(n log n).
  public var contents: ManifestContents {
    var contents = contentsWithoutPods
    contents.pods = pods.all
    return contents
  }

  /// The objects that are no pods, sorted: pods are many.
  var contentsWithoutPods: ManifestContents {
    var contents = ManifestContents()
    contents.policies = policies.values.sorted { $0.id < $1.id }
    contents.namespaces = namespaces.values.sorted { $0.name < $1.name }
    contents.nodes = nodes.values.sorted { $0.name < $1.name }
    return contents
  }

  /// The pods as policies see them, by namespace and name.
  var endpoints: [Pod] { pods.endpoints }

  /// The number of pods, whether policies see them or not.
  public var podCount: Int { pods.count }

  /// The pods, in no order.
  var podsInNoOrder: some Sequence<Pod> { pods.inNoOrder }

  /// The pod of a name; nil where there is none.
  func pod(_ name: PodName) -> Pod? { pods.pod(name) }

  /// The addresses that a pod shows; none for one that is not there.
  public func addresses(ofPod name: String, in namespace: String) -> [IPAddress] {
    pods.addresses(of: PodName(namespace: namespace, name: name))
  }

  /// The policies of a namespace, in no order.
  public func policies(ofNamespace name: String) -> [Policy] {
    (policiesOf[name] ?? []).compactMap { policies[$0] }
  }

  /// The labels of a namespace; one without a manifest has its name label.
  public func labels(ofNamespace name: String) -> Labels {
    namespaces[name]?.effectiveLabels ?? [Namespace.nameLabel: name]
  }

  /// Takes events together; of events about one object the last one counts.
  ///
  /// - Returns: what is different in all.
  public mutating func apply(_ events: [ClusterEvent]) -> Change {
    let wanted = Wanted(events)
    var change = Change()
    let podChange = pods.apply(wanted.pods)
    change.endpoints = podChange.endpoints
    let overlaps = self.overlaps(wanted.nodes)

    let nodesBefore = nodes
    for (name, node) in wanted.nodes { nodes[name] = node }
    for (name, namespace) in wanted.namespaces {
      let before = labels(ofNamespace: name)
      // A namespace that was written nowhere is one that is only named.
      namespaces[name] = namespace?.origin == nil ? nil : namespace
      if namespaces[name] != nil { warned.remove(name) }
      let after = labels(ofNamespace: name)
      if before != after { change.namespaces.append(.init(name: name, after: after)) }
    }
    change.policies = policyChanges(wanted.policies, nodesBefore)
    change.namespaces.sort { $0.name < $1.name }
    change.policies.sort { $0.id < $1.id }
    change.warnings = (podChange.warnings + overlaps + unknownNamespaces(change)).sorted(
      by: Diagnostic.inReadingOrder)
    return change
  }

  /// The state that each object should have after the events: the last event about an object counts, nil
  /// means deleted.
  private struct Wanted {
    var pods: [PodName: Pod?] = [:]
    var policies: [PolicyID: Policy?] = [:]
    var namespaces: [String: Namespace?] = [:]
    var nodes: [String: Node?] = [:]

    init(_ events: [ClusterEvent]) {
      for event in events {
        switch event {
        case .pod(let pod): pods[PodName(pod)] = .some(pod)
        case .podRemoved(let namespace, let name):
          pods[PodName(namespace: namespace, name: name)] = .some(nil)
        case .policy(let policy): policies[policy.id] = .some(policy)
        case .policyRemoved(let id): policies[id] = .some(nil)
        case .namespace(let namespace): namespaces[namespace.name] = .some(namespace)
        case .namespaceRemoved(let name): namespaces[name] = .some(nil)
        case .node(let node): nodes[node.name] = .some(node)
        case .nodeRemoved(let name): nodes[name] = .some(nil)
        }
      }
    }
  }

  /// Takes over policies, and returns those that changed: written so, or by the addresses of the nodes that they name.
  private mutating func policyChanges(
    _ wanted: [PolicyID: Policy?], _ nodesBefore: [String: Node]
  ) -> [Change.PolicyChange] {
    let hasNodesChanged = nodes != nodesBefore
    var before: [PolicyID: Policy?] = [:]
    for (id, policy) in wanted where policies[id] != policy { before[id] = .some(policies[id]) }
    if hasNodesChanged {
      for (id, policy) in policies where policy.hasNodePeers { before[id] = .some(policy) }
    }
    if before.isEmpty { return [] }
    for (id, policy) in wanted {
      policies[id] = policy
      guard let namespace = id.namespace else { continue }
      if policy == nil {
        policiesOf[namespace]?.remove(id)
        if policiesOf[namespace]?.isEmpty == true { policiesOf[namespace] = nil }
      } else {
        policiesOf[namespace, default: []].insert(id)
      }
    }
    // Few policies name nodes, and only these are resolved.
    lazy var listedBefore = nodesBefore.values.sorted { $0.name < $1.name }
    lazy var listed = nodes.values.sorted { $0.name < $1.name }
    return before.compactMap { id, old in
      let old = old.map { $0.hasNodePeers ? $0.resolvingNodes(listedBefore) : $0 }
      let new = policies[id].map { $0.hasNodePeers ? $0.resolvingNodes(listed) : $0 }
      return old == new ? nil : Change.PolicyChange(id: id, before: old, after: new)
    }
  }

  private func overlaps(_ wanted: [String: Node?]) -> [Diagnostic] {
    guard wanted.contains(where: { name, node in (nodes[name]?.podCIDRs ?? []) != (node?.podCIDRs ?? []) })
    else { return [] }
    var after = nodes
    for (name, node) in wanted { after[name] = node }
    var warnings: [Diagnostic] = []
    Cluster.overlappingNodes(after.values.sorted { $0.name < $1.name }, &warnings)
    return warnings
  }

  private mutating func unknownNamespaces(_ change: Change) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    func warn(
      _ name: String, _ user: @autoclosure () -> String, _ origin: Origin, _ warned: inout Set<String>
    ) {
      guard namespaces[name] == nil, warned.insert(name).inserted else { return }
      warnings.append(Cluster.unknownNamespace(name, of: user(), at: origin))
    }
    for case let policy? in change.policies.map(\.after) {
      guard let namespace = policy.id.namespace else { continue }
      warn(namespace, policy.id.words, policy.origin, &warned)
    }
    for endpoint in change.endpoints {
      guard let after = endpoint.after, !after.claimants.isEmpty || namespaces[after.namespace] == nil else {
        continue
      }
      for pod in after.readings {
        warn(pod.namespace, "\(pod.kind) \(pod.displayName)", pod.origin, &warned)
      }
    }
    return warnings.sorted(by: Diagnostic.inReadingOrder)
  }
}
