public import Diagnostics
public import Documents
public import PolicyModel

/// The objects of some sources, and the findings about them.
public struct ManifestReading: Sendable {
  /// The policies and the inventory, as they are meant.
  public let contents: ManifestContents
  /// The NetworkPolicy objects as they were written, in the order in which they were written.
  public let networkPolicies: [NetworkPolicy]
  /// The policies of other projects, in reading order.
  public let unenforced: [UnenforcedPolicy]
  /// Documents of directories that are no objects.
  public let leftOut: LeftOut
  /// The findings, in reading order.
  public let diagnostics: [Diagnostic]
}
