public import Diagnostics

/// The sources behind some paths.
public struct LoadedManifests: Sendable {
  /// The sources, in the order named, each file once.
  public let sources: [ManifestSource]
  /// An error for each path that gives none, and what was left out.
  public let diagnostics: [Diagnostic]
  /// The files of directories that are not read.
  public let leftOut: LeftOut
  /// The patterns that left out a file.
  public let matched: Set<PathPattern>
}
