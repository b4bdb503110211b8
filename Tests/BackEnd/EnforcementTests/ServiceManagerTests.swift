import LinuxNet
import Enforcement
import Foundation
import Glibc
import NFTables
import Ruleset
import TestSupport
import Testing

/// systemd does not run where these tests do: a program of the same options stands in for `systemd-run`. It starts the
/// command as systemd would, without environment, in a session and a network namespace that are not the caller's.
@Suite(
  "a rollback is guarded by a unit of its own where there is a service manager",
  .needsRoot, .bounded)
struct ServiceManagerTests {
  private let node: TrialNode
  private let asked: URL
  private let place: TemporaryFolder

  init() throws {
    node = try TrialNode()
    place = try TemporaryFolder()
    asked = URL(filePath: place.path("asked"))
    try node.apply(Sample.table())
  }

  private static let start = """
    while [ "$1" != -- ]; do shift; done; shift
    env -i setsid unshare --net -- "$@" </dev/null >/dev/null 2>&1 &
    """

  /// Applies a change that waits, with a program that does as the script says.
  private func apply(_ script: String, window: Int, isRunning: Bool = true) throws -> Enforcer.Report {
    let program = try place.write(
      "systemd-run", "#!/bin/sh\nprintf '%s\\n' \"$@\" > '\(asked.path)'\n\(script)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    var enforcer = node.enforcer
    enforcer.serviceManager = ServiceManager(
      runtimeDirectory: isRunning ? place.path(".") : place.path("nowhere"), program: program,
      patience: .seconds(1))
    let table = try Sample.table(port: 81)
    let request = Enforcer.Request(
      table, inputs: .init(policies: "1", inventory: "2"),
      confirmWithin: .seconds(window))
    return try node.namespace.run { try enforcer.apply(request) }
  }

  private func isGuarded() throws -> Bool { try node.namespace.run { try node.enforcer.status() }.isGuarded }

  private func eventually(_ words: Comment, _ condition: () throws -> Bool) throws {
    for _ in 0..<400 {
      if try condition() { return }
      usleep(50_000)
    }
    Issue.record("never: \(words)")
  }

  @Test(
    "it is asked for a unit that is forgotten when it ends, and the unit finds its way into the namespace")
  func unit() throws {
    let report = try apply(Self.start, window: 1)
    #expect(report.notes == [])
    let words = try String(contentsOf: asked, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(Array(words.prefix(4)) == ["--quiet", "--collect", "--no-ask-password", "--service-type=exec"])
    let nonce = words.first { $0.hasPrefix("--unit=netpolc-rollback-") }?.dropFirst(24) ?? ""
    #expect(!nonce.isEmpty)
    let command = Array(words.drop { $0 != "--" }.dropFirst())
    #expect(command.count == 6)
    #expect(
      Array(command.prefix(4)) == [
        BuiltProgram.netpolc, Watchdog.argument, node.directory.path, String(nonce),
      ])
    let left = try FileManager.default.contentsOfDirectory(atPath: node.directory.path)
    #expect(!left.contains { $0.contains(nonce) }, "\(left)")
    try eventually("rolled back") { try node.installed() == Sample.table().normalized() }
  }

  @Test("it guards, and a confirmation ends it")
  func confirmed() throws {
    #expect(try apply(Self.start, window: 3600).notes == [])
    try eventually("guarded") { try isGuarded() }
    #expect(try node.run(["confirm"]).status == 0)
    try eventually("ended") { try !isGuarded() }
    #expect(try node.installed() == Sample.table(port: 81).normalized())
  }

  @Test(
    "what it cannot start is started as without it, and said",
    arguments: [
      (
        "echo 'Failed to connect to bus: No such file' >&2; exit 1",
        "ended with status 1: Failed to connect to bus: No such file"
      ),
      ("exit 0", "wait for the watchdog: Connection timed out"), ("exec sleep 3600", "did not end in time"),
      ("kill -9 $$", "ended with status 137"),
    ])
  func fallback(script: String, reason: String) throws {
    let report = try apply(script, window: 3600)
    #expect(report.notes.count == 1)
    let note = report.notes.first ?? ""
    #expect(note.contains(reason), "\(note)")
    #expect(note.contains("it ends with the service or login session of this command"), "\(note)")
    try eventually("guarded") { try isGuarded() }
    #expect(try node.run(["rollback"]).status == 0)
    #expect(try node.installed() == Sample.table().normalized())
  }

  @Test("where none runs, none is asked")
  func none() throws {
    #expect(try apply(Self.start, window: 3600, isRunning: false).notes == [])
    #expect(!FileManager.default.fileExists(atPath: asked.path))
    try eventually("guarded") { try isGuarded() }
    #expect(try node.run(["rollback"]).status == 0)
  }
}
