/// Pods that are not the same in both revisions.
public struct PodChanges: Sendable, Hashable {
  /// Only in the new revision.
  public var appeared: [String] = []
  /// Only in the old revision.
  public var vanished: [String] = []
  /// In both under different names.
  public var renamed: [Rename] = []
  /// In both, with no address in common: their connections are not compared.
  public var readdressed: [String] = []

  /// A pod with its two names.
  public struct Rename: Sendable, Hashable {
    /// The name in the old revision.
    public let from: String
    /// The name in the new revision.
    public let to: String

    /// A pod that had one name and has another.
    public init(from: String, to: String) { (self.from, self.to) = (from, to) }
  }

  /// True where both revisions have the same pods.
  public var isEmpty: Bool {
    appeared.isEmpty && vanished.isEmpty && readdressed.isEmpty && renamed.isEmpty
  }
}
