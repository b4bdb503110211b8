extension PolicyRule {
  /// The content of a rule, without the places where it was written.
  public struct Content: Hashable, Sendable {
    private let action: RuleAction
    private let peers: [Peer.Kind]
    private let nodes: [LabelSelector]
    private let ports: [PolicyPort.Content]

    init(_ rule: PolicyRule) {
      action = rule.action
      peers = rule.peers.entries.map(\.kind)
      nodes = rule.nodes.map(\.selector)
      ports = rule.ports.entries.map(\.content)
    }
  }

  /// The content, to be compared with that of many others.
  public var content: Content { Content(self) }

  /// True where two rules match the same by the same words and do the same, wherever they were written.
  public func saysTheSame(as other: PolicyRule) -> Bool {
    action == other.action && peers.entries.elementsEqual(other.peers.entries) { $0.kind == $1.kind }
      && nodes.map(\.selector) == other.nodes.map(\.selector)
      && ports.entries.elementsEqual(other.ports.entries) {
        $0.transport == $1.transport && $0.ports == $1.ports
      }
  }
}

extension PolicyPort {
  /// The content of an entry of `ports`, without the place where it was written.
  public struct Content: Hashable, Sendable {
    private let transport: TransportProtocol
    private let ports: Ports

    init(_ port: PolicyPort) { (transport, ports) = (port.transport, port.ports) }
  }

  /// The content, to be compared with that of many others.
  public var content: Content { Content(self) }
}
