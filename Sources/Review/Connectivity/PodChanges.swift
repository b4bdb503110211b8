/// Pods that are not the same in both revisions. Connections with them are not compared, for one of the two sides
/// knows nothing of them.
public struct PodChanges: Sendable, Hashable {
  /// Only in the new revision.
  public var appeared: [String] = []
  /// Only in the old revision.
  public var vanished: [String] = []
  /// In both, with no address in common.
  public var readdressed: [String] = []

  /// True where there are none.
  public var isEmpty: Bool { appeared.isEmpty && vanished.isEmpty && readdressed.isEmpty }
}
