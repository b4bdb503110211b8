/// The files, symbolic links and submodules of a tree object, by their paths.
struct GitTree {
  /// The kinds of entries.
  enum Kind: Hashable {
    case file
    case link
    case submodule
  }

  /// One file, link or submodule of a tree.
  struct Entry {
    let path: String
    let object: String
    let kind: Kind
  }

  /// The entries in git's order.
  let entries: [Entry]
  private let places: [String: Int]
  private let targets: (_ object: String) -> String?
  /// Links may follow links so often, as in Linux.
  private static let mostLinks = 40

  subscript(path: String) -> Entry? { places[path].map { entries[$0] } }

  /// The path without `.`, `..` and empty parts; nil where it leads out of the top.
  static func normal(_ path: String) -> String? {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(part)
      } else if parts.popLast() == nil {
        return nil
      }
    }
    return parts.joined(separator: "/")
  }

  /// Entries of `git ls-tree -r -z`.
  ///
  /// - Parameters:
  ///   - listing: the program's output.
  ///   - targets: the content of the object of a link.
  init(_ listing: SourceBytes, targets: @escaping (_ object: String) -> String?) {
    let bytes = UnsafeBufferPointer(start: listing.start, count: listing.count)
    let entries = bytes.split(separator: 0).compactMap { record -> Entry? in
      let fields = record.split(separator: 0x09, maxSplits: 1)
      guard fields.count == 2 else { return nil }
      let head = String(decoding: fields[0], as: UTF8.self).split(separator: " ")
      guard head.count == 3 else { return nil }
      let kind: Kind? =
        switch head[0] {
        case "120000": .link
        case "160000": .submodule
        default: head[0].hasPrefix("100") ? .file : nil
        }
      return kind.map {
        Entry(path: String(decoding: fields[1], as: UTF8.self), object: String(head[2]), kind: $0)
      }
    }
    places = Dictionary(
      entries.indices.map { (entries[$0].path, $0) }, uniquingKeysWith: { first, _ in first })
    (self.entries, self.targets) = (entries, targets)
  }

  /// The path that a path is when every link in it was followed; nil where one leads out of the tree, or into a circle.
  private func resolved(_ path: String) -> String? {
    guard var rest = Self.normal(path)?.split(separator: "/").map(String.init) else { return nil }
    var (reached, links): ([String], Int) = ([], 0)
    while !rest.isEmpty {
      let part = rest.removeFirst()
      let next = (reached + [part]).joined(separator: "/")
      guard let entry = self[next], entry.kind == .link else {
        reached.append(part)
        continue
      }
      links += 1
      guard links <= Self.mostLinks, let target = targets(entry.object), !target.hasPrefix("/"),
        let whole = Self.normal((reached + [target]).joined(separator: "/"))
      else { return nil }
      // The target is walked from the top again: a part of it may be a link too.
      rest = whole.split(separator: "/").map(String.init) + rest
      reached = []
    }
    return reached.joined(separator: "/")
  }

  /// True where a path is a directory, or a link to one.
  func isDirectory(_ path: String) -> Bool {
    guard let place = resolved(path) else { return false }
    return place.isEmpty || entries.contains { $0.path.hasPrefix(place + "/") }
  }

  /// The files at a path or below it, links followed: each with its own path and the rest of the one that was asked for.
  func files(at path: String) -> [(path: String, below: String, object: String)] {
    var found: [(path: String, below: String, object: String)] = []
    var visited: Set<String> = []
    collect(path, "", &visited, &found)
    return found
  }

  private func collect(
    _ path: String, _ below: String, _ visited: inout Set<String>,
    _ found: inout [(path: String, below: String, object: String)]
  ) {
    guard let place = resolved(path), visited.insert(place).inserted else { return }
    if let entry = self[place], entry.kind == .file {
      found.append((place, below, entry.object))
      return
    }
    let directory = place.isEmpty ? "" : place + "/"
    for entry in entries where entry.path.hasPrefix(directory) && entry.path != place {
      let rest = "/" + entry.path.dropFirst(directory.count)
      switch entry.kind {
      case .file:
        if visited.insert(entry.path).inserted { found.append((entry.path, below + rest, entry.object)) }
      case .link: collect(entry.path, below + rest, &visited, &found)
      case .submodule: break
      }
    }
  }
}
