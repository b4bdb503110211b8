public import Addresses
public import PolicyModel

/// The fate of a denied connection where the sender writes a source into its packets that is not its own.
public struct ForgedSource: Sendable, Hashable {
  /// A source with which it passes.
  public struct Passing: Sendable, Hashable {
    /// The source, one of perhaps many.
    public let address: IPAddress
    /// The pod that has the address; nil: none.
    public let owner: String?
    /// All that passes with it and was denied.
    public let traffic: TrafficSet
  }

  /// The check of sources on the nodes.
  public let check: EnforcementModes.SourceCheck
  /// A source with which it passes; nil: there is none.
  public let passing: Passing?
}
