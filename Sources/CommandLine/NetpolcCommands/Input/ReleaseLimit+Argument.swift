public import ArgumentParser
public import NodeCompiler

extension ReleaseLimit: ExpressibleByArgument {
  /// Reads `N` or `N%`.
  public init?(argument: String) { self.init(argument) }
}
