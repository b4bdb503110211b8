/// A file or directory as a revision of a git repository has it, read with the git program.
struct GitRevision {
  /// `REV:PATH`, as git's own commands take it.
  let name: String
  /// Where git runs.
  let directory: String

  /// The reason for which it could not be read.
  struct Fault: Error {
    let message: String
  }

  /// One file of a revision.
  struct File {
    let name: String
    let bytes: SourceBytes
    let isPartOfDirectory: Bool
  }

  /// The text as a revision and a path, if it can be one: a revision may not be empty, nor look like an option.
  init?(_ text: String, directory: String) {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex, !text.hasPrefix("-"),
      !text.contains("\0")
    else { return nil }
    // Git takes `REV:./` for the current directory, and refuses `REV:.`.
    name = text.hasSuffix(":.") ? text + "/" : text
    self.directory = directory
  }

  /// The content of a path in the revision.
  struct Content {
    /// The file, or every manifest in the directory, by path. Symbolic links are followed as in a checkout, each file once.
    var files: [File] = []
    /// The directories that are other repositories, with the commits that they are at.
    var submodules: [(name: String, commit: String)] = []
  }

  /// The file, or every manifest in the directory.
  func content() throws(Fault) -> Content {
    let object = try line(["rev-parse", "--verify", "--quiet", name])
    switch try line(["cat-file", "-t", object]) {
    case "blob":
      return Content(files: [try file(object)])
    case "tree":
      return try content(ofTree: object)
    default:
      throw Fault(message: "is neither a file nor a directory of the revision")
    }
  }

  /// The file that was named; a symbolic link is the file behind it.
  private func file(_ object: String) throws(Fault) -> File {
    var content = object
    if let path = linkPath() {
      guard let target = try tree(revision).files(at: path).first else { throw Self.leadsOut(path) }
      content = target.object
    }
    return File(
      name: name, bytes: try git(["cat-file", "blob", content]).output, isPartOfDirectory: false)
  }

  /// The path from the top where it is a symbolic link; nil where it is a file, or the revision is written in a way of which git
  /// knows no tree.
  private func linkPath() -> String? {
    do throws(Fault) {
      let path = try pathFromTop()
      let listing = try git(["ls-tree", "-z", "--full-tree", revision, "--", path]).output
      return GitTree(listing, targets: { _ in nil })[path]?.kind == .link ? path : nil
    } catch {
      return nil
    }
  }

  private static func leadsOut(_ path: String) -> Fault {
    Fault(message: "\(path) is a symbolic link to nothing in the revision")
  }

  /// The number of object names in one request: together they fit into a pipe.
  private static let batch = 500

  private func content(ofTree object: String) throws(Fault) -> Content {
    let listed = try tree(object)
    let separator = name.hasSuffix(":") || name.hasSuffix("/") ? "" : "/"
    var content = Content()
    content.submodules = listed.entries.filter { $0.kind == .submodule }.map {
      (name + separator + $0.path, $0.object)
    }
    var entries = listed.entries.filter { $0.kind == .file && Self.isRead($0.path) }
    let links = listed.entries.filter { $0.kind == .link }
    if !links.isEmpty {
      let root = try tree(revision)
      let top = try pathFromTop()
      let above = top.isEmpty ? "" : top + "/"
      var seen = Set(entries.map { above + $0.path })
      for link in links {
        let targets = root.files(at: above + link.path)
        if targets.isEmpty, Self.isRead(link.path), !root.isDirectory(above + link.path) {
          throw Self.leadsOut(link.path)
        }
        for target in targets {
          let path = link.path + target.below
          guard Self.isRead(path), seen.insert(target.path).inserted else { continue }
          entries.append(GitTree.Entry(path: path, object: target.object, kind: .file))
        }
      }
    }
    entries.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    for start in stride(from: 0, to: entries.count, by: Self.batch) {
      let part = entries[start..<min(start + Self.batch, entries.count)]
      let input = part.map { $0.object + "\n" }.joined()
      let contents = try git(["cat-file", "--batch"], input: Array(input.utf8)).output
      var offset = 0
      for entry in part {
        guard let bytes = Self.nextBlob(contents, &offset) else {
          throw Fault(message: "git cat-file gave no content for \(entry.path)")
        }
        content.files.append(
          File(name: name + separator + entry.path, bytes: bytes, isPartOfDirectory: true))
      }
    }
    return content
  }

  private func tree(_ object: String) throws(Fault) -> GitTree {
    GitTree(try git(["ls-tree", "-r", "-z", "--full-tree", object]).output) { [directory] link in
      ChildProcess.run("git", ["-C", directory, "cat-file", "blob", link]).flatMap {
        $0.status == 0 ? $0.output.text : nil
      }
    }
  }

  /// True where a file of a directory is taken for a manifest.
  private static func isRead(_ path: String) -> Bool {
    ManifestLoader.isManifest(path) && path != ManifestLoader.settingsFile
      && !path.hasSuffix("/" + ManifestLoader.settingsFile)
  }

  /// The revision without its path.
  private var revision: String { String(name.prefix { $0 != ":" }) }

  /// The path from the top of the repository, without a slash at its end: `./` starts from the working directory.
  private func pathFromTop() throws(Fault) -> String {
    let path = String(name.dropFirst(revision.count + 1))
    let isRelative = path.hasPrefix("./") || path.hasPrefix("../")
    let prefix = isRelative ? try line(["rev-parse", "--show-prefix"]) : ""
    return GitTree.normal(prefix + path) ?? path
  }

  /// The next answer of `git cat-file --batch`: a line of name, type and size, then the content and a newline.
  private static func nextBlob(_ bytes: SourceBytes, _ offset: inout Int) -> SourceBytes? {
    let rest = UnsafeBufferPointer(start: bytes.start + offset, count: bytes.count - offset)
    guard let end = rest.firstIndex(of: 0x0a) else { return nil }
    let head = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
    guard head.count == 3, head[1] == "blob", let size = Int(head[2]), end + 1 + size < rest.count else {
      return nil
    }
    offset += end + 1 + size + 1
    return SourceBytes(rest[(end + 1)..<(end + 1 + size)])
  }

  private func line(_ arguments: [String]) throws(Fault) -> String {
    try git(arguments).output.text.split(separator: "\n").first.map(String.init) ?? ""
  }

  private func git(_ arguments: [String], input: [UInt8] = []) throws(Fault) -> ChildProcess.Outcome {
    guard let outcome = ChildProcess.run("git", ["-C", directory] + arguments, input: input) else {
      throw Fault(message: "git cannot be started")
    }
    guard outcome.status == 0 else {
      let first = outcome.complaint.text.split(separator: "\n").first.map { ": \($0)" } ?? ""
      throw Fault(message: "there is no such file, and git knows no such object\(first)")
    }
    return outcome
  }
}
