/// A pattern of paths as git's ignore files have it: `*.values.yaml`, `charts/`, `/base/**/patch-?.yaml`, `!keep.yaml`.
///
/// A pattern without a slash, or with one at its end only, means files and directories of that name at any depth; any other
/// is a path from the base. `*` and `?` match within one name, `**` over several. What matches a directory matches all below.
public struct PathPattern: Sendable, Hashable {
  /// The pattern as it was written.
  public let text: String
  /// True for a pattern with `!` before it, whose files are read after all.
  public let isException: Bool
  private let parts: [[Character]]
  private let isAnchored: Bool
  private let meansDirectory: Bool

  /// Reads a pattern; nil for an empty one and for a comment.
  public init?(_ line: some StringProtocol) {
    var text = String(line).drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    guard !text.isEmpty, text.first != "#" else { return nil }
    self.text = String(text)
    isException = text.first == "!"
    if isException { text = text.dropFirst() }
    meansDirectory = text.last == "/"
    if meansDirectory { text.removeLast() }
    isAnchored = text.contains("/")
    if text.hasPrefix("./") { text = text.dropFirst(2) }
    parts = text.split(separator: "/").map { Array($0) }
    if parts.isEmpty { return nil }
  }

  /// True where a file, by its path from the base, or a directory above it is meant.
  public func matches(_ path: some StringProtocol) -> Bool {
    let names = String(path).split(separator: "/").map { Array($0) }
    let directories = names.count - 1
    // The file itself, or one of the directories that it is in.
    for end in 1...max(1, names.count) where end <= names.count {
      if meansDirectory, end > directories { continue }
      let head = names[..<end]
      if isAnchored {
        if Self.match(parts[...], head) { return true }
      } else if let name = head.last, Self.matchName(parts[0][...], name[...]) {
        return true
      }
    }
    return false
  }

  private static func match(_ pattern: ArraySlice<[Character]>, _ names: ArraySlice<[Character]>) -> Bool {
    guard let first = pattern.first else { return names.isEmpty }
    if first == ["*", "*"] {
      let rest = pattern.dropFirst()
      if rest.isEmpty { return !names.isEmpty }
      return names.indices.contains { match(rest, names[$0...]) }
    }
    guard let name = names.first, matchName(first[...], name[...]) else { return false }
    return match(pattern.dropFirst(), names.dropFirst())
  }

  private static func matchName(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
    // The last star and what it has taken so far: no other star need be tried again.
    var (at, place) = (pattern.startIndex, name.startIndex)
    var star: (pattern: Int, name: Int)?
    while place < name.endIndex {
      if at < pattern.endIndex, pattern[at] == "*" {
        star = (at + 1, place)
        at += 1
      } else if at < pattern.endIndex, let next = matchOne(pattern, at, name[place]) {
        at = next
        place += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        (at, place) = (last.pattern, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == "*" }
  }

  /// The place behind the part of a pattern that matches a character; nil where it does not.
  private static func matchOne(_ pattern: ArraySlice<Character>, _ at: Int, _ character: Character) -> Int? {
    if pattern[at] == "?" { return at + 1 }
    if pattern[at] == "[", let end = pattern[(at + 1)...].dropFirst().firstIndex(of: "]") {
      var set = pattern[(at + 1)..<end]
      let isNot = set.first == "!" || set.first == "^"
      if isNot { set = set.dropFirst() }
      var isIn = false
      var index = set.startIndex
      while index < set.endIndex {
        if index + 2 < set.endIndex, set[index + 1] == "-" {
          isIn = isIn || set[index] <= character && character <= set[index + 2]
          index += 3
        } else {
          isIn = isIn || set[index] == character
          index += 1
        }
      }
      return isIn != isNot ? end + 1 : nil
    }
    return pattern[at] == character ? at + 1 : nil
  }
}
