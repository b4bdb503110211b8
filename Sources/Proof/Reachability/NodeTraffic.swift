public import Addresses
public import PolicyModel

/// A connection between a pod and the node that it runs on, which has rules of its own.
public enum NodeTraffic: Sendable, Hashable {
  /// From the node of this name to a pod on it: always allowed, which the API asks for.
  case fromNode(String)
  /// From a pod to the node of this name that it runs on. Egress policies hold only where they are enforced at the input hook.
  case toNode(String, EnforcementModes.PodToNode)
  /// The same where NetworkPolicy does not hold there and the tiers of ClusterNetworkPolicy do.
  case toNodeByClusterTiers(String)

  /// The node's name.
  public var node: String {
    switch self {
    case .fromNode(let name), .toNode(let name, _), .toNodeByClusterTiers(let name): name
    }
  }

  /// The treatment of what pods send to their own node; `open` for what a node sends.
  public var mode: EnforcementModes.PodToNode {
    switch self {
    case .fromNode, .toNodeByClusterTiers: .open
    case .toNode(_, let mode): mode
    }
  }

  /// True where policies have no say.
  public var isAlwaysAllowed: Bool {
    switch self {
    case .fromNode, .toNode(_, .open): true
    case .toNode(_, .policies), .toNodeByClusterTiers: false
    }
  }
}

/// The addresses of a cluster's nodes.
public struct NodeAddresses: Sendable {
  private let nodes: [String: Set<IPAddress>]
  private let names: [IPAddress: String]
  /// True where tiers of ClusterNetworkPolicy hold towards the node in every mode.
  private let hasClusterTiers: Bool
  /// The treatment of what pods send to their own node.
  public let podToNode: EnforcementModes.PodToNode

  /// The addresses of nodes by their Node objects. O(addresses).
  ///
  /// - Parameters:
  ///   - cluster: the nodes.
  ///   - podToNode: the treatment of what pods send to their own node.
  public init(_ cluster: Cluster, podToNode: EnforcementModes.PodToNode) {
    nodes = Dictionary(
      cluster.nodes.map { ($0.name, Set($0.addresses)) }, uniquingKeysWith: { $0.union($1) })
    names = Dictionary(
      nodes.flatMap { name, addresses in addresses.map { ($0, name) } }, uniquingKeysWith: { min($0, $1) })
    self.podToNode = podToNode
    hasClusterTiers = cluster.policies.contains { $0.tier.isOfCluster }
  }

  /// The addresses of the node that a pod runs on; empty where that is not known.
  public func ofNode(of pod: Pod) -> Set<IPAddress> { pod.node.flatMap { nodes[$0] } ?? [] }

  /// The name of the node that has this address; nil for none.
  public func node(at address: IPAddress) -> String? { names[address] }

  /// The addresses of nodes in a block, ascending. O(addresses of nodes).
  public func addresses(in block: CIDR) -> [IPAddress] { names.keys.filter(block.contains).sorted() }

  /// The rules for what a pod that is not there yet, and may run on any node, and a node send each other.
  ///
  /// - Parameters:
  ///   - source: the sender's address.
  ///   - destination: the receiver's address.
  ///   - isSender: true where the pod sends.
  /// - Returns: the rules; nil where the other end is no node.
  public func traffic(ofPodToComeFrom source: IPAddress, to destination: IPAddress, isSender: Bool)
    -> NodeTraffic?
  {
    names[isSender ? destination : source].map { name in
      isSender ? toNode(name) : .fromNode(name)
    }
  }

  private func toNode(_ name: String) -> NodeTraffic {
    podToNode == .open && hasClusterTiers ? .toNodeByClusterTiers(name) : .toNode(name, podToNode)
  }

  /// The rules for a connection between a pod and its own node.
  ///
  /// - Parameters:
  ///   - sender: the sending pod; nil: no pod.
  ///   - source: the sender's address.
  ///   - receiver: the receiving pod; nil: no pod.
  ///   - destination: the receiver's address.
  /// - Returns: the rules; nil for any other connection.
  public func traffic(
    from sender: Pod?, at source: IPAddress, to receiver: Pod?, at destination: IPAddress
  ) -> NodeTraffic? {
    switch (sender, receiver) {
    case (nil, let pod?) where ofNode(of: pod).contains(source): .fromNode(pod.node ?? "")
    case (let pod?, nil) where ofNode(of: pod).contains(destination):
      toNode(pod.node ?? "")
    default: nil
    }
  }
}
