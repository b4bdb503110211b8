/// A workload of a pod's own namespace, as its pods name it.
public struct WorkloadReference: Sendable, Hashable {
  /// The kind, such as `Deployment`.
  public let kind: String
  /// The workload's name.
  public let name: String

  /// A workload of a kind and name.
  public init(kind: String, name: String) { (self.kind, self.name) = (kind, name) }
}
