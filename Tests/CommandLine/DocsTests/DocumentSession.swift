import Foundation
import TestSupport

/// A shell in which the commands of one document run, one after the other, as a reader would type them.
///
/// Its directory is a temporary one with a copy of `Fixtures/`, `netpolc` is on its path. As root it has network,
/// mount and process namespaces of its own, so that rulesets, `/run` and background processes end with it.
struct DocumentSession {
  /// What a command did.
  struct Answer {
    /// The lines of standard output and standard error together.
    let lines: [String]
    /// The exit status.
    let status: Int32
  }

  /// Why a session did not come to its end.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let directory: URL
  private var script = """
    export LC_ALL=C.UTF-8 TERM=dumb PAGER=cat HOME="$PWD" GIT_CONFIG_NOSYSTEM=1
    export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
    exec </dev/null >"$PWD/.session" 2>&1

    """
  private var count = 0

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "netpolc-docs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Fixtures.directory, to: directory.appending(path: "Fixtures"))
    if TestEnvironment.isRoot {
      script += "mount -t tmpfs tmpfs /run\nip link set lo up\n"
    }
  }

  /// Writes a file that the document shows.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: directory.appending(path: name))
  }

  /// Adds a command; its answer has the next number, from 0.
  mutating func add(_ command: String) {
    // The separators tell outputs apart; `$?` of the next command is this one's status.
    script += "\(command)\n__status=$?; printf '\\037%d\\036' $__status; (exit $__status)\n"
    count += 1
  }

  /// Runs everything that was added.
  func run() throws -> [Answer] {
    defer { try? FileManager.default.removeItem(at: directory) }
    try write(script, to: ".script")
    let programs = URL(filePath: BuiltProgram.netpolc).deletingLastPathComponent().path(percentEncoded: false)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let own = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    // The limit ends a document that hangs. Beside other work the longest one takes minutes.
    try ChildProgram(
      "timeout", ["-s", "KILL", "900"] + (TestEnvironment.isRoot ? own : []) + ["bash", ".script"],
      variables: ["PATH": "\(programs):\(path):/usr/sbin:/sbin"],
      in: directory.path(percentEncoded: false)
    ).statusAtEnd()
    let log = try Data(contentsOf: directory.appending(path: ".session"))
    let answers = String(decoding: log, as: UTF8.self).split(separator: "\u{1e}").map {
      part -> Answer in
      let sides = part.split(separator: "\u{1f}", omittingEmptySubsequences: false)
      let lines = ConsoleBlock.trimmed(
        sides[0].split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
      return Answer(lines: lines, status: sides.count > 1 ? Int32(sides[1]) ?? -1 : -1)
    }
    guard answers.count == count else {
      throw Failure(
        description:
          "the shell ended after \(answers.count) of \(count) commands: \(answers.last?.lines ?? [])")
    }
    return answers
  }
}
