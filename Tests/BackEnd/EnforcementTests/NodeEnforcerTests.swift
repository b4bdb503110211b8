import Enforcement
import Foundation
import Glibc
import IncrementalLowering
import Lowering
import LinuxNet
import NFTables
import PolicyModel
import Ruleset
import RulesetText
import NodeAgent
import TestSupport
import Testing

/// Sessions against a kernel: what they leave there is read back, compared and proved.
@Suite("a node's enforcer leaves what a fresh apply would", .needsRoot, .long, .bounded)
struct NodeEnforcerTests {
  private static func options(_ seed: UInt64) -> LoweringOptions {
    LoweringOptions(node: RandomCluster.node, denseFrom: seed.isMultiple(of: 2) ? 3 : 9, copyAtMost: 5)
  }

  /// Applies events until some are taken that make a difference.
  private static func change(_ session: inout NodeEnforcer, _ random: inout RandomEvents) throws
    -> NodeEnforcer.Outcome
  {
    while true {
      let events = random.next()
      let result = Result { () throws(NodeEnforcer.Failure) in try session.apply(events) }
      if case .failure(.contradiction) = result { continue }
      let outcome = try result.get()
      random.take(events)
      if case .nothing = outcome.report.change { continue }
      return outcome
    }
  }

  private static func fresh(_ random: RandomEvents, _ options: LoweringOptions) -> Table {
    var lowerer = Lowerer(Cluster.resolve(random.contents).cluster)
    return lowerer.lower(options).table
  }

