public import Addresses

/// A node (`corev1.Node`).
public struct Node: Sendable, Hashable {
  /// The node's name.
  public let name: String
  /// The node's labels.
  public let labels: Labels
  /// `status.addresses` that are IP addresses.
  public let addresses: [IPAddress]
  /// `spec.podCIDRs`: where the addresses of its pods come from.
  public let podCIDRs: [CIDR]
  /// Where it was written.
  public let origin: Origin

  /// Creates a node.
  public init(
    name: String, labels: Labels = Labels(), addresses: [IPAddress], podCIDRs: [CIDR], origin: Origin
  ) {
    self.name = name
    self.labels = labels
    self.addresses = addresses
    self.podCIDRs = podCIDRs
    self.origin = origin
  }
}
