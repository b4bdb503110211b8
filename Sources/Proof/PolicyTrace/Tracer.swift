public import Addresses
public import PolicyModel
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
    // Of several pods that may have the addresses, one that denies decides.
    let traces = subject.readings.map { traced($0, direction, peer, traffic) }
    return traces.first { !$0.allows } ?? traces.first { !$0.policies.isEmpty } ?? traces[0]
  }

  private func traced(
    _ subject: Pod, _ direction: Direction, _ peer: TracedPeer,
    _ traffic: (transport: UInt8, port: UInt16)?
  ) -> DirectionTrace {
    let selecting = policies.selecting(
      subject.namespace, cluster.labels(ofNamespace: subject.namespace), subject.labels, direction)
    let destination = direction == .ingress ? subject : peer.pod
    func end(_ pod: Pod?) -> PolicyEnd {
      PolicyEnd(
        address: peer.address, pod: pod,
        namespaceLabels: pod.map { cluster.labels(ofNamespace: $0.namespace) } ?? Labels(),
        claimants: pod?.claimants.map { end($0) } ?? [])
    }
    let other = end(peer.pod)
    return DirectionTrace(
      direction: direction, pod: subject.endpointName,
      policies: selecting.map { policy in
        PolicyTrace(
          policy: policy.id, tier: policy.tier, origin: policy.origin,
          rules: (policy.rules(direction) ?? []).enumerated().map { index, rule in
            RuleTrace(
              index: index, name: rule.name, action: rule.action, origin: rule.origin,
              peers: rule.peers.entries.map { trace($0, other, policy.id) },
              ports: rule.ports.entries.map { trace($0, traffic, destination) })
          })
      })
  }

  private func trace(_ entry: Peer, _ peer: PolicyEnd, _ policy: PolicyID) -> EntryTrace {
    let matches = entry.selects(peer, of: policy)
    return EntryTrace(
      origin: entry.origin, asks: Self.words(entry, policy), matches: matches,
      reason: Self.reason(entry, matches, peer, policy))
  }

  /// The other end beside the condition of an entry of `from` or `to`, in words.
  private static func reason(_ entry: Peer, _ matches: Bool, _ peer: PolicyEnd, _ policy: PolicyID) -> String
  {
    switch entry.kind {
    case .ipBlock(let block): return reason(block, peer)
    case _ where entry.nodes != nil: return "no node of the cluster matches"
    case .pods(let scope, let selector):
      guard let pod = peer.pod else { return "\(peer.address) is no pod's address" }
      if matches { return "\(pod.endpointName) matches" }
      // The end keeps the namespace's labels of one pod only, so of several the entry says that not all match.
      if !pod.claimants.isEmpty { return "not each of \(pod.endpointName) matches" }
      var wants: [String] = []
      switch scope {
      case .own:
        if pod.namespace != policy.namespace {
          wants.append(
            "namespace \(policy.namespace ?? "") (no namespaceSelector); \(pod.endpointName) is in \(pod.namespace)"
          )
        }
      case .matching(let namespaces):
        wants += misses(namespaces, peer.namespaceLabels, who: "namespace \(pod.namespace)")
      }
      wants += misses(selector, pod.labels, who: pod.endpointName)
      return wants.joined(separator: "; and ")
    }
  }

  private static func reason(_ block: IPBlock, _ peer: PolicyEnd) -> String {
    let address =
      peer.pod?.isPlaceholder == true
      ? "\(peer.address), an address that the pod may get," : "\(peer.address)"
    if let except = block.except.first(where: { $0.contains(peer.address) }) {
      return "\(address) is in the except \(except)"
    }
    return "\(address) is \(block.cidr.contains(peer.address) ? "in" : "not in") \(block.cidr)"
  }

  private func trace(
    _ entry: PolicyPort, _ traffic: (transport: UInt8, port: UInt16)?, _ destination: Pod?
  ) -> EntryTrace {
    let matches = traffic.map { entry.traffic(to: destination).contains($0.transport, $0.port) } ?? true
    return EntryTrace(
      origin: entry.origin, asks: entry.words, matches: matches,
      reason: Self.reason(entry, matches, traffic, destination))
  }

  /// The packet beside the condition of an entry of `ports`, in words.
  private static func reason(
    _ entry: PolicyPort, _ matches: Bool, _ traffic: (transport: UInt8, port: UInt16)?, _ destination: Pod?
  ) -> String {
    guard let traffic else { return "no port was asked for" }
    let name = IPProtocol(traffic.transport).description
    let packet = IPProtocol(traffic.transport).hasPorts ? "\(name) \(traffic.port)" : name
    guard entry.transport.number == traffic.transport else {
      return "asks for \(entry.transport.rawValue), the packet is \(packet)"
    }
    guard let port = entry.ports.name else {
      return entry.ports.numbers == .everything
        ? entry.words : "\(packet) is \(matches ? "in" : "not in") \(entry.words)"
    }
    guard let destination else { return "port name \"\(port)\" means nothing: the destination is no pod" }
    guard let number = destination.number(ofPort: port, entry.transport) else {
      return "\(destination.endpointName) has no \(entry.transport.rawValue) port named \"\(port)\""
    }
    return "port \"\(port)\" of \(destination.endpointName) is \(number)"
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
