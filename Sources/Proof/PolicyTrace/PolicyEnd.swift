public import Addresses
public import PolicyModel

/// One end of a connection, as the entries of a policy see it.
public struct PolicyEnd: Sendable {
  /// Its address on the wire.
  public let address: IPAddress
  /// The pod that has the address, if one does.
  public let pod: Pod?
  /// The labels of the pod's namespace.
  public let namespaceLabels: Labels

  /// The ends of the pods with an equal claim to the address; empty where one has it.
  public let claimants: [PolicyEnd]

  /// An end; of one that is no pod the labels are of no meaning.
  public init(address: IPAddress, pod: Pod?, namespaceLabels: Labels, claimants: [PolicyEnd] = []) {
    self.claimants = claimants
    self.address = address
    self.pod = pod
    self.namespaceLabels = namespaceLabels
  }
}

extension Peer {
  /// True where an entry of `from` or `to` of a policy selects an end.
  public func selects(_ end: PolicyEnd, of policy: PolicyID) -> Bool {
    switch kind {
    case .ipBlock(let block): return block.contains(end.address)
    case .pods where !end.claimants.isEmpty: return end.claimants.allSatisfy { selects($0, of: policy) }
    case .pods(let scope, let selector):
      guard let pod = end.pod, selector.matches(pod.labels) else { return false }
      return switch scope {
      case .own: pod.namespace == policy.namespace
      case .matching(let namespaces): namespaces.matches(end.namespaceLabels)
      }
    }
  }
}

extension PolicyPort {
  /// The traffic of an entry of `ports` towards a destination; nil: one that is no pod, where names of ports mean nothing.
  public func traffic(to destination: Pod?) -> TrafficSet {
    switch ports {
    case .all: return TrafficSet(transport.number)
    case .range(let range): return TrafficSet(transport.number, PortSet(range))
    case .named(let name):
      guard let number = destination?.number(ofPort: name, transport) else { return .nothing }
      return TrafficSet(transport.number, PortSet(Interval(number)))
    }
  }
}

extension PolicyRule {
  /// True where the rule takes traffic with an end.
  public func selects(_ peer: PolicyEnd, of policy: PolicyID) -> Bool {
    peers == .everything || peers.entries.contains { $0.selects(peer, of: policy) }
  }

  /// The traffic of the rule's ports towards a destination; nil: one that is no pod.
  public func traffic(to destination: Pod?) -> TrafficSet {
    guard case .anyOf(let entries) = ports else { return .everything }
    return TrafficSet.union(of: entries.lazy.map { $0.traffic(to: destination) })
  }
}