  @Test("600 random changes: each compared with what is read back, some with a fresh apply", arguments: 1...3)
  func sequence(seed: UInt64) throws {
    let node = try TrialNode()
    let other = try TrialNode()
    try node.client.apply("table ip foreign {\n chain c {\n counter\n }\n}\n")
    let options = Self.options(seed)
    try node.namespace.run {
      var random = RandomEvents(seed: seed, pods: 30, policies: 16)
      var session = try NodeEnforcer(random.contents, options, enforcer: node.enforcer)
      for step in 1...200 {
        let outcome = try Self.change(&session, &random)
        guard case .difference = outcome.report.change else {
          Issue.record("seed \(seed), step \(step): \(outcome.report.change)")
          return
        }
        #expect(session.revision == UInt64(step + 1))
        if step.isMultiple(of: 30) { #expect(try session.record().isEmpty) }
        let installed = try #require(try node.installed())
        let expected = Self.fresh(random, options)
        try #require(installed == expected.normalized(), "seed \(seed), step \(step)")
        #expect(SequenceTests.isProven(installed, random.contents), "seed \(seed), step \(step)")
        if step.isMultiple(of: 20) {
          try other.client.apply(NFTPrinter.replacing(expected))
          #expect(try other.installed() == installed, "seed \(seed), step \(step)")
        }
      }
      let installed = try #require(try node.client.list(.netpolc)).split(separator: "\n")
      #expect(installed.filter { $0.contains("netpolc-revision-") }.count == 1, "one marker")
    }
  }

  @Test("the child is killed in the middle of transactions: the table is replaced, and it goes on")
  func death() throws {
    let node = try TrialNode()
    let options = Self.options(1)
    try node.namespace.run {
      var random = RandomEvents(seed: 4, pods: 30, policies: 16)
      var session = try NodeEnforcer(random.contents, options, enforcer: node.enforcer)
      var replaced = 0
      for step in 1...80 {
        let worker = session.workerProcess
        if step.isMultiple(of: 4), let worker {
          // It stands still, has the transaction before it, and dies.
          kill(worker, SIGSTOP)
          Thread.detachNewThread {
            usleep(UInt32(step) * 500)
            kill(worker, SIGKILL)
          }
        } else if step.isMultiple(of: 3), let worker {
          // It is dead before, or nearly: then another one is started, and the difference does.
          kill(worker, SIGKILL)
        }
        let outcome = try Self.change(&session, &random)
        if let reason = outcome.report.change.doubt {
          guard case .uncertain(let why) = reason else {
            Issue.record("step \(step): \(reason)")
            return
          }
          #expect(why.contains("Killed"), "\(why)")
          replaced += 1
        }
        let table = Self.fresh(random, options)
        try #require(try node.installed() == table.normalized(), "step \(step)")
      }
      // Not all twenty: where the first events make no difference, the child dies before it has anything to do, and it has nothing
      // to do with elements alone.
      #expect(replaced >= 5)
      #expect(try node.enforcer.status().isAsInstalled == session.isRecorded)
    }
  }

  @Test("a record that was prepared aside is written, unless a transaction came in between")
  func preparedRecord() async throws {
    let node = try TrialNode()
    let options = Self.options(1)
    try node.namespace.run {
      var random = RandomEvents(seed: 6, pods: 30, policies: 16)
      var session = try NodeEnforcer(random.contents, options, enforcer: node.enforcer)
      _ = try Self.change(&session, &random)
      let late = session.recording.prepared()
      _ = try Self.change(&session, &random)
      #expect(try session.record(late) == [])
      #expect(session.isRecorded == false)
      #expect(try node.enforcer.status().isAsInstalled == false)
      let prepared = session.recording.prepared()
      #expect(try session.record(prepared) == [])
      #expect(session.isRecorded == true)
      let status = try node.enforcer.status()
      #expect(status.isAsInstalled)
      #expect(status.revision == session.revision)
      // Once is enough.
      #expect(try session.record(prepared) == [])
      guard case .difference = try Self.change(&session, &random).report.change else {
        Issue.record("the table was replaced")
        return
      }
    }
  }

  @Test("an apply goes on from a record by a difference, and replaces the whole where none was written")
  func record() throws {
    let node = try TrialNode()
    let options = Self.options(1)
    try node.namespace.run {
      var random = RandomEvents(seed: 5, pods: 30, policies: 16)
      var session = try NodeEnforcer(random.contents, options, enforcer: node.enforcer)
      for isRecorded in [true, false, true] {
        for _ in 0..<3 { _ = try Self.change(&session, &random) }
        #expect(session.isRecorded == false)
        if isRecorded {
          #expect(try session.record() == [])
          #expect(session.isRecorded == true)
          let status = try node.enforcer.status()
          #expect(status.isAsInstalled)
          #expect(status.revision == session.revision)
        }
        // Somebody else applies another table, as the command would.
        var next = random
        var table = Self.fresh(next, options)
        while table == session.compiled.table {
          next.take(next.next())
          table = Self.fresh(next, options)
        }
        let request = Enforcer.Request(
          table, inputs: .init(policies: "1", inventory: "2"))
        switch try node.enforcer.apply(request).change {
        case .difference: #expect(isRecorded)
        case .whole(let reason), .repair(_, let reason):
          #expect(reason == .otherRevision && !isRecorded, "\(reason)")
        case .nothing: Issue.record("nothing")
        }
        #expect(try node.installed() == table.normalized())
        // And the session takes it back.
        let outcome = try session.apply([])
        guard let reason = outcome.report.change.doubt else {
          Issue.record("\(outcome.report.change)")
          return
        }
        #expect(reason == .otherRevision)
        #expect(try node.installed() == Self.fresh(random, options).normalized())
      }
    }
  }

  @Test("what others do to the table is noticed, what they do elsewhere is not taken for it")
  func intruders() throws {
    let node = try TrialNode()
    let options = Self.options(1)
    try node.namespace.run {
      var random = RandomEvents(seed: 5, pods: 30, policies: 16)
      var session = try NodeEnforcer(random.contents, options, enforcer: node.enforcer)
      func change() throws -> Enforcer.Report.Change { try Self.change(&session, &random).report.change }
      guard case .difference = try change() else {
        Issue.record("the first change is no difference")
        return
      }
      try node.client.apply("table ip other {\n}\n")
      for step in 0..<3 {
        try node.client.apply("add chain ip other c\(step)\n")
        guard case .difference = try change() else {
          Issue.record("another table was taken for this one")
          return
        }
      }
      let harm: [(script: String, reason: ReplacementReason)] = [
        ("add rule inet netpolc forward accept\n", .tableChanged),
        ("delete table inet netpolc\n", .tableGone),
        ("flush chain inet netpolc new4\n", .tableChanged),
      ]
      for (script, reason) in harm {
        try node.client.apply(script)
        guard let found = try change().doubt else {
          Issue.record("not noticed: \(script)")
          return
        }
        #expect(found == reason)
        #expect(try node.installed() == Self.fresh(random, options).normalized())
        guard case .difference = try change() else {
          Issue.record("no difference after \(script)")
          return
        }
      }
    }
  }

  @Test("while a change waits for its confirmation, nothing is done; then the whole is put in its place")
  func pending() throws {
    let node = try TrialNode()
    let options = Self.options(1)
    try node.namespace.run {
      var random = RandomEvents(seed: 7, pods: 30, policies: 16)
      var session = try NodeEnforcer(random.contents, options, enforcer: node.enforcer)
      try node.apply(try Sample.table(), confirmWithin: .seconds(600))
      let events = ClusterEvent.policyRemoved(random.contents.policies[0].id)
      #expect {
        try session.apply([events])
      } throws: { error in
        guard case NodeEnforcer.Failure.enforcement(.pending) = error else { return false }
        return true
      }
      random.take([events])
      _ = try node.enforcer.confirm()
      guard try session.apply([]).report.change.doubt != nil else {
        Issue.record("the lost difference is still missing")
        return
      }
      #expect(try node.installed() == Self.fresh(random, options).normalized())
    }
  }

  @Test("a transaction waits while another process holds the lock of the namespace")
  func lock() throws {
    let node = try TrialNode()
    let options = Self.options(1)
    try node.namespace.run {
      var random = RandomEvents(seed: 8, pods: 30, policies: 16)
      var session = try NodeEnforcer(random.contents, options, enforcer: node.enforcer)
      let marker = node.directory.appendingPathComponent("held")
      let held = DispatchSemaphore(value: 0)
      let over = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        defer { over.signal() }
        try? node.namespace.run {
          try NamespaceLock.withLock(directory: node.directory.path) { _ in
            held.signal()
            usleep(300_000)
            try Data().write(to: marker)
          }
        }
      }
      held.wait()
      _ = try Self.change(&session, &random)
      #expect(FileManager.default.fileExists(atPath: marker.path))
      over.wait()
    }
  }
}
