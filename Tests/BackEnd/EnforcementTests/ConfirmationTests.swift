import LinuxNet
import Enforcement
import Foundation
import Glibc
import NFTables
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("a change that is not confirmed is undone", .needsRoot, .long, .bounded)
struct ConfirmationTests {
  /// Polls until `condition` holds; the test fails when it does not within a generous time.
  private func eventually(
    _ words: Comment, _ location: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
  ) throws {
    for _ in 0..<400 {
      if try condition() { return }
      usleep(50_000)
    }
    Issue.record("never: \(words)", sourceLocation: location)
  }

  private func isPending(_ node: TrialNode) throws -> Bool {
    FileManager.default.fileExists(atPath: try node.file("pending").path)
  }

  @Test("confirmed, it stays; nothing is left to confirm")
  func confirmed() throws {
    let node = try TrialNode()
    try node.apply(Sample.table())
    let report = try node.apply(Sample.table(port: 81), confirmWithin: .seconds(3600))
    #expect(report.confirmation?.revision == 2)
    let failure = #expect(throws: EnforcementFailure.self) { try node.apply(Sample.table(port: 82)) }
    guard case .pending = failure else {
      Issue.record("not refused: \(String(describing: failure))")
      return
    }
    #expect(try node.namespace.run { try node.enforcer.status() }.isGuarded)
    #expect(try node.run(["confirm"]).status == 0)
    #expect(try node.run(["confirm"]).status == 2)
    #expect(try node.run(["rollback"]).status == 2)
    #expect(try node.installed() == Sample.table(port: 81).normalized())
    #expect(try node.apply(Sample.table(port: 82)).revision == 3)
  }

  @Test("rolled back by command: the former table and its record are there at once")
  func rolledBack() throws {
    let node = try TrialNode()
    try node.apply(Sample.table())
    try node.apply(Sample.table(port: 81), confirmWithin: .seconds(3600))
    #expect(try node.run(["rollback"]).status == 0)
    #expect(try node.installed() == Sample.table().normalized())
    let status = try node.namespace.run { try node.enforcer.status() }
    #expect(status.isAsInstalled)
    #expect(status.pending == nil)
    #expect(try node.run(["confirm"]).status == 1)
    guard case .nothing = try node.apply(Sample.table()).change else {
      Issue.record("the record does not fit the table that came back")
      return
    }
  }

  @Test("a first change is undone to no table at all, and what others had in the table comes back with it")
  func snapshotIsTheKernels() throws {
    let node = try TrialNode()
    try node.apply(Sample.table(), confirmWithin: .seconds(3600))
    #expect(try node.run(["rollback"]).status == 0)
    #expect(try node.client.list(.netpolc) == nil)
    try node.apply(Sample.table())
    try node.client.apply("add element inet netpolc peers { 10.9.9.9 }\n")
    try node.apply(Sample.table(port: 81), confirmWithin: .seconds(3600))
    #expect(try node.run(["rollback"]).status == 0)
    #expect(
      try node.installed() == Sample.table(peers: ["10.0.0.1", "10.0.0.2", "10.9.9.9"]).normalized())
  }

  @Test("SIGTERM makes the watchdog undo the change at once; killed, its wait is still there to be decided")
  func watchdogSignals() throws {
    let node = try TrialNode()
    try node.apply(Sample.table())
    try node.apply(Sample.table(port: 81), confirmWithin: .seconds(3600))
    try kill(watchdog(of: node), SIGTERM)
    try eventually("rolled back") { try !isPending(node) }
    #expect(try node.installed() == Sample.table().normalized())
    try node.apply(Sample.table(port: 81), confirmWithin: .seconds(3600))
    try kill(watchdog(of: node), SIGKILL)
    try eventually("unguarded") { try !node.namespace.run { try node.enforcer.status() }.isGuarded }
    #expect(try isPending(node))
    #expect(try node.run(["rollback"]).status == 0)
    #expect(try node.installed() == Sample.table().normalized())
  }

  /// The process whose arguments name the node's state directory.
  private func watchdog(of node: TrialNode) throws -> pid_t {
    let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
    return try #require(
      all.first { process in
        guard let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else {
          return false
        }
        let text = String(decoding: line, as: UTF8.self)
        return text.contains(Watchdog.argument) && text.contains(node.directory.path)
      })
  }

  /// Each in a namespace of its own, some at a time: what counts is what is there in the end.
  @Test("whatever is killed but the watchdog, the former table is back")
  func killedAndRestored() throws {
    var generator = SeededGenerator(seed: 3)
    let rounds = repetitions("NETPOLC_TEST_ROLLBACKS", 108)
    for batch in stride(from: 0, to: rounds, by: 12) {
      var trials: [(node: TrialNode, before: Table?, run: Run)] = []
      for round in batch..<min(batch + 12, rounds) {
        let node = try TrialNode()
        let manifests = try TrialManifests(in: node.directory, pods: 50)
        // Every third has nothing to go back to but no table.
        if round % 3 != 0 { #expect(try node.run(manifests.apply(0)).status == 0) }
        let before = try node.installed()
        let run = try node.start(manifests.apply(1, ["--confirm-within", "1"]))
        usleep(UInt32.random(in: 0...120_000, using: &generator))
        // The caller, and the worker that works for it; the watchdog is in a session of its own.
        for child in children(of: run.process) where getsid(child) != child { kill(child, SIGKILL) }
        kill(run.process, SIGKILL)
        trials.append((node, before, run))
      }
      for trial in trials {
        _ = try trial.run.end()
        try eventually("decided") { try !isPending(trial.node) }
        #expect(try trial.node.installed() == trial.before)
      }
    }
  }

  @Test("let alone, the former table is back when the time is over")
  func expired() throws {
    let node = try TrialNode()
    let manifests = try TrialManifests(in: node.directory, pods: 50)
    #expect(try node.run(manifests.apply(0)).status == 0)
    let before = try node.installed()
    #expect(try node.run(manifests.apply(1, ["--confirm-within", "1"])).status == 0)
    #expect(try node.installed() != before)
    try eventually("rolled back") { try !isPending(node) }
    #expect(try node.installed() == before)
    let late = try node.run(["confirm"])
    #expect(late.status == 1)
    #expect(late.errors.contains("was rolled back"))
  }
}
