public import Addresses
public import PolicyModel
import Reachability
import Wording

/// The other end of a connection, as a policy sees it.
public struct TracedPeer: Sendable, Hashable {
  /// Its address on the wire.
  public let address: IPAddress
  /// The pod that has the address, if one does.
  public let pod: Pod?

  /// An address, with the pod behind it.
  public init(address: IPAddress, pod: Pod?) {
    self.address = address
    self.pod = pod
  }
}

/// Reads policies rule by rule for one packet, and notes why each rule matches or not. It looks at the policies
/// themselves and at no diagram.
public struct Tracer: Sendable {
  private let cluster: Cluster
  private let policies: PoliciesByNamespace

  /// A tracer of a cluster's policies. O(policies).
  public init(_ cluster: Cluster) {
    self.cluster = cluster
    policies = PoliciesByNamespace(cluster)
  }

  /// The verdict about a packet in one direction of a pod.
  ///
  /// - Parameters:
  ///   - subject: the pod whose policies are asked.
  ///   - direction: seen from it.
  ///   - peer: the other end.
  ///   - traffic: protocol and destination port; nil asks about the peer only, and every entry of `ports` counts
  ///     as met.
  /// - Returns: every policy that selects the pod, with each of its rules.
  public func trace(
    _ subject: Pod, _ direction: Direction, peer: TracedPeer, traffic: (transport: UInt8, port: UInt16)?
  ) -> DirectionTrace {
    let selecting = policies.of(subject.namespace, cluster.labels(ofNamespace: subject.namespace), direction)
      .filter { $0.subjects.pods.matches(subject.labels) }
    let destination = direction == .ingress ? subject : peer.pod
    return DirectionTrace(
      direction: direction, pod: subject.endpointName,
      policies: selecting.map { policy in
        PolicyTrace(
          policy: policy.id, tier: policy.tier, origin: policy.origin,
          rules: (policy.rules(direction) ?? []).enumerated().map { index, rule in
            RuleTrace(
              index: index, name: rule.name, action: rule.action, origin: rule.origin,
              peers: rule.peers.entries.map { trace($0, peer, policy.id) },
              ports: rule.ports.entries.map { trace($0, traffic, destination) })
          })
      })
  }

  private func trace(_ entry: Peer, _ peer: TracedPeer, _ policy: PolicyID) -> EntryTrace {
    switch entry.kind {
    case .ipBlock(let block): return trace(block, entry, peer)
    case _ where entry.nodes != nil:
      return EntryTrace(
        origin: entry.origin, asks: Self.nodeWords(entry), matches: false,
        reason: "no node of the cluster matches")
    case .pods(let scope, let selector):
      let asks = Self.words(scope, selector, policy)
      guard let pod = peer.pod else {
        return EntryTrace(
          origin: entry.origin, asks: asks, matches: false, reason: "\(peer.address) is no pod's address")
      }
      var wants: [String] = []
      switch scope {
      case .own:
        if pod.namespace != policy.namespace {
          wants.append(
            "namespace \(policy.namespace ?? "") (no namespaceSelector); \(pod.endpointName) is in \(pod.namespace)"
          )
        }
      case .matching(let namespaces):
        let labels = cluster.labels(ofNamespace: pod.namespace)
        wants += Self.misses(namespaces, labels, who: "namespace \(pod.namespace)")
      }
      wants += Self.misses(selector, pod.labels, who: pod.endpointName)
      return EntryTrace(
        origin: entry.origin, asks: asks, matches: wants.isEmpty,
        reason: wants.isEmpty ? "\(pod.endpointName) matches" : wants.joined(separator: "; and "))
    }
  }

  private func trace(_ block: IPBlock, _ entry: Peer, _ peer: TracedPeer) -> EntryTrace {
    let asks = entry.nodes == nil ? Self.words(block) : Self.nodeWords(entry)
    let address =
      peer.pod?.isPlaceholder == true
      ? "\(peer.address), an address that the pod may get," : "\(peer.address)"
    if let except = block.except.first(where: { $0.contains(peer.address) }) {
      return EntryTrace(
        origin: entry.origin, asks: asks, matches: false, reason: "\(address) is in the except \(except)")
    }
    let inside = block.cidr.contains(peer.address)
    return EntryTrace(
      origin: entry.origin, asks: asks, matches: inside,
      reason: "\(address) is \(inside ? "in" : "not in") \(block.cidr)")
  }

