public import Addresses
public import PolicyTrace
public import Reachability
import Wording

/// The verdict about a connection and its causes, direction by direction and rule by rule.
public struct Explanation: Sendable {
  /// The sender: its name, or its address.
  public let source: String
  /// The receiver: its name, or its address.
  public let destination: String
  /// The sender's address; nil for a pod that has none yet.
  public let sourceAddress: IPAddress?
  /// The receiver's address; nil for a pod that has none yet.
  public let destinationAddress: IPAddress?
  /// The protocol and port that were asked about; nil: all.
  public let traffic: TrafficReference?
  /// All that is allowed from the one to the other.
  public let allowed: TrafficSet
  /// Both ends are one pod, which NetworkPolicy never keeps from itself.
  public let isSelf: Bool
  /// True where the tiers of ClusterNetworkPolicy are asked and NetworkPolicy is not: about a pod and itself, and what it
  /// sends to its own node.
  public let isAskedOfClusterTiers: Bool
  /// The rules for what a pod and its own node send each other; nil where this is no such connection.
  public let nodeTraffic: NodeTraffic?
  /// The sender's egress, if it is a pod.
  public let egress: DirectionTrace?
  /// The receiver's ingress, if it is a pod.
  public let ingress: DirectionTrace?
  let sourcePod: Int?
  let destinationPod: Int?
  /// The addresses that were looked at: their own, or an example of those that they may get.
  let sourceExample: IPAddress
  let destinationExample: IPAddress
  /// True where an end without an address may get one of either family.
  let mayHaveEitherFamily: Bool
  /// The addresses for which this holds, where it does not for all that an end may get: `if shop/Deployment/web gets …`.
  public internal(set) var condition: String?

  /// The family of the connection.
  public var family: IPFamily { sourceExample.family }

  /// The same about pods with other places in their cluster.
  func of(_ source: Int?, _ destination: Int?) -> Explanation {
    var copy = Explanation(
      source: self.source, destination: self.destination, sourceAddress: sourceAddress,
      destinationAddress: destinationAddress, traffic: traffic, allowed: allowed, isSelf: isSelf,
      isAskedOfClusterTiers: isAskedOfClusterTiers, nodeTraffic: nodeTraffic, egress: egress,
      ingress: ingress, sourcePod: source, destinationPod: destination, sourceExample: sourceExample,
      destinationExample: destinationExample, mayHaveEitherFamily: mayHaveEitherFamily)
    copy.condition = condition
    return copy
  }

  /// True where what was asked about is allowed; without a port, whether anything is.
  public var isAllowed: Bool {
    traffic.map { allowed.contains($0.transport, $0.port) } ?? !allowed.isEmpty
  }
}

extension Explanation {
  /// The deciding rules and policies in each direction of an end that is a pod, with the policy and its place.
  public var causes: [Cause] { [egress, ingress].compactMap { $0 }.map { Cause($0) } }
}
