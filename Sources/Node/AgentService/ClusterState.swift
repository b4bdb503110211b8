import Addresses
import Diagnostics
import KubernetesAPI
import NodeAgent
import NodeCompiler
import PolicyModel

/// The cluster as the loop knows it: lists as they come in, and what is in force of them.
struct ClusterState {
  /// The result of a complete list.
  enum ListResult {
    /// It is taken; these events follow. Before everything is in sync they mean nothing.
    case taken([ClusterEvent])
    /// It is held for this reason.
    case held(String)
  }

  private let options: AgentOptions
  private(set) var view: ClusterView
  private(set) var namespaces: [String: Namespace] = [:]
  private(set) var policies: [PolicyID: Policy] = [:]
  /// The policies of the cluster: ClusterNetworkPolicies.
  private(set) var clusterPolicies: [PolicyID: Policy] = [:]
  private(set) var node: Node?
  /// True where the Node has lost the blocks that are kept.
  private(set) var keepsBlocks = false
  /// The other nodes, where a policy asks for nodes.
  private var otherNodes: [String: Node] = [:]
  /// The policies of the cluster that name nodes. While there is none, the list of nodes is not waited for.
  private var namingNodes: Set<PolicyID> = []
  /// True where a policy of the cluster names nodes.
  var needsNodes: Bool { !namingNodes.isEmpty }
  /// The kinds of which a list was taken.
  private(set) var synced: Set<FollowedKind> = []
  /// Objects that cannot be read, with the reason, by kind and name.
  private(set) var unreadable: [String: String] = [:]
  /// Policies of the cluster with parts that are not understood and are closed, with the reason, by kind and name.
  private(set) var closed: [String: String] = [:]
  /// Objects of which a part is left out, with the reason, by kind and name.
  private(set) var partial: [String: String] = [:]
  private var hold: ListHold
  private var lists: [FollowedKind: Listing] = [:]

  private struct Listing {
    var pods = ListedPods()
    var namespaces: [String: Namespace] = [:]
    var policies: [PolicyID: Policy] = [:]
    var nodes: [String: Node] = [:]
    /// Objects that cannot be read: what is known of pods and namespaces stays.
    var kept: Set<String> = []
    /// Objects with an entry in `unreadable`, `closed` or `partial`, as these name them.
    var noted: Set<String> = []

    /// True where it has no object.
    var isEmpty: Bool {
      pods.all.isEmpty && namespaces.isEmpty && policies.isEmpty && nodes.isEmpty && kept.isEmpty
    }

    /// The names of objects of other kinds than pods, as keys of headers are written, and of those that cannot be read.
    var names: Set<String> {
      var names = kept
      for policy in policies.keys { names.insert("\(policy)") }
      return names.union(namespaces.keys).union(nodes.keys)
    }
  }

  init(_ options: AgentOptions) {
    self.options = options
    view = ClusterView(node: options.node)
    hold = ListHold(maxReleased: options.maxReleased, acceptsAll: options.acceptsRelist)
  }

  /// The kinds that are needed and of which no list was taken.
  var missing: [FollowedKind] {
    FollowedKind.allCases.filter { !synced.contains($0) && ($0 != .nodes || needsNodes) }
  }

  /// True where a list of every kind that is needed was taken.
  var isComplete: Bool { missing.isEmpty }
  /// The kinds of which a list is held.
  var heldKinds: [String] { hold.kinds }

  // MARK: Objects

