/// A workload of a pod's own namespace, as its pods name it.
///
/// An object, which the pods of a workload share: a cluster has many pods of few workloads.
public final class WorkloadReference: Sendable, Hashable {
  /// The kind, such as `Deployment`.
  public let kind: String
  /// The workload's name.
  public let name: String

  /// A workload of a kind and name.
  public init(kind: String, name: String) { (self.kind, self.name) = (kind, name) }

  /// True for the same kind and name.
  public static func == (left: WorkloadReference, right: WorkloadReference) -> Bool {
    left === right || left.kind == right.kind && left.name == right.name
  }

  /// Hashes kind and name.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(name)
  }
}
