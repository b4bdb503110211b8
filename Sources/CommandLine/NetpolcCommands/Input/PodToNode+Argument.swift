public import ArgumentParser
public import PolicyModel

extension EnforcementModes.Counts: ExpressibleByArgument {}
extension EnforcementModes.PodToNode: ExpressibleByArgument {}
extension EnforcementModes.SourceCheck: ExpressibleByArgument {}

extension EnforcementModes.Log: ExpressibleByArgument {
  /// Reads a rate as nft writes it: `10/second`.
  public init?(argument: String) { self.init(rate: argument) }
}
