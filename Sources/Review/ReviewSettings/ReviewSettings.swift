public import Diagnostics
public import Documents

/// The settings of a review, as the files `.netpolc.yaml` and `.netpolcignore` of a repository have them.
public struct ReviewSettings: Sendable {
  /// A text of a file, with its place.
  public struct Entry: Sendable, Hashable {
    /// The text as it is written: a path, a pattern, a name.
    public let text: String
    /// Where it was written.
    public let location: SourceLocation
  }

  /// A rule of lint that is left out, with the reason for it.
  public struct Suppression: Sendable, Hashable {
    /// The rule's id.
    public let rule: String
    /// The reason; never empty.
    public let reason: String
    /// The files that are meant; nil: all.
    public let files: PathPattern?
    /// Where it was written.
    public let location: SourceLocation

    /// True where a finding at a place is meant.
    public func covers(_ place: SourceLocation?) -> Bool {
      guard let files else { return true }
      guard var path = place?.file[...] else { return false }
      if let colon = path.firstIndex(of: ":"), colon != path.startIndex {
        path = path[path.index(after: colon)...]
      }
      return files.matches(path)
    }
  }

  /// Where policies are read from when the command line names nothing.
  public var paths: [Entry] = []
  /// Where pods are read from when the command line names no inventory.
  public var inventory: [Entry] = []
  /// The node whose pods are subjects when the command line names none.
  public var node: Entry?
  /// The files that are left out.
  public var exclusions: [Entry] = []
  /// The directory that each of `exclusions` counts from.
  public var bases: [String] = []
  /// The findings of lint that are left out.
  public var suppressions: [Suppression] = []

  /// Settings that say nothing.
  public init() {}

  /// The exclusions for a loader.
  public var pathExclusions: PathExclusions {
    PathExclusions(
      zip(exclusions, bases).compactMap { entry, base in
        PathPattern(entry.text).map { PathExclusions.Rule($0, base: base) }
      })
  }

  /// Adds what a file nearer to the manifests says; its paths, inventory and node count instead.
  public mutating func append(_ other: ReviewSettings) {
    if !other.paths.isEmpty { paths = other.paths }
    if !other.inventory.isEmpty { inventory = other.inventory }
    node = other.node ?? node
    exclusions += other.exclusions
    bases += other.bases
    suppressions += other.suppressions
  }
}
