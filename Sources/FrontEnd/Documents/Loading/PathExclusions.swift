/// The files of directories that are not read: patterns in layers, each with the directory that its paths start from. Of
/// several patterns that match a file the last decides.
public struct PathExclusions: Sendable, Hashable {
  /// A pattern, and where it counts from.
  public struct Rule: Sendable, Hashable {
    /// The pattern of files that are left out, or read after all.
    public let pattern: PathPattern
    /// The directory that the pattern's paths start from; empty: the working directory, or the top of a revision.
    public let base: String
    /// True where paths start from every directory that was named as well: a pattern of the command line.
    public let countsFromRoots: Bool

    /// A pattern that counts from a directory.
    public init(_ pattern: PathPattern, base: String = "", countsFromRoots: Bool = false) {
      (self.pattern, self.base, self.countsFromRoots) = (pattern, base, countsFromRoots)
    }
  }

  /// The rules, later ones stronger.
  public var rules: [Rule]

  /// Exclusions by rules.
  public init(_ rules: [Rule] = []) { self.rules = rules }

  /// The pattern that keeps a file from being read; nil for a file that is read.
  ///
  /// - Parameters:
  ///   - name: the file as it is named in messages, with its revision where it has one.
  ///   - root: the directory that was named, likewise.
  /// - Returns: the pattern of the last rule that says so.
  public func pattern(excluding name: String, in root: String) -> PathPattern? {
    if rules.isEmpty { return nil }
    let (path, root) = (Self.path(name), Self.path(root))
    var excluding: PathPattern?
    for rule in rules {
      var bases = [Self.path(rule.base)]
      if rule.countsFromRoots { bases.append(root) }
      let isMatch = bases.contains { base in
        Self.below(base, path).map { rule.pattern.matches($0) } ?? false
      }
      if isMatch { excluding = rule.pattern.isException ? nil : rule.pattern }
    }
    return excluding
  }

  /// A path without its revision and without `./`.
  private static func path(_ name: String) -> Substring {
    var path = name[...]
    if let colon = path.firstIndex(of: ":"), colon != path.startIndex {
      path = path[path.index(after: colon)...]
    }
    while path.hasPrefix("./") { path = path.dropFirst(2) }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path == "." ? "" : path
  }

  /// The path as it is seen from a directory above; nil where that is not above.
  private static func below(_ base: Substring, _ path: Substring) -> Substring? {
    if base.isEmpty { return path }
    guard path.hasPrefix(base) else { return nil }
    let rest = path.dropFirst(base.count)
    if base.hasSuffix("/") { return rest }
    return rest.hasPrefix("/") ? rest.dropFirst() : nil
  }
}
