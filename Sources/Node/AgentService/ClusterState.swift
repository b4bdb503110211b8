import Addresses
import Diagnostics
import KubernetesAPI
import NodeAgent
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
  private(set) var node: Node?
  /// The kinds of which a list was taken.
  private(set) var synced: Set<FollowedKind> = []
  /// Objects that cannot be read, with the reason, by kind and name.
  private(set) var unreadable: [String: String] = [:]
  private var hold: ListHold
  private var lists: [FollowedKind: Listing] = [:]

  private struct Listing {
    var pods: [ClusterView.APIPod] = []
    var namespaces: [String: Namespace] = [:]
    var policies: [PolicyID: Policy] = [:]
    var node: Node?
    var names: Set<String> = []
    /// Pods and namespaces that cannot be read: what is known of them stays.
    var kept: Set<String> = []
  }

  init(_ options: AgentOptions) {
    self.options = options
    view = ClusterView(node: options.node)
    hold = ListHold(maxReleased: options.maxReleased, acceptsAll: options.acceptsRelist)
  }

  /// True where a list of every kind was taken.
  var isComplete: Bool { synced.count == FollowedKind.allCases.count }
  /// The kinds of which a list is held.
  var heldKinds: [String] { hold.kinds }

  // MARK: Objects

  /// An object was added or changed.
  mutating func put(
    _ kind: FollowedKind, _ object: ReadObject, _ header: ObjectHeader?, closing: Policy?
  ) -> [ClusterEvent] {
    let name = "\(kind.rawValue) \(header.map { "\($0.key)" } ?? "without a name")"
    var object = object
    if case .unreadable(let errors) = object {
      unreadable[name] = errors.first?.message ?? "it is no such object"
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
      return view.put(.init(pod: pod, uid: header?.uid ?? "", mirror: header?.mirror))
    case .namespace(let namespace):
      namespaces[namespace.name] = namespace
      return [.namespace(namespace)]
    case .policy(let policy):
      policies[policy.id] = policy
      return [.policy(policy)]
    case .node(let node):
      guard node.name == options.node else { return [] }
      self.node = node
      return [.node(node)]
    case .unreadable: return []
    }
  }

  private mutating func collect(_ kind: FollowedKind, _ object: ReadObject, _ header: ObjectHeader?) {
    if let key = header?.key { lists[kind]?.names.insert("\(key)") }
    switch object {
    case .pod(let pod):
      lists[kind]?.pods.append(.init(pod: pod, uid: header?.uid ?? "", mirror: header?.mirror))
    case .namespace(let namespace): lists[kind]?.namespaces[namespace.name] = namespace
    case .policy(let policy): lists[kind]?.policies[policy.id] = policy
    case .node(let node): if node.name == options.node { lists[kind]?.node = node }
    case .unreadable: if let key = header?.key { lists[kind]?.kept.insert("\(key)") }
    }
  }

  /// An object is gone.
  mutating func remove(_ kind: FollowedKind, _ key: ObjectHeader.Key) -> [ClusterEvent] {
    unreadable["\(kind.rawValue) \(key)"] = nil
    if lists[kind] != nil {
      switch kind {
      case .pods: lists[kind]?.pods.removeAll { $0.pod.namespace == key.namespace && $0.pod.name == key.name }
      case .namespaces: lists[kind]?.namespaces[key.name] = nil
      case .policies: lists[kind]?.policies[.init(namespace: key.namespace, name: key.name)] = nil
      case .node: lists[kind]?.node = nil
      }
      lists[kind]?.names.remove("\(key)")
      return []
    }
    switch kind {
    case .pods: return view.remove(namespace: key.namespace, name: key.name)
    case .namespaces:
      namespaces[key.name] = nil
      return [.namespaceRemoved(key.name)]
    case .policies:
      let id = PolicyID(namespace: key.namespace, name: key.name)
      policies[id] = nil
      return [.policyRemoved(id)]
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
  /// - Returns: the events that the list makes, or the reason to hold it.
  mutating func endList(_ kind: FollowedKind, former: Int?) -> ListResult {
    guard var list = lists.removeValue(forKey: kind) else { return .taken([]) }
    if kind == .pods {
      for (namespace, name) in podNames where list.kept.contains("\(namespace)/\(name)") {
        if let pod = view.pod(namespace: namespace, name: name) { list.pods.append(pod) }
      }
    }
    for name in list.kept where kind == .namespaces { list.namespaces[name] = namespaces[name] }
    let known = kind == .pods ? view.podCount : kind == .policies ? policies.count : namespaces.count
    if kind != .node,
      let reason = hold.reason(
        kind: kind.rawValue, names: list.names, former: synced.contains(kind) ? known : former ?? 0,
        isolated: released(kind, list))
    {
      return .held(reason)
    }
    synced.insert(kind)
    return .taken(take(kind, list))
  }

  private mutating func take(_ kind: FollowedKind, _ list: Listing) -> [ClusterEvent] {
    switch kind {
    case .pods: return view.replace(list.pods)
    case .namespaces:
      let gone = namespaces.keys.filter { list.namespaces[$0] == nil }
      namespaces = list.namespaces
      return gone.map { .namespaceRemoved($0) } + namespaces.values.map { .namespace($0) }
    case .policies:
      let gone = policies.keys.filter { list.policies[$0] == nil }
      policies = list.policies
      return gone.map { .policyRemoved($0) } + policies.values.map { .policy($0) }
    case .node:
      node = list.node ?? node
      return node.map { [.node($0)] } ?? []
    }
  }

  private var podNames: [(String, String)] { view.pods.map { ($0.namespace, $0.name) } }

  /// The numbers of the node's isolated pods, and of those that a list would release.
  private func released(_ kind: FollowedKind, _ list: Listing) -> (before: Int, released: Int) {
    guard synced.contains(kind), isComplete else { return (0, 0) }
    let own = view.pods.filter { $0.node == options.node && !$0.hostNetwork && !$0.addresses.isEmpty }
    let before = own.filter { Self.isIsolated($0, policies) }
    switch kind {
    case .policies: return (before.count, before.count { !Self.isIsolated($0, list.policies) })
    case .pods:
      let after = Dictionary(
        list.pods.map { ("\($0.pod.namespace)/\($0.pod.name)", $0.pod) }, uniquingKeysWith: { $1 })
      let attached = Set(view.attached.map { "\($0.namespace)/\($0.name)" })
      let released = before.count { pod in
        let name = "\(pod.namespace)/\(pod.name)"
        if attached.contains(name) { return false }
        guard let now = after[name], !now.isFinished else { return true }
        return !Self.isIsolated(now, policies)
      }
      return (before.count, released)
    default: return (before.count, 0)
    }
  }

  private static func isIsolated(_ pod: Pod, _ policies: [PolicyID: Policy]) -> Bool {
    policies.values.contains { policy in
      guard policy.subjects.pods.matches(pod.labels) else { return false }
      return policy.subjects.namespaces != .own || policy.id.namespace == pod.namespace
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
    contents.policies = Array(policies.values)
    contents.nodes = node.map { [$0] } ?? []
    return contents
  }
}
