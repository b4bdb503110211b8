public import Addresses
public import PolicyModel

/// Every allowed connection of a cluster: between groups of pods, and between pods and blocks of addresses outside.
///
/// Each pair of pods is in exactly one connection for each address family that both have, or in none where nothing is
/// allowed. A pod always reaches itself, which is listed only as a part of a larger group.
public struct ConnectionList: Sendable {
  /// Pods that no policy distinguishes.
  public struct Group: Sendable, Hashable {
    /// Ascending indices of `Cluster.pods`.
    public let pods: [Int]
  }

  /// One side of connections.
  public enum Members: Sendable, Hashable {
    /// Ascending indices of `groups`.
    case groups([Int])
    /// Addresses that are no pod's, pods' addresses in the blocks not meant.
    case outside([CIDR])
  }

  /// One side of connections, with its words.
  public struct Endpoint: Sendable, Hashable {
    /// The groups or the blocks.
    public let members: Members
    /// The number of pods; 0 outside.
    public let podCount: Int
    /// The pods or blocks in the terms that policies use: `shop app=web (3 pods)`, `outside 10.0.0.0/8`.
    public let description: String
  }

  /// Traffic from each member of one endpoint to each of another.
  public struct Connection: Sendable, Hashable {
    /// The senders, as an index of `endpoints`.
    public let from: Int
    /// The receivers, as an index of `endpoints`.
    public let to: Int
    /// Protocols and ports that are allowed.
    public let traffic: TrafficSet
    /// The one family that is meant; nil: every family that both ends have.
    public let family: IPFamily?
    /// True where a pod without an address may get one with which less is allowed.
    public let dependsOnAddress: Bool
  }

  /// The groups, by namespace and first pod.
  public internal(set) var groups: [Group] = []
  /// The endpoints, those of pods first, in the order of their first groups.
  public internal(set) var endpoints: [Endpoint] = []
  /// The connections, by sender, receiver and traffic.
  public internal(set) var connections: [Connection] = []
  /// The traffic with pods to come; nil where it was not asked for.
  public internal(set) var exposures: [Exposure]?
  /// The cluster that was looked at, with placeholders for pods without an address.
  public let cluster: Cluster

  init(_ cluster: Cluster) { self.cluster = cluster }

  /// The names of a group's pods, in their order.
  public func names(of group: Int) -> [String] { groups[group].pods.map { cluster.pods[$0].endpointName } }
}

/// The ends that a list is limited to: pods, and addresses outside.
public struct EndpointFilter: Sendable {
  /// The pods, as indices of `Cluster.pods`.
  public let pods: Set<Int>
  /// Blocks of addresses outside.
  public let blocks: [CIDR]

  /// The given pods and blocks.
  public init(pods: Set<Int>, blocks: [CIDR] = []) { (self.pods, self.blocks) = (pods, blocks) }
}
