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

extension ReviewSettings {
  /// A difference of two revisions of settings.
  public struct Change: Sendable, Hashable {
    /// The difference in words.
    public let words: String
    /// Where the new revision says it, or the old one said it.
    public let location: SourceLocation?
  }

  /// Differences from an old revision, which counts for the review: each of them is reported.
  public func changes(from old: ReviewSettings) -> [Change] {
    var changes: [Change] = []
    func compare(
      _ before: [(key: String, at: SourceLocation)], _ after: [(key: String, at: SourceLocation)],
      _ what: String
    ) {
      let (had, has) = (Set(before.map(\.key)), Set(after.map(\.key)))
      changes += after.filter { !had.contains($0.key) }.map {
        Change(words: "\(what) \($0.key) is new", location: $0.at)
      }
      changes += before.filter { !has.contains($0.key) }.map {
        Change(words: "\(what) \($0.key) is gone", location: $0.at)
      }
    }
    func keys(_ entries: [Entry]) -> [(key: String, at: SourceLocation)] {
      entries.map { ($0.text, $0.location) }
    }
    compare(keys(old.exclusions), keys(exclusions), "exclusion")
    if old.exclusions.map(\.text) != exclusions.map(\.text),
      Set(old.exclusions.map(\.text)) == Set(exclusions.map(\.text))
    {
      changes.append(Change(words: "the exclusions have another order", location: exclusions.first?.location))
    }
    func suppressed(_ list: [Suppression]) -> [(key: String, at: SourceLocation)] {
      list.map { ($0.rule + ($0.files.map { " of \($0.text)" } ?? ""), $0.location) }
    }
    compare(suppressed(old.suppressions), suppressed(suppressions), "suppression of")
    compare(keys(old.paths), keys(paths), "path")
    compare(keys(old.inventory), keys(inventory), "inventory")
    compare(keys([old.node].compactMap { $0 }), keys([node].compactMap { $0 }), "node")
    return changes
  }
}
