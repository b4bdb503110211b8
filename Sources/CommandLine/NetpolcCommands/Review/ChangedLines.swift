import Diagnostics
import Documents
import PolicyDiff
import PolicyModel

/// Finds the line that a pull request changed for a place of an object, a rule or an entry: a place that begins above the line,
/// or that only the old revision has.
struct ChangedLines {
  private let old: [String: ManifestSource]
  private let new: [String: ManifestSource]
  private let roots: (old: String, new: String)
  private var changes: [String: LineChanges] = [:]
  private var known: [Origin: [Origin]] = [:]

  /// Compares the sources of two sides.
  ///
  /// - Parameters:
  ///   - old: the small sources of the old side and of its inventory.
  ///   - new: those of the new side.
  ///   - roots: the sides as the command line names them.
  init(old: [ManifestSource], new: [ManifestSource], roots: (old: String, new: String)) {
    func named(_ sources: [ManifestSource]) -> [String: ManifestSource] {
      Dictionary(sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
    (self.old, self.new, self.roots) = (named(old), named(new), roots)
  }

  /// Places with the changed line of the first in its stead. What the old revision alone has stands where it stood, as far as the
  /// new revision has the file; its old place is then among the others.
  mutating func places(_ origins: [Origin]) -> [Origin] {
    guard let first = origins.first else { return [] }
    let found = known[first] ?? refined(first)
    known[first] = found
    return found + origins.dropFirst().filter { !found.contains($0) }
  }

  private mutating func refined(_ origin: Origin) -> [Origin] {
    let place = origin.location
    if let source = new[place.file] {
      return [Origin(line(of: origin, in: source, former: former(of: place.file)), field: origin.field)]
    }
    guard old[place.file] != nil, let file = latter(of: place.file), let source = new[file],
      let there = lineChanges(place.file, file).place(ofOld: place.line)
    else { return [origin] }
    let column = there.isKept ? place.column : 1
    let stands = Origin(SourceLocation(file: file, line: there.line, column: column), field: origin.field)
    if there.isKept {
      return [Origin(line(of: stands, in: source, former: place.file), field: origin.field), origin]
    }
    // Where the end of the file is gone, its last line.
    let text = source.text
    let last = max(
      1, text.split(separator: "\n", omittingEmptySubsequences: false).count - (text.hasSuffix("\n") ? 1 : 0))
    return [
      Origin(SourceLocation(file: file, line: min(there.line, last), column: 1), field: origin.field), origin,
    ]
  }

  // MARK: Files of both revisions

  /// The new side's file that is a file of the old one.
  private func latter(of file: String) -> String? {
    Self.other(file, in: new, from: roots.old, to: roots.new)
  }

  private func former(of file: String) -> String? {
    if let same = old[file], same.text == new[file]?.text { return nil }
    return Self.other(file, in: old, from: roots.new, to: roots.old)
  }

  private static func other(
    _ file: String, in sources: [String: ManifestSource], from: String, to: String
  ) -> String? {
    if file.hasPrefix(from), sources[to + file.dropFirst(from.count)] != nil {
      return to + file.dropFirst(from.count)
    }
    let path = path(file)
    return sources.keys.filter { $0 != file && self.path($0) == path }.min()
  }

  /// The path without its revision.
  private static func path(_ file: String) -> Substring {
    guard let colon = file.firstIndex(of: ":"), colon != file.startIndex else { return file[...] }
    return file[file.index(after: colon)...]
  }

  private mutating func lineChanges(_ before: String, _ after: String) -> LineChanges {
    let key = before + "\0" + after
    if let known = changes[key] { return known }
    let found = LineChanges(old[before]?.text ?? "", new[after]?.text ?? "")
    changes[key] = found
    return found
  }

  // MARK: Lines

  /// The changed line of what begins at a place of the new side.
  private mutating func line(
    of origin: Origin, in source: ManifestSource, former: String?
  ) -> SourceLocation {
    let place = Self.labels(origin, in: source) ?? origin.location
    guard let former else { return place }
    let changes = lineChanges(former, place.file)
    let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
    let span = Self.span(place, lines)
    func isContent(_ number: Int) -> Bool {
      let text = lines[number - 1].drop { $0 == " " || $0 == "\t" }
      return !text.isEmpty && !text.hasPrefix("#") && !text.hasPrefix("---")
    }
    if changes.inserted.contains(place.line) { return place }
    if let line = span.first(where: { changes.inserted.contains($0) && isContent($0) }) {
      let indent = lines[line - 1].prefix { $0 == " " }.utf8.count
      return SourceLocation(file: place.file, line: line, column: indent + 1)
    }
    // Where lines are only gone, the line above them.
    guard let gap = (span.lowerBound...span.upperBound).first(where: changes.removals.contains),
      gap - 1 > place.line, lines.indices.contains(gap - 2)
    else { return place }
    let indent = lines[gap - 2].prefix { $0 == " " }.utf8.count
    return SourceLocation(file: place.file, line: gap - 1, column: indent + 1)
  }

  /// The lines of what begins at a place: those that are indented at least as far.
  private static func span(_ place: SourceLocation, _ lines: [Substring]) -> Range<Int> {
    var end = place.line + 1
    while end <= lines.count {
      let line = lines[end - 1]
      let indent = line.prefix { $0 == " " }.utf8.count
      let rest = line.drop { $0 == " " }
      if rest.isEmpty {
        end += 1
        continue
      }
      let closes = indent == place.column - 1 && ["{", "}", "]"].contains(rest.prefix(1))
      if indent < place.column - 1 || closes || line.hasPrefix("---") { break }
      end += 1
    }
    return min(place.line, max(1, lines.count))..<max(end, place.line + 1)
  }

  /// The place of a label of the object at a place, or of its labels where it has the label no more; nil where the place is about
  /// no label. Of a workload the labels of its pods are meant, which stand last.
  private static func labels(_ origin: Origin, in source: ManifestSource) -> SourceLocation? {
    guard origin.field.hasPrefix(Origin.labelsField) else { return nil }
    let key = origin.field.dropFirst(Origin.labelsField.count).dropLast()
    for document in DocumentValue.documents(in: source).documents {
      guard let object = object(at: origin.location, in: document) else { continue }
      guard let labels = members(named: "labels", below: "metadata", in: object, under: "").last else {
        return nil
      }
      if case .object(let members) = labels.value.content, let label = members.first(where: { $0.key == key })
      {
        return label.location
      }
      return labels.location
    }
    return nil
  }

  private static func object(at place: SourceLocation, in value: DocumentValue) -> DocumentValue? {
    switch value.content {
    case .object(let members):
      if value.location == place { return value }
      for member in members {
        if let found = object(at: place, in: member.value) { return found }
      }
      return nil
    case .list(let entries):
      for entry in entries {
        if let found = object(at: place, in: entry) { return found }
      }
      return nil
    case .scalar, .null: return nil
    }
  }

  private static func members(
    named name: String, below parent: String, in value: DocumentValue, under: String
  ) -> [DocumentValue.Member] {
    switch value.content {
    case .object(let members):
      members.flatMap { member in
        (member.key == name && under == parent ? [member] : [])
          + self.members(named: name, below: parent, in: member.value, under: member.key)
      }
    case .list(let entries):
      entries.flatMap { self.members(named: name, below: parent, in: $0, under: "") }
    case .scalar, .null: []
    }
  }
}
