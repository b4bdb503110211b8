public import PolicyModel

/// Where two revisions write what a cluster keeps no place of: namespaces, and pods on the host network.
public struct WrittenPlaces: Sendable {
  /// The places of the old revision's namespaces, by name.
  public let old: [String: Origin]
  /// The places of the new revision's namespaces, by name.
  public let new: [String: Origin]

  /// The places of the new revision's pods and workloads on the host network, by their names in reports.
  public let hostNetwork: [String: Origin]

  /// Places by name; none for namespaces that no manifest writes.
  public init(
    old: [String: Origin] = [:], new: [String: Origin] = [:], hostNetwork: [String: Origin] = [:]
  ) {
    (self.old, self.new, self.hostNetwork) = (old, new, hostNetwork)
  }
}

extension Origin {
  /// The beginning of the field of a label, behind which its key and a bracket stand.
  public static let labelsField = "metadata.labels["

  /// The place of a label of the object whose place this is.
  func label(_ key: String) -> Origin { Origin(location, field: "\(Self.labelsField)\(key)]") }
}
