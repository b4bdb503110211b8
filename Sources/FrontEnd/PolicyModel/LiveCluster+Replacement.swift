extension LiveCluster {
  /// The events that make this cluster's objects those of a full listing: objects that the listing lacks are removed, and
  /// objects that are the same already are left out.
  ///
  /// - Parameter listing: all objects, each name once.
  /// - Returns: the events, removals first.
  /// - Complexity: O(n) in the pods of both, O(n log n) in the other objects.
  public func events(toBecome listing: ManifestContents) -> [ClusterEvent] {
    let present = contentsWithoutPods
    var events: [ClusterEvent] = []
    func compare<Object, Name: Hashable>(
      _ before: [Object], _ after: [Object], by name: (Object) -> Name, isSame: (Object, Object) -> Bool,
      removed: (Object) -> ClusterEvent, changed: (Object) -> ClusterEvent
    ) {
      let wanted = Set(after.map(name))
      let known = Dictionary(before.map { (name($0), $0) }, uniquingKeysWith: { $1 })
      events += before.filter { !wanted.contains(name($0)) }.map(removed)
      for object in after where known[name(object)].map({ !isSame($0, object) }) ?? true {
        events.append(changed(object))
      }
    }
    let wanted = Set(listing.pods.map(PodName.init))
    for pod in podsInNoOrder where !wanted.contains(PodName(pod)) {
      events.append(.podRemoved(namespace: pod.namespace, name: pod.name))
    }
    for listed in listing.pods where pod(PodName(listed)) != listed { events.append(.pod(listed)) }
    compare(
      present.policies, listing.policies, by: \.id, isSame: ==, removed: { .policyRemoved($0.id) },
      changed: { .policy($0) })
    compare(
      present.namespaces, listing.namespaces, by: \.name, isSame: ==,
      removed: { .namespaceRemoved($0.name) }, changed: { .namespace($0) })
    compare(
      present.nodes, listing.nodes, by: \.name, isSame: ==, removed: { .nodeRemoved($0.name) },
      changed: { .node($0) })
    return events
  }

  /// The cluster as `Cluster.resolve` would make it of the same objects, without its omissions. O(n log n).
  public var cluster: Cluster {
    let contents = contentsWithoutPods
    let pods = endpoints
    var namespaces: [String: Labels] = [:]
    func add(_ name: String) {
      if namespaces[name] == nil { namespaces[name] = labels(ofNamespace: name) }
    }
    for namespace in contents.namespaces { add(namespace.name) }
    for policy in contents.policies { policy.id.namespace.map(add) }
    for pod in pods {
      if pod.claimants.isEmpty { add(pod.namespace) } else { pod.readings.forEach { add($0.namespace) } }
    }
    return Cluster(policies: contents.policies, namespaces: namespaces, pods: pods, nodes: contents.nodes)
  }
}

extension ManifestContents {
  /// True where an object of a kind that events know is written twice. O(n).
  public var hasRepeatedNames: Bool {
    func repeats<Name: Hashable>(_ names: some Collection<Name>) -> Bool { Set(names).count != names.count }
    return repeats(pods.lazy.map(PodName.init)) || repeats(policies.lazy.map(\.id))
      || repeats(namespaces.lazy.map(\.name)) || repeats(nodes.lazy.map(\.name))
  }
}
