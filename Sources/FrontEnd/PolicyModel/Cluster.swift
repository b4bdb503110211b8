public import Addresses
public import Diagnostics

/// Policies and inventory as they take effect together: defaults filled in, objects without effect left out,
/// everything sorted, so that the order of the input is forgotten.
public struct Cluster: Sendable {
  /// The policies, ascending by name.
  public let policies: [Policy]
  /// The labels of every namespace that is written, or named by a pod or a policy; each carries
  /// `kubernetes.io/metadata.name`.
  public let namespaces: [String: Labels]
  /// The pods that policies can select and peers can be: with an address, on the pod network, not finished.
  /// Ascending by namespace and name. Each address belongs to one of them only: what several pods have an equal claim to
  /// is one pod here, with `claimants`.
  public let pods: [Pod]
  /// Neighbours in `pods` with equal namespace, labels and named ports, as ascending ranges that cover all of `pods`.
  /// Policies distinguish the pods of a run only by their addresses. Two runs may be alike.
  public let podRuns: [Range<Int>]
  /// The nodes, ascending by name.
  public let nodes: [Node]
  /// The pods that were left out of `pods`, and the reasons.
  public let omitted: Omissions
  /// Workloads that run no pod (`spec.replicas: 0`): none of `pods`, but pods to come.
  public let idle: [Pod]
  /// The blocks that pods without an address get theirs from, where an option names them; else from the nodes' podCIDRs.
  public let podCIDRs: [CIDR]

  /// Pods that are no endpoints, by cause.
  public struct Omissions: Sendable, Hashable {
    /// `Succeeded` or `Failed`: no address any more.
    public var finished: [String] = []
    /// No address yet.
    public var withoutAddress: [String] = []
    /// `hostNetwork`: their traffic is their node's.
    public var hostNetwork: [String] = []
    /// The addresses of pods with `hostNetwork`, which are their nodes', by name; those that have one.
    public var hostAddresses: [String: [IPAddress]] = [:]
    /// Pods all of whose addresses other pods with a better claim have now.
    public var addressTaken: [String] = []

    /// Nothing left out.
    public init() {}
  }

  /// A cluster of parts that are known to be consistent: tests, and revisions of an earlier cluster.
  public init(
    policies: [Policy], namespaces: [String: Labels], pods: [Pod], nodes: [Node] = [],
    omitted: Omissions = Omissions(), idle: [Pod] = [], podCIDRs: [CIDR] = []
  ) {
    (self.idle, self.podCIDRs) = (idle, podCIDRs)
    let isSorted = zip(policies, policies.dropFirst()).allSatisfy { $0.id < $1.id }
    let nodes = nodes.sorted { $0.name < $1.name }
    self.policies = (isSorted ? policies : policies.sorted { $0.id < $1.id }).resolvingNodes(nodes).closing(
      pods, namespaces)
    self.namespaces = namespaces
    self.pods = pods
    podRuns = Self.runs(of: pods)
    self.nodes = nodes
    self.omitted = omitted
  }

  /// A cluster of policies, ascending and each once, and an inventory; `namespaces` are those of both.
  private init(policies: [Policy], namespaces: [String: Labels], _ inventory: ResolvedInventory) {
    self.policies = policies.resolvingNodes(inventory.nodes).closing(inventory.pods, namespaces)
    self.namespaces = namespaces
    pods = inventory.pods
    podRuns = inventory.podRuns
    nodes = inventory.nodes
    omitted = inventory.omitted
    idle = inventory.idle
    podCIDRs = inventory.podCIDRs
  }

  /// The same cluster with other policies, namespaces or pods. O(pods) where these are given.
  public func with(
    policies: [Policy]? = nil, namespaces: [String: Labels]? = nil, pods: [Pod]? = nil
  ) -> Cluster {
    Cluster(
      policies: policies ?? self.policies, namespaces: namespaces ?? self.namespaces, pods: pods ?? self.pods,
      nodes: nodes, omitted: omitted, idle: idle, podCIDRs: podCIDRs)
  }

