import Enforcement
import Foundation
import Glibc
import LinuxNet
import NFTables
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("ended at any moment, an apply leaves the old table or the new one", .needsRoot, .long, .bounded)
struct KillTests {
  /// A table of another program, which must not change.
  static let foreign = "table inet foreign {\n\tchain c {\n\t\ttcp dport 22 accept\n\t}\n}\n"

  private struct Trial {
    let node: TrialNode
    let manifests: TrialManifests
    var expected: [Table] = []
    /// How long an apply takes, in microseconds.
    var length: UInt32 = 0

    init() throws {
      node = try TrialNode()
      manifests = try TrialManifests(in: node.directory, pods: 600)
      try node.client.apply(KillTests.foreign)
      for revision in 0..<2 {
        let start = ContinuousClock.now
        #expect(try node.run(manifests.apply(revision)).status == 0)
        length = max(length, UInt32((ContinuousClock.now - start) / .microseconds(1)))
        expected.append(try #require(try node.installed()))
      }
    }

    func foreignIsUntouched() throws -> Bool {
      let table = try #require(NFTablesTable(family: "inet", name: "foreign"))
      return try node.client.list(table) == KillTests.foreign
    }
  }

  /// Three namespaces at a time, a hundred kills in each.
  @Test(
    "kill -9 at random moments, whole replacements and differences alike", arguments: [7, 8, 9] as [UInt64])
  func killed(seed: UInt64) throws {
    let trial = try Trial()
    var generator = SeededGenerator(seed: seed)
    var left = [0, 0]
    for round in 0..<repetitions("NETPOLC_TEST_KILLS", 100) {
      // Every fourth without a record, so as a whole; some with a rollback armed.
      if round % 4 == 0 { try? FileManager.default.removeItem(at: trial.node.file("state")) }
      let isArmed = round % 5 == 0
      let run = try trial.node.start(
        trial.manifests.apply(round % 2, isArmed ? ["--confirm-within", "3600"] : []))
      usleep(UInt32.random(in: 0...trial.length, using: &generator))
      kill(run.process, SIGKILL)
      _ = try run.end()
      // A worker that was in the kernel already ends on its own; the lock says when.
      try waitForLock(trial.node)
      let installed = try #require(try trial.node.installed())
      let which = try #require(
        trial.expected.firstIndex(of: installed), "neither old nor new, round \(round)")
      left[which == round % 2 ? 1 : 0] += 1
      #expect(try trial.foreignIsUntouched())
      if isArmed { _ = try trial.node.run(["confirm"]) }
      if round % 3 == 0 {
        let next = try trial.node.run(trial.manifests.apply(round % 2))
        #expect(next.status == 0, "\(next.errors)")
        #expect(try trial.node.installed() == trial.expected[round % 2])
      }
    }
    #expect(left[0] > 0 && left[1] > 0, "the moments did not hit both sides: \(left)")
  }

  private func waitForLock(_ node: TrialNode) throws {
    try node.namespace.run {
      try NamespaceLock.withLock(directory: node.directory.path) { _ in }
    }
  }

  @Test("SIGINT and SIGTERM: what is said is what is", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let trial = try Trial()
    var generator = SeededGenerator(seed: UInt64(signal))
    for round in 0..<repetitions("NETPOLC_TEST_SIGNALS", 30) {
      let before = try #require(try trial.node.installed())
      let run = try trial.node.start(trial.manifests.apply(round % 2))
      usleep(UInt32.random(in: trial.length / 8...trial.length, using: &generator))
      kill(run.process, signal)
      let (status, errors) = try run.end()
      let installed = try #require(try trial.node.installed())
      if status == 0 {
        #expect(installed == trial.expected[round % 2], "\(errors)")
        #expect(errors.contains("applied: revision") || errors.contains("nothing to do"))
      } else if status != nil {
        #expect(status == 2)
        #expect(installed == before, "\(errors)")
        #expect(errors.contains("interrupted"))
        #expect(errors.contains("what was loaded before is still there"))
      } else {
        // Before the program's first line, or after its last.
        #expect(installed == (errors.contains("applied:") ? trial.expected[round % 2] : before), "\(errors)")
      }
    }
  }
}
