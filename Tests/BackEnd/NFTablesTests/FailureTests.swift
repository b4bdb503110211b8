import CLinux
import Foundation
import Glibc
import LinuxNet
import NFTables
import TestSupport
import Testing

@Suite("when libnftables or its surroundings fail", .needsRoot, .bounded)
struct FailureTests {
  let namespace: NetworkNamespace

  init() throws { namespace = try NetworkNamespace() }

  /// A session whose worker runs.
  func session(timeLimit: Duration = .seconds(60)) throws -> NFTablesSession {
    var session = NFTablesSession(client: client(in: namespace, timeLimit: timeLimit))
    try session.apply(smallTable)
    return session
  }

  @Test("a worker that is killed in its work is told as a crash, and the next one works")
  func crash() throws {
    var session = try session()
    let started = session.workerProcess
    let worker = try #require(started)
    kill(worker, SIGSTOP)
    let killer = Thread {
      usleep(300_000)
      kill(worker, SIGSEGV)
      kill(worker, SIGCONT)
    }
    killer.start()
    let failure = #expect(throws: NFTablesFailure.self) { try session.apply("add table inet other\n") }
    guard case .crashed(SIGSEGV, _) = failure else {
      Issue.record("told as \(String(describing: failure))")
      return
    }
    #expect(failure.map { "\($0)" }?.contains("Segmentation fault") == true)
    let after = session.workerProcess
    #expect(after == nil)
    try session.apply("add table inet other\n")
    let current = session.workerProcess
    #expect(current != nil && current != worker)
  }

  @Test("a worker that died between transactions is replaced without a word")
  func idleDeath() throws {
    var session = try session()
    let started = session.workerProcess
    let worker = try #require(started)
    kill(worker, SIGKILL)
    usleep(100_000)
    let text = try session.list(.netpolc)
    #expect(text?.contains("chain forward") == true)
    let replaced = session.workerProcess
    #expect(replaced != worker)
  }

  @Test("a worker that does not answer is killed after the limit")
  func hang() throws {
    var session = try session(timeLimit: .milliseconds(500))
    let started = session.workerProcess
    let worker = try #require(started)
    kill(worker, SIGSTOP)
    #expect(throws: NFTablesFailure.timedOut(after: .milliseconds(500), stillRunning: false)) {
      try session.apply("add table inet other\n")
    }
    #expect(kill(worker, 0) == -1)
    let text = try session.list(.netpolc)
    #expect(text != nil)
  }

  @Test("a signal that the host holds back ends a worker that hangs, long before its limit")
  func signal() throws {
    var client = client(in: namespace, timeLimit: .seconds(3600))
    client.heedsSignals = true
    var session = NFTablesSession(client: client)
    try session.apply(smallTable)
    let started = session.workerProcess
    let worker = try #require(started)
    kill(worker, SIGSTOP)
    var (held, former) = (sigset_t(), sigset_t())
    sigemptyset(&held)
    sigaddset(&held, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &held, &former)
    pthread_kill(pthread_self(), SIGTERM)
    #expect(throws: NFTablesFailure.timedOut(after: .seconds(2), stillRunning: false)) {
      try session.apply("add table inet other\n")
    }
    var taken: Int32 = 0
    sigwait(&held, &taken)
    pthread_sigmask(SIG_SETMASK, &former, nil)
    #expect(taken == SIGTERM)
    #expect(kill(worker, 0) == -1)
  }

  @Test("a worker that runs out of memory ends itself, with its last words")
  func outOfMemory() throws {
    var session = try session()
    let started = session.workerProcess
    let worker = try #require(started)
    #expect(try ChildProgram("prlimit", ["--pid", "\(worker)", "--as=1000000"]).statusAtEnd() == 0)
    let elements = (0..<200_000).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)" }.joined(separator: ",")
    let failure = #expect(throws: NFTablesFailure.self) {
      try session.apply("add element inet netpolc peers { \(elements) }\n")
    }
    switch failure {
    case .exited, .crashed: break
    default: Issue.record("told as \(String(describing: failure))")
    }
    let text = try session.list(.netpolc)
    #expect(text?.contains("elements = { 10.0.0.1, 10.0.0.2 }") == true)
  }

  @Test("after a refusal the same session goes on")
  func refusal() throws {
    var session = try session()
    #expect(throws: NFTablesFailure.self) { try session.apply("nonsense\n") }
    try session.apply("add element inet netpolc peers { 10.0.0.3 }\n")
    let text = try session.list(.netpolc)
    #expect(text?.contains("10.0.0.3") == true)
  }

  @Test("without CAP_NET_ADMIN the message says what is missing")
  func noPermission() throws {
    let failure = try namespace.run {
      _ = clinux_drop_net_admin()
      return #expect(throws: NFTablesFailure.noPermission) {
        try NFTablesClient(executable: BuiltProgram.netpolc).check(smallTable)
      }
    }
    #expect(failure.map { "\($0)" }?.contains("CAP_NET_ADMIN") == true)
  }

  @Test("without nf_tables the message says so")
  func noNFTables() throws {
    try namespace.run {
      #expect(clinux_hide_netfilter() == 0)
      #expect(throws: NFTablesFailure.unavailable(code: EPROTONOSUPPORT)) {
        try NFTablesClient(executable: BuiltProgram.netpolc).apply(smallTable)
      }
    }
  }

  @Test("an executable that is missing, or is no worker, is told as such")
  func noWorker() throws {
    #expect(throws: NFTablesFailure.noWorker(attempt: "start /nonexistent", code: ENOENT)) {
      try NFTablesClient(executable: "/nonexistent").apply(smallTable)
    }
    #expect(throws: NFTablesFailure.exited(status: 1, output: "")) {
      try NFTablesClient(executable: "/bin/false").apply(smallTable)
    }
  }

  @Test("a listing that ends in the middle is not taken for a table")
  func incompleteListing() throws {
    let nft = client(in: namespace)
    try nft.apply("table inet t { flags dormant; }\n")
    let table = try #require(NFTablesTable(family: "inet", name: "t"))
    do throws(NFTablesFailure) {
      let json = try nft.list(table, as: .json) ?? ""
      // A library that prints it right is as well.
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
    } catch { #expect(error == .incompleteOutput) }
    #expect(try nft.list(table)?.contains("flags dormant") == true)
  }
}
