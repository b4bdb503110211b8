public import Diagnostics
import Documents

extension ReviewSettings {
  /// The differences of a file of settings in two revisions.
  public struct Change: Sendable, Hashable {
    /// The differences in words, separated by commas.
    public let words: String
    /// Where the new revision says the first of them, or where the old one said it.
    public let location: SourceLocation?
    /// Where the other ones are said.
    public let others: [SourceLocation]
  }

  /// Differences from an old revision, which counts for the review: one for each file of settings that says something else.
  public func changes(from old: ReviewSettings) -> [Change] {
    var differences: [Difference] = []
    func compare(_ before: [Statement], _ after: [Statement], _ what: String) {
      let (had, has) = (Set(before.map(\.key)), Set(after.map(\.key)))
      differences += after.filter { !had.contains($0.key) }.map {
        Difference(words: "\(what) \($0.words) is new", location: $0.location, isNew: true)
      }
      differences += before.filter { !has.contains($0.key) }.map {
        Difference(words: "\(what) \($0.words) is gone", location: $0.location, isNew: false)
      }
    }
    compare(old.excluded, excluded, "exclusion")
    if old.excluded.map(\.key) != excluded.map(\.key), let first = exclusions.first,
      Set(old.excluded.map(\.key)) == Set(excluded.map(\.key))
    {
      differences.append(
        Difference(words: "the exclusions have another order", location: first.location, isNew: true))
    }
    compare(old.suppressed, suppressed, "suppression of")
    compare(Self.statements(old.paths), Self.statements(paths), "path")
    compare(Self.statements(old.inventory), Self.statements(inventory), "inventory")
    compare(
      Self.statements([old.node].compactMap { $0 }), Self.statements([node].compactMap { $0 }), "node")
    return Self.byFile(differences)
  }

  /// Something that a file of settings says.
  private struct Statement {
    let words: String
    let location: SourceLocation
    /// Equal where it means the same in two revisions.
    var key: String { ReviewSettings.isAtTop(location) ? words : "below: " + words }
  }

  private struct Difference {
    let words: String
    let location: SourceLocation
    let isNew: Bool
  }

  /// A file of settings in whatever revision: one at the top, or one in the directory that was named.
  private struct File: Hashable {
    let isAtTop: Bool
    let name: String

    init(_ place: SourceLocation) {
      isAtTop = ReviewSettings.isAtTop(place)
      name = place.file.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? place.file
    }
  }

  /// True where the file stands in the working directory or at the top of a revision.
  private static func isAtTop(_ place: SourceLocation) -> Bool {
    let path = place.file.firstIndex(of: ":").map { place.file[place.file.index(after: $0)...] }
    return !(path ?? place.file[...]).contains("/")
  }

  private static func statements(_ entries: [Entry]) -> [Statement] {
    entries.map { Statement(words: $0.text, location: $0.location) }
  }

  private var excluded: [Statement] { Self.statements(exclusions) }

  private var suppressed: [Statement] {
    suppressions.map { one in
      Statement(words: one.rule + (one.files.map { " of \($0.text)" } ?? ""), location: one.location)
    }
  }

  /// One change a file, at what is new in it if anything is.
  private static func byFile(_ differences: [Difference]) -> [Change] {
    var order: [File] = []
    var groups: [File: [Difference]] = [:]
    for difference in differences {
      let file = File(difference.location)
      if groups[file] == nil { order.append(file) }
      groups[file, default: []].append(difference)
    }
    return order.compactMap { file in
      let group = groups[file] ?? []
      guard let first = group.first(where: \.isNew) ?? group.first else { return nil }
      var seen: Set<SourceLocation> = [first.location]
      return Change(
        words: group.map(\.words).joined(separator: ", "), location: first.location,
        others: group.map(\.location).filter { seen.insert($0).inserted })
    }
  }
}
