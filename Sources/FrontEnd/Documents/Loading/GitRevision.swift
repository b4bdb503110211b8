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

  /// The file, or every manifest in the directory, by path.
  func files() throws(Fault) -> [File] {
    let object = try line(["rev-parse", "--verify", "--quiet", name])
    switch try line(["cat-file", "-t", object]) {
    case "blob":
      let outcome = try git(["cat-file", "blob", object])
      return [File(name: name, bytes: outcome.output, isPartOfDirectory: false)]
    case "tree":
      return try blobs(in: object)
    default:
      throw Fault(message: "is neither a file nor a directory of the revision")
    }
  }

  /// The number of object names in one request: together they fit into a pipe.
  private static let batch = 500

  private func blobs(in tree: String) throws(Fault) -> [File] {
    let listing = try git(["ls-tree", "-r", "-z", "--full-tree", tree]).output
    var entries: [(path: String, object: String)] = []
    let listed = UnsafeBufferPointer(start: listing.start, count: listing.count)
    for record in listed.split(separator: 0) {
      let fields = record.split(separator: 0x09, maxSplits: 1)
      guard fields.count == 2 else { continue }
      let head = String(decoding: fields[0], as: UTF8.self).split(separator: " ")
      let path = String(decoding: fields[1], as: UTF8.self)
      guard head.count == 3, head[0].hasPrefix("100"), ManifestLoader.isManifest(path),
        path != ManifestLoader.settingsFile, !path.hasSuffix("/" + ManifestLoader.settingsFile)
      else { continue }
      entries.append((path, String(head[2])))
    }
    entries.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    let separator = name.hasSuffix(":") || name.hasSuffix("/") ? "" : "/"
    var files: [File] = []
    for start in stride(from: 0, to: entries.count, by: Self.batch) {
      let part = entries[start..<min(start + Self.batch, entries.count)]
      let input = part.map { $0.object + "\n" }.joined()
      let contents = try git(["cat-file", "--batch"], input: Array(input.utf8)).output
      var offset = 0
      for entry in part {
        guard let bytes = Self.nextBlob(contents, &offset) else {
          throw Fault(message: "git cat-file gave no content for \(entry.path)")
        }
        files.append(File(name: name + separator + entry.path, bytes: bytes, isPartOfDirectory: true))
      }
    }
    return files
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
