import Connectivity
public import PolicyModel

/// A pod or workload that comes onto the host network, where no policy applies to it.
public struct HostNetworkChange: Sendable, Hashable {
  /// `namespace/name`, or `namespace/Kind/name`.
  public let name: String
  /// The place that changed; none where it is not known.
  public var places: [Origin]
}

extension ConnectivityDiff {
  /// Takes over pods that come onto the host network: they are not gone.
  mutating func move(ontoHostNetwork changes: [HostNetworkChange]) {
    ontoHostNetwork = changes
    let names = Set(changes.map(\.name))
    pods.vanished.removeAll(where: names.contains)
  }
}