  /// Field by field: a whole pod costs a count up and down for each of its parts.
  static func runs(of pods: [Pod]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for index in pods.indices.dropFirst()
    where pods[index - 1].labels != pods[index].labels
      || pods[index - 1].namespace != pods[index].namespace
      || pods[index - 1].namedPorts != pods[index].namedPorts
      || pods[index - 1].claimants != pods[index].claimants
    {
      runs.append(start..<index)
      start = index
    }
    if !pods.isEmpty { runs.append(start..<pods.count) }
    return runs
  }

  /// The tiers that the policies make up, in the order in which they are asked. O(policies).
  public var tiers: [Tier] { Tier.tiers(of: policies) }

  /// The labels of a namespace; one without a manifest has its name label.
  public func labels(ofNamespace name: String) -> Labels {
    namespaces[name] ?? [Namespace.nameLabel: name]
  }
}

extension Cluster {
  /// The objects that stand for pods.
  public enum Subjects: Sendable {
    /// Pods with an address, as a node enforces them.
    case podsWithAddress
    /// Workloads too: a repository of manifests can be reviewed without a cluster.
    case podsAndWorkloads
  }

  /// Puts together what was read.
  ///
  /// - Parameters:
  ///   - contents: what the manifests said, in any order.
  ///   - subjects: whether workloads and pods without an address count.
  /// - Returns: the cluster, and what there is to say about it: errors where two objects contradict each other,
  ///   warnings where something has no effect.
  /// - Complexity: O(n log n) in the number of objects.
  public static func resolve(
    _ contents: ManifestContents, subjects: Subjects = .podsWithAddress
  ) -> (cluster: Cluster, diagnostics: [Diagnostic]) {
    let inventory = ResolvedInventory(contents, subjects: subjects)
    return resolve(contents.policies, inventory)
  }

  /// Puts policies and an inventory together; several revisions of policies can share the inventory.
  ///
  /// - Returns: the cluster, and what there is to say about policies and inventory, as the other `resolve` does.
  /// - Complexity: O(n log n) in the number of policies, O(n) in the number of pods.
  public static func resolve(
    _ policies: [Policy], _ inventory: ResolvedInventory
  ) -> (cluster: Cluster, diagnostics: [Diagnostic]) {
    var diagnostics = inventory.diagnostics
    let policies = unique(
      policies, by: \.id, kind: { $0.id.kind.rawValue }, \.origin, isSame: nil, &diagnostics)
    var namespaces = inventory.namespaces
    warnUnknownNamespaces(
      policies, inventory.pods, inventory.podRuns, &namespaces, &diagnostics)
    let cluster = Cluster(policies: policies, namespaces: namespaces, inventory)
    return (cluster, diagnostics.sorted(by: Diagnostic.inReadingOrder))
  }

  /// Each object once, ascending by key; another of the same key is an error that names both places, unless both say
  /// the same (`isSame`) or are one place read twice: a directory of manifests and a dump of the cluster overlap.
  static func unique<Object, Key: Comparable & Hashable>(
    _ objects: [Object], by key: (Object) -> Key, kind: (Object) -> String, _ origin: (Object) -> Origin,
    isSame: ((Object, Object) -> Bool)?, _ diagnostics: inout [Diagnostic]
  ) -> [Object] {
    let words = isSame == nil ? "" : ", and not the same"
    // Keys once for each object, and positions are lighter to move than objects.
    let keys = objects.map(key)
    func ascends(_ left: Int, _ right: Int) -> Bool {
      keys[left] == keys[right]
        ? origin(objects[left]).location < origin(objects[right]).location : keys[left] < keys[right]
    }
    var order = Array(objects.indices)
    if !zip(order, order.dropFirst()).allSatisfy({ ascends($0, $1) }) { order.sort(by: ascends) }
    var result: [Object] = []
    for object in order.lazy.map({ objects[$0] }) {
      if let last = result.last, key(last) == key(object) {
        if origin(last).location == origin(object).location || isSame?(last, object) == true { continue }
        diagnostics.append(
          Diagnostic(
            .error, id: "duplicate-name", at: origin(object).location, field: "metadata.name",
            "\(kind(object)) \"\(key(object))\" is written twice\(words)",
            notes: [.init("first written here", at: origin(last).location)]))
      } else {
        result.append(object)
      }
    }
    return result
  }

