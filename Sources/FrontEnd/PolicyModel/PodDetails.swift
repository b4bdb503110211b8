/// The properties that pods of a cluster rarely have otherwise than here: reviews of manifests and shared addresses have them.
struct PodDetails: Hashable, Sendable {
  var claimants: [Pod] = []
  var isPlaceholder = false
  /// The replicas; negative where there are none.
  var replicas: Int32 = -1
  var kind = "Pod"
  /// The numbers behind the names, where there are too many to look through; nil for the few ports of a usual pod.
  var portNumbers: PortNumbers?
  var owner: WorkloadReference?
  var origin = Origin.nowhere

  /// Those of nearly every pod that an agent knows.
  static let usual = PodDetails()
}

/// The place of details that are not the usual ones; never changed.
final class UnusualPodDetails: Sendable, Hashable {
  let details: PodDetails

  init(_ details: PodDetails) { self.details = details }

  static func == (left: UnusualPodDetails, right: UnusualPodDetails) -> Bool {
    left === right || left.details == right.details
  }

  func hash(into hasher: inout Hasher) { hasher.combine(details) }
}
