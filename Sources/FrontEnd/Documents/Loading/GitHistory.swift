/// The commits of a git repository that touch some paths, oldest first.
public struct GitHistory: Sendable {
  /// One commit of the history.
  public struct Commit: Sendable, Hashable {
    /// The abbreviated name.
    public let name: String
    /// The first line of its message.
    public let subject: String
    /// The full names of its parents.
    public let parents: [String]
  }

  /// The reasons for which there is no history.
  public struct Fault: Error {
    /// The reason in words.
    public let message: String
  }

  /// The commit before the range, then each of it that touches a path, following first parents.
  public let commits: [Commit]
  private let paths: [String]
  private let directory: String

  /// Reads the history.
  ///
  /// - Parameters:
  ///   - base: the revision before the range.
  ///   - last: the last revision of the range.
  ///   - paths: files and directories, from the repository's top, as in `REV:PATH`.
  ///   - directory: where git runs.
  /// - Throws: a fault where git does not know the revisions.
  public init(
    from base: String, to last: String, paths: [String], directory: String = "."
  ) throws(Fault) {
    self.paths = paths
    self.directory = directory
    guard ![base, last].contains(where: { $0.isEmpty || $0.hasPrefix("-") }) else {
      throw Fault(message: "a range is REV..REV")
    }
    commits = try Self.commits(from: base, to: last, paths, directory)
  }

  /// The commits that a merge brought in: for each parent but the first, the commit where it left the first,
  /// then each later one that touches a path, following first parents.
  ///
  /// - Throws: `Fault` where git is missing, fails or does not know the object.
  public func branches(of merge: Commit) throws(Fault) -> [[Commit]] {
    guard let first = merge.parents.first else { return [] }
    var branches: [[Commit]] = []
    for parent in merge.parents.dropFirst() {
      let found = try Self.git(["merge-base", first, parent], directory).split(separator: "\n").first
      guard let base = found.map(String.init) else { continue }
      branches.append(try Self.commits(from: base, to: parent, paths, directory))
    }
    return branches
  }

  /// The names of the objects that the paths are in a commit: equal names, equal content. Nil where a path is not there.
  ///
  /// - Throws: `Fault` where git is missing, fails or does not know the object.
  public func objects(in commit: Commit) throws(Fault) -> [String?] {
    var objects: [String?] = []
    for path in paths {
      let arguments = ["-C", directory, "rev-parse", "--verify", "--quiet", "\(commit.name):\(path)"]
      guard let outcome = ChildProcess.run("git", arguments) else { throw Self.notStarted }
      objects.append(
        outcome.status == 0 ? outcome.output.text.split(separator: "\n").first.map(String.init) : nil)
    }
    return objects
  }

  /// True where git knows a revision of this name in the repository around a directory.
  public static func isRevision(_ name: String, directory: String = ".") -> Bool {
    if name.isEmpty || name.hasPrefix("-") { return false }
    let arguments = ["-C", directory, "rev-parse", "--verify", "--quiet", name + "^{commit}"]
    return ChildProcess.run("git", arguments)?.status == 0
  }

  private static let notStarted = Fault(message: "git cannot be started")

  private static func commits(
    from base: String, to last: String, _ paths: [String], _ directory: String
  ) throws(Fault) -> [Commit] {
    let format = "--format=%h%x09%P%x09%s"
    let tops = paths.map { ":(top,literal)\($0)" }
    let text =
      try git(["log", "-1", format, base, "--"], directory)
      + git(
        ["log", "--reverse", "--first-parent", format, "\(base)..\(last)", "--"] + tops, directory)
    return text.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      return Commit(
        name: parts[0], subject: parts.count > 2 ? parts[2] : "",
        parents: parts.count > 1 ? parts[1].split(separator: " ").map(String.init) : [])
    }
  }

  private static func git(_ arguments: [String], _ directory: String) throws(Fault) -> String {
    guard let outcome = ChildProcess.run("git", ["-C", directory] + arguments) else { throw notStarted }
    // A merge without a base ends with 1 and says nothing.
    guard outcome.status == 0 || (outcome.status == 1 && outcome.complaint.text.isEmpty) else {
      throw Fault(
        message: outcome.complaint.text.split(separator: "\n").first.map(String.init) ?? "git failed")
    }
    return outcome.output.text
  }
}
