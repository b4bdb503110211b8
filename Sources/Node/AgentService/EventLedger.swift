import PolicyModel

/// The events that wait for a commit: of each object the last one. What an object's newer event supersedes is never
/// applied after it.
struct EventLedger {
  private enum Subject: Hashable {
    case pod(namespace: String, name: String)
    case policy(PolicyID)
    case namespace(String)
    case node(String)

    init(_ event: ClusterEvent) {
      self =
        switch event {
        case .pod(let pod): .pod(namespace: pod.namespace, name: pod.name)
        case .podRemoved(let namespace, let name): .pod(namespace: namespace, name: name)
        case .policy(let policy): .policy(policy.id)
        case .policyRemoved(let id): .policy(id)
        case .namespace(let namespace): .namespace(namespace.name)
        case .namespaceRemoved(let name): .namespace(name)
        case .node(let node): .node(node.name)
        case .nodeRemoved(let name): .node(name)
        }
    }
  }

  private var waiting: [Subject: ClusterEvent] = [:]
  /// Events that contradict the cluster, to be tried again together with what comes.
  private var refused: [Subject: ClusterEvent] = [:]

  /// True where nothing new waits.
  var isEmpty: Bool { waiting.isEmpty }
  /// The number of events that contradict the cluster.
  var refusedCount: Int { refused.count }

  /// The events that wait, one an object, in no order.
  var events: [ClusterEvent] { Array(waiting.values) }

  /// Adds events, the last of an object last.
  mutating func add(_ events: [ClusterEvent]) {
    for event in events {
      let subject = Subject(event)
      refused[subject] = nil
      waiting[subject] = event
    }
  }

  /// Keeps an event for the next time, unless its object has a newer one.
  mutating func refuse(_ event: ClusterEvent) {
    let subject = Subject(event)
    if waiting[subject] == nil { refused[subject] = event }
  }

  /// Takes all, one event an object, in no order.
  mutating func take() -> [ClusterEvent] {
    defer { (waiting, refused) = ([:], [:]) }
    return Array(waiting.values) + refused.values
  }

  /// Takes all, in the parts that are committed one after the other: changes of policies apart from others, since each alone is
  /// proved by its slice.
  ///
  /// - Parameter isDivided: false where it is to be one part.
  /// - Returns: at least one part, which may be empty where there is nothing.
  mutating func takeParts(isDivided: Bool) -> [[ClusterEvent]] {
    let all = take()
    guard isDivided else { return [all] }
    let parts = Dictionary(grouping: all) { event in
      switch event {
      case .policy, .policyRemoved: true
      default: false
      }
    }
    return parts.isEmpty ? [[]] : [false, true].compactMap { parts[$0] }
  }
}
