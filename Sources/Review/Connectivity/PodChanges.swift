/// Pods that are not the same in both revisions.
public struct PodChanges: Sendable, Hashable {
  /// Only in the new revision.
  public var appeared: [String] = []
  /// Only in the old revision.
  public var vanished: [String] = []
  /// In both under different names.
  public var renamed: [Rename] = []
  /// In both, at addresses of which none is the same and which policies distinguish: compared as gone and as new.
  public var readdressed: [String] = []
  /// In both, with an address that only one revision has, at which nothing is compared.
  public var partlyReaddressed: [String] = []

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