  private func trace(
    _ entry: PolicyPort, _ traffic: (transport: UInt8, port: UInt16)?, _ destination: Pod?
  ) -> EntryTrace {
    func entryTrace(_ matches: Bool, _ reason: String) -> EntryTrace {
      EntryTrace(origin: entry.origin, asks: entry.words, matches: matches, reason: reason)
    }
    guard let traffic else { return entryTrace(true, "no port was asked for") }
    let name = IPProtocol(traffic.transport).description
    let packet = IPProtocol(traffic.transport).hasPorts ? "\(name) \(traffic.port)" : name
    guard entry.transport.number == traffic.transport else {
      return entryTrace(false, "asks for \(entry.transport.rawValue), the packet is \(packet)")
    }
    switch entry.ports {
    case .all: return entryTrace(true, "every \(entry.transport.rawValue) port")
    case .range(let range):
      let inside = range.contains(traffic.port)
      return entryTrace(
        inside, inside ? "\(packet) is in \(entry.words)" : "\(packet) is not in \(entry.words)")
    case .named(let port):
      guard let destination else {
        return entryTrace(false, "port name \"\(port)\" means nothing: the destination is no pod")
      }
      guard let number = destination.number(ofPort: port, entry.transport) else {
        return entryTrace(
          false, "\(destination.endpointName) has no \(entry.transport.rawValue) port named \"\(port)\"")
      }
      return entryTrace(
        number == traffic.port, "port \"\(port)\" of \(destination.endpointName) is \(number)")
    }
  }

  /// The requirements of a selector that the labels do not meet, one text each.
  public static func misses(_ selector: LabelSelector, _ labels: Labels, who: String) -> [String] {
    selector.requirements.filter { !$0.matches(labels) }.map { requirement in
      let has = labels[requirement.key].map { "\(who) has \(requirement.key)=\($0)" }
      let hasNot = "\(who) has no label \(requirement.key)"
      return "wants \(LabelSelector([requirement])); \(has ?? hasNot)"
    }
  }

  /// The condition of an entry of `from` or `to`, in words.
  public static func words(_ peer: Peer, _ policy: PolicyID) -> String {
    switch peer.kind {
    case _ where peer.nodes != nil: nodeWords(peer)
    case .ipBlock(let block): words(block)
    case .pods(let scope, let selector): words(scope, selector, policy)
    }
  }

  /// The words for an address of nodes by their selector.
  private static func nodeWords(_ peer: Peer) -> String {
    let selector = peer.nodes ?? LabelSelector()
    let nodes = selector.isEverything ? "every node" : "nodes \(selector)"
    guard case .ipBlock(let block) = peer.kind else { return "\(nodes), of which there are none" }
    return "\(nodes), of which one has \(block.cidr.base)"
  }

  private static func words(_ block: IPBlock) -> String {
    "ipBlock \(block.cidr)"
      + (block.except.isEmpty ? "" : " except \(block.except.map(\.description).joined(separator: ", "))")
  }

  /// The words for pods by selectors.
  public static func words(_ scope: NamespaceScope, _ selector: LabelSelector, _ policy: PolicyID)
    -> String
  {
    let pods = selector.isEverything ? "every pod" : "pods \(selector)"
    return switch scope {
    case .own: "\(pods) of namespace \(policy.namespace ?? "")"
    case .matching(let namespaces) where namespaces.isEverything: "\(pods) of every namespace"
    case .matching(let namespaces): "\(pods) of namespaces \(namespaces)"
    }
  }
}

extension PolicyPort {
  /// `TCP 80`, `UDP 53-60`, `TCP "http"`, `every SCTP port`.
  public var words: String {
    switch ports {
    case .all: "every \(transport.rawValue) port"
    case .range(let range):
      range.isSingle
        ? "\(transport.rawValue) \(range.lower)" : "\(transport.rawValue) \(range.lower)-\(range.upper)"
    case .named(let name): "\(transport.rawValue) \"\(name)\""
    }
  }
}