  /// Pods, or workloads, ascending by namespace, kind and name; a second of the same name is an error unless both say the
  /// same.
  static func uniquePods(_ pods: [Pod], _ diagnostics: inout [Diagnostic]) -> [Pod] {
    func ascends(_ left: Pod, _ right: Pod) -> Bool {
      if left.namespace != right.namespace { return left.namespace < right.namespace }
      if left.kind != right.kind { return left.kind < right.kind }
      if left.name != right.name { return left.name < right.name }
      return left.origin.location < right.origin.location
    }
    // kubectl lists pods in this very order; where they must be sorted, positions are lighter to move than pods.
    var order = Array(pods.indices)
    if !zip(order, order.dropFirst()).allSatisfy({ ascends(pods[$0], pods[$1]) }) {
      order.sort { ascends(pods[$0], pods[$1]) }
    }
    var result: [Pod] = []
    result.reserveCapacity(order.count)
    for position in order {
      let pod = pods[position]
      guard let last = result.last, last.name == pod.name, last.kind == pod.kind,
        last.namespace == pod.namespace
      else {
        result.append(pod)
        continue
      }
      var same = pod
      same.origin = last.origin
      if same == last { continue }
      diagnostics.append(
        Diagnostic(
          .error, id: "duplicate-name", at: pod.origin.location, field: "metadata.name",
          "\(pod.kind) \"\(pod.displayName)\" is written twice, and not the same",
          notes: [.init("first written here", at: last.origin.location)]))
    }
    return result
  }

  /// A namespace that is used but not written exists with its name label only; said once for each, and only where
  /// namespaces were written at all or a selector asks for them.
  private static func warnUnknownNamespaces(
    _ policies: [Policy], _ pods: [Pod], _ runs: [Range<Int>], _ namespaces: inout [String: Labels],
    _ diagnostics: inout [Diagnostic]
  ) {
    var firstUse: [String: (String, Origin)] = [:]
    for policy in policies {
      guard let namespace = policy.id.namespace, namespaces[namespace] == nil, firstUse[namespace] == nil
      else { continue }
      firstUse[namespace] = (policy.id.words, policy.origin)
    }
    for run in runs {
      let namespace = pods[run.lowerBound].namespace
      if namespaces[namespace] != nil || firstUse[namespace] != nil, pods[run.lowerBound].claimants.isEmpty {
        continue
      }
      for pod in pods[run.lowerBound].readings
      where namespaces[pod.namespace] == nil && firstUse[pod.namespace] == nil {
        firstUse[pod.namespace] = ("\(pod.kind) \(pod.displayName)", pod.origin)
      }
    }
    for name in firstUse.keys.sorted() {
      namespaces[name] = [Namespace.nameLabel: name]
      guard let (user, origin) = firstUse[name] else { continue }
      diagnostics.append(unknownNamespace(name, of: user, at: origin))
    }
  }

  static func unknownNamespace(_ name: String, of user: String, at origin: Origin) -> Diagnostic {
    Diagnostic(
      .warning, id: "unknown-namespace", at: origin.location,
      "namespace \"\(name)\" of \(user) is not in the inventory; it is taken to have only the label \(Namespace.nameLabel)=\(name)"
    )
  }

  /// Two nodes whose pod CIDRs overlap: a warning, since only a guard for unknown pods uses the blocks.
  static func overlappingNodes(_ nodes: [Node], _ diagnostics: inout [Diagnostic]) {
    let blocks = nodes.flatMap { node in node.podCIDRs.map { (block: $0, node: node) } }
      .sorted { $0.block < $1.block }
    var widest: [IPFamily: (block: CIDR, node: Node)] = [:]
    for (block, node) in blocks {
      if let before = widest[block.family], before.block.interval.overlaps(block.interval),
        before.node.name != node.name
      {
        diagnostics.append(
          Diagnostic(
            .warning, id: "overlapping-pod-cidrs", at: node.origin.location, field: "spec.podCIDRs",
            "\(block) of node \(node.name) overlaps \(before.block) of node \(before.node.name)",
            notes: [.init("node \(before.node.name)", at: before.node.origin.location)]))
      }
      if widest[block.family].map({ $0.block.interval.upper < block.interval.upper }) ?? true {
        widest[block.family] = (block, node)
      }
    }
  }
}