  /// An object was added or changed.
  mutating func put(
    _ kind: FollowedKind, _ object: ReadObject, _ header: ObjectHeader?, closing: Policy?
  ) -> [ClusterEvent] {
    let name = "\(kind.rawValue) \(header.map { "\($0.key)" } ?? "without a name")"
    var object = object
    (closed[name], partial[name]) = (nil, nil)
    if case .partial(let whole, let reasons) = object {
      partial[name] = reasons.first?.message
      if header != nil { lists[kind]?.noted.insert(name) }
      object = whole
    }
    if case .closed(let policy, let reasons) = object {
      closed[name] = reasons.first?.message
      if header != nil { lists[kind]?.noted.insert(name) }
      object = .policy(policy)
    }
    if case .unreadable(let errors) = object {
      unreadable[name] = errors.first?.message ?? "it is no such object"
      if header != nil { lists[kind]?.noted.insert(name) }
      if let closing { object = .policy(closing) }
    } else {
      unreadable[name] = nil
    }
    if lists[kind] != nil {
      collect(kind, object, header)
      return []
    }
    switch object {
    case .pod(let pod):
      return view.put(apiPod(pod, header))
    case .namespace(let namespace):
      namespaces[namespace.name] = namespace
      return [.namespace(namespace)]
    case .policy(let policy):
      if kind == .clusterPolicies { take(clusterPolicy: policy) } else { policies[policy.id] = policy }
      return [.policy(policy)]
    case .node(let node):
      if node.name == options.node {
        guard kind == .node else { return [] }
        let own = keepingBlocks(node)
        self.node = own
        return [.node(own)]
      } else {
        guard kind == .nodes else { return [] }
        otherNodes[node.name] = node
      }
      return [.node(node)]
    case .unreadable, .closed, .partial: return []
    }
  }

  /// This node as it is now. Its blocks stay where it has none any more: they guard its pods.
  private mutating func keepingBlocks(_ node: Node) -> Node {
    let former = self.node?.podCIDRs ?? []
    keepsBlocks = node.podCIDRs.isEmpty && !former.isEmpty
    guard keepsBlocks else { return node }
    return Node(
      name: node.name, labels: node.labels, addresses: node.addresses, podCIDRs: former, origin: node.origin)
  }

  /// A pod with its UID where that matters: the runtime tells of this node's pods only.
  private func apiPod(_ pod: Pod, _ header: ObjectHeader?) -> ClusterView.APIPod {
    guard pod.node == options.node else { return .init(pod: pod, uid: "") }
    return .init(pod: pod, uid: header?.uid ?? "", mirror: header?.mirror)
  }

  private mutating func collect(_ kind: FollowedKind, _ object: ReadObject, _ header: ObjectHeader?) {
    if lists[kind]?.kept.isEmpty == false, let key = header?.key { lists[kind]?.kept.remove("\(key)") }
    switch object {
    case .pod(let pod):
      let listed = apiPod(pod, header)
      // What is known already is kept once.
      let known = view.pod(namespace: pod.namespace, name: pod.name)
      lists[kind]?.pods.put(known == listed ? known ?? listed : listed)
    case .namespace(let namespace): lists[kind]?.namespaces[namespace.name] = namespace
    case .policy(let policy): lists[kind]?.policies[policy.id] = policy
    case .node(let node):
      if (node.name == options.node) == (kind == .node) { lists[kind]?.nodes[node.name] = node }
    case .unreadable, .closed, .partial:
      // What came before in this list is newer than what is known.
      if let key = header?.key { lists[kind]?.kept.insert("\(key)") }
    }
  }

  /// An object is gone.
  mutating func remove(_ kind: FollowedKind, _ key: ObjectHeader.Key) -> [ClusterEvent] {
    unreadable["\(kind.rawValue) \(key)"] = nil
    closed["\(kind.rawValue) \(key)"] = nil
    partial["\(kind.rawValue) \(key)"] = nil
    if lists[kind] != nil {
      switch kind {
      case .pods: lists[kind]?.pods.remove(namespace: key.namespace, name: key.name)
      case .namespaces: lists[kind]?.namespaces[key.name] = nil
      case .policies, .clusterPolicies: lists[kind]?.policies[Self.policyID(kind, key)] = nil
      case .node, .nodes: lists[kind]?.nodes[key.name] = nil
      }
      lists[kind]?.kept.remove("\(key)")
      return []
    }
    switch kind {
    case .pods: return view.remove(namespace: key.namespace, name: key.name)
    case .namespaces:
      namespaces[key.name] = nil
      return [.namespaceRemoved(key.name)]
    case .policies:
      let id = Self.policyID(kind, key)
      policies[id] = nil
      return [.policyRemoved(id)]
    case .clusterPolicies:
      let id = Self.policyID(kind, key)
      clusterPolicies[id] = nil
      namingNodes.remove(id)
      return [.policyRemoved(id)]
    case .nodes:
      return otherNodes.removeValue(forKey: key.name).map { [.nodeRemoved($0.name)] } ?? []
    case .node:
      // The node's blocks guard its pods for as long as the agent runs.
      return []
    }
  }

