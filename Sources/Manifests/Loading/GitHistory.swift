/// The commits of a git repository that touch some paths, oldest first.
public struct GitHistory: Sendable {
  /// A commit.
  public struct Commit: Sendable, Hashable {
    /// The abbreviated name.
    public let name: String
    /// The first line of its message.
    public let subject: String
  }

  /// Why there is no history.
  public struct Fault: Error {
    /// In words.
    public let message: String
  }

  /// The commit before the range, then each of it that touches a path, following first parents.
  public let commits: [Commit]
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
    self.directory = directory
    guard ![base, last].contains(where: { $0.isEmpty || $0.hasPrefix("-") }) else {
      throw Fault(message: "a range is REV..REV")
    }
    let format = "--format=%h%x09%s"
    let tops = paths.map { ":(top,literal)\($0)" }
    commits =
      try Self.commits(["log", "-1", format, base, "--"], directory)
      + Self.commits(
        ["log", "--reverse", "--first-parent", format, "\(base)..\(last)", "--"] + tops, directory)
  }

  /// Whether a path is there in a commit.
  public func has(_ path: String, in commit: Commit) -> Bool {
    let arguments = ["-C", directory, "rev-parse", "--verify", "--quiet", "\(commit.name):\(path)"]
    return ChildProcess.run("git", arguments)?.status == 0
  }

  private static func commits(_ arguments: [String], _ directory: String) throws(Fault) -> [Commit] {
    guard let outcome = ChildProcess.run("git", ["-C", directory] + arguments) else {
      throw Fault(message: "git cannot be started")
    }
    guard outcome.status == 0 else {
      throw Fault(
        message: outcome.complaint.text.split(separator: "\n").first.map(String.init) ?? "git failed")
    }
    return outcome.output.text.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return Commit(name: parts[0], subject: parts.count > 1 ? parts[1] : "")
    }
  }
}