  // MARK: Lists

  mutating func beginList(_ kind: FollowedKind) { lists[kind] = Listing() }

  /// A list is complete.
  ///
  /// - Parameters:
  ///   - kind: the kind of the list's objects.
  ///   - former: the number of objects of the kind before the agent's start, where that is known.
  ///   - isTold: false where the events are not asked for.
  /// - Returns: the events that the list makes, or the reason to hold it.
  mutating func endList(_ kind: FollowedKind, former: Int?, isTold: Bool = true) -> ListResult {
    guard var list = lists.removeValue(forKey: kind) else { return .taken([]) }
    for name in list.kept { keep(name, kind, &list) }
    let known = count(kind)
    let own = kind == .pods ? ownNames(list) : nil
    if kind != .node, kind != .nodes,
      let reason = hold.reason(
        kind: kind.rawValue, isEmpty: list.isEmpty, result: own ?? list.names,
        former: synced.contains(kind) ? known : former ?? 0, isolated: released(kind, list))
    {
      return .held(reason)
    }
    synced.insert(kind)
    let gone = "\(kind.rawValue) "
    func isThere(_ name: String) -> Bool { !name.hasPrefix(gone) || list.noted.contains(name) }
    unreadable = unreadable.filter { isThere($0.key) }
    closed = closed.filter { isThere($0.key) }
    partial = partial.filter { isThere($0.key) }
    return .taken(take(kind, list, isTold))
  }

  /// Keeps what is known of an object that cannot be read, where the list has nothing else of it.
  private func keep(_ name: String, _ kind: FollowedKind, _ list: inout Listing) {
    switch kind {
    case .pods:
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2, list.pods[parts[0], parts[1]] == nil,
        let pod = view.pod(namespace: parts[0], name: parts[1])
      else { return }
      list.pods.put(pod)
    case .namespaces: list.namespaces[name] = list.namespaces[name] ?? namespaces[name]
    case .clusterPolicies:
      for (id, policy) in clusterPolicies where id.name == name {
        list.policies[id] = list.policies[id] ?? policy
      }
    case .nodes: list.nodes[name] = list.nodes[name] ?? otherNodes[name]
    case .policies, .node: break
    }
  }

  /// The number of objects that are known of a kind.
  private func count(_ kind: FollowedKind) -> Int {
    switch kind {
    case .pods: view.podCount
    case .policies: policies.count
    case .namespaces: namespaces.count
    case .clusterPolicies: clusterPolicies.count
    case .node, .nodes: 0
    }
  }

  private static func policyID(_ kind: FollowedKind, _ key: ObjectHeader.Key) -> PolicyID {
    kind == .clusterPolicies
      ? PolicyID(.clusterNetworkPolicy, namespace: nil, name: key.name)
      : PolicyID(namespace: key.namespace, name: key.name)
  }

  private mutating func take(clusterPolicy policy: Policy) {
    clusterPolicies[policy.id] = policy
    if policy.hasNodePeers { namingNodes.insert(policy.id) } else { namingNodes.remove(policy.id) }
  }

  private mutating func take(_ kind: FollowedKind, _ list: Listing, _ isTold: Bool) -> [ClusterEvent] {
    switch kind {
    case .pods: return view.replace(list.pods.all, isTold: isTold)
    case .namespaces:
      let gone = namespaces.keys.filter { list.namespaces[$0] == nil }
      namespaces = list.namespaces
      return gone.map { .namespaceRemoved($0) } + namespaces.values.map { .namespace($0) }
    case .policies:
      let gone = policies.keys.filter { list.policies[$0] == nil }
      policies = list.policies
      return gone.map { .policyRemoved($0) } + policies.values.map { .policy($0) }
    case .clusterPolicies:
      let gone = clusterPolicies.keys.filter { list.policies[$0] == nil }
      (clusterPolicies, namingNodes) = ([:], [])
      for policy in list.policies.values { take(clusterPolicy: policy) }
      return gone.map { .policyRemoved($0) } + clusterPolicies.values.map { .policy($0) }
    case .node:
      if let own = list.nodes[options.node] { node = keepingBlocks(own) }
      return node.map { [.node($0)] } ?? []
    case .nodes:
      let gone = otherNodes.keys.filter { list.nodes[$0] == nil }
      otherNodes = list.nodes
      return gone.map { .nodeRemoved($0) } + otherNodes.values.map { .node($0) }
    }
  }

  /// The names of this node's pods in a list. Those of others come and go all the time.
  private func ownNames(_ list: Listing) -> Set<String> {
    Set(list.pods.all.lazy.filter { $0.pod.node == options.node }.map { $0.pod.displayName })
  }

  /// The pods that still have an interface, by the routes of the calling thread's network namespace; all of them where no route leads
  /// to any, as where a runtime needs none.
  private func withInterface(_ pods: [Pod]) -> [Pod] {
    let routed = pods.filter { pod in pod.addresses.contains { PodRoutes.interface(to: $0) != nil } }
    return routed.isEmpty ? pods : routed
  }

  /// The numbers of the node's pods that policies restrict, and of those that a list would release: of all policies for a list of
  /// pods, else of the policies that the list is about.
  private func released(_ kind: FollowedKind, _ list: Listing) -> (before: Int, released: Int) {
    guard synced.contains(kind), isComplete else { return (0, 0) }
    let own = view.pods.filter { $0.node == options.node && !$0.hostNetwork && !$0.addresses.isEmpty }
    func count(_ before: PodRestrictions, _ after: PodRestrictions) -> (before: Int, released: Int) {
      let restricted = withInterface(own.filter(before.concern))
      return (restricted.count, restricted.count { !after.concern($0) })
    }
    switch kind {
    case .policies:
      return count(
        PodRestrictions(policies.values, namespaces), PodRestrictions(list.policies.values, namespaces))
    case .clusterPolicies:
      return count(
        PodRestrictions(clusterPolicies.values, namespaces),
        PodRestrictions(list.policies.values, namespaces))
    case .namespaces:
      return count(
        PodRestrictions(clusterPolicies.values, namespaces),
        PodRestrictions(clusterPolicies.values, list.namespaces))
    case .pods:
      let restrictions = PodRestrictions(
        Array(policies.values) + clusterPolicies.values, namespaces)
      let attached = Set(view.attached.map { "\($0.namespace)/\($0.name)" })
      let restricted = withInterface(own.filter(restrictions.concern))
      let released = restricted.count { pod in
        if attached.contains(pod.displayName) { return false }
        guard let now = list.pods[pod.namespace, pod.name], !now.isFinished else { return true }
        return !restrictions.concern(now)
      }
      return (restricted.count, released)
    case .node, .nodes: return (0, 0)
    }
  }

  // MARK: The runtime

  mutating func attach(_ attachment: SandboxAttachment) -> [ClusterEvent]? { view.attach(attachment) }
  mutating func detach(_ id: String) -> [ClusterEvent] { view.detach(id) }
  mutating func keepAttachments(_ ids: Set<String>) -> [ClusterEvent] { view.keepAttachments(ids) }

  /// Everything that is known, as manifests would have it.
  var contents: ManifestContents {
    var contents = ManifestContents()
    contents.pods = view.pods
    contents.namespaces = Array(namespaces.values)
    contents.policies = Array(policies.values) + clusterPolicies.values
    contents.nodes = (node.map { [$0] } ?? []) + otherNodes.values
    return contents
  }
}
