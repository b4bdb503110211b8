import Foundation
import Glibc
import LinuxNet
import NFTables
import Synchronization
import TestSupport
import Testing

/// A directory of the test's own that goes with it.
final class ScratchDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/netpolc-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite("one apply at a time", .bounded)
struct LockTests {
  let scratch: ScratchDirectory
  var locks: String { scratch.path + "/locks" }

  init() throws { scratch = try ScratchDirectory() }

  /// The lock file of this thread's namespace.
  func file() throws -> String { "\(locks)/lock-\(try NetworkNamespaceID.current())" }

  /// Another process that holds the lock.
  func holder() throws -> ChildProgram {
    let process = try ChildProgram("flock", ["--no-fork", try file(), "sleep", "60"])
    while true {
      let descriptor = open(try file(), O_RDWR)
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 { return process }
      flock(descriptor, LOCK_UN)
      usleep(5_000)
    }
  }

  @Test("the directory is made for the owner alone, and the lock can be had again")
  func directory() throws {
    for _ in 0..<2 { try NamespaceLock.withLock(directory: locks) { _ in } }
    var status = stat()
    #expect(stat(locks, &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o700)
  }

  @Test("who waits is told after a second, and goes on when the holder dies")
  func waits() throws {
    try NamespaceLock.withLock(directory: locks) { _ in }
    let holder = try holder()
    var calls = 0
    var entered = false
    try NamespaceLock.withLock(
      directory: locks, limit: .seconds(30),
      onWait: { _ in
        calls += 1
        holder.send(SIGKILL)
      }
    ) { _ in entered = true }
    #expect(calls == 1)
    #expect(entered)
    #expect(holder.statusAtEnd() == 128 + SIGKILL)
  }

  @Test("who waits too long is told who holds the lock")
  func givesUp() throws {
    try NamespaceLock.withLock(directory: locks) { _ in
      let failure = #expect(throws: NamespaceLock.Failure.self) {
        try NamespaceLock.withLock(directory: locks, limit: .milliseconds(200)) { _ in }
      }
      guard case .held(getpid(), _) = failure else {
        Issue.record("told as \(String(describing: failure))")
        return
      }
    }
  }

  @Test("namespaces have locks of their own", .needsRoot)
  func perNamespace() throws {
    let other = try NetworkNamespace()
    try NamespaceLock.withLock(directory: locks) { held in
      let namespace = try other.run {
        try NamespaceLock.withLock(directory: locks, limit: .zero) { $0.namespace }
      }
      #expect(namespace != held.namespace)
    }
  }

  @Test("a worker keeps the lock until its transaction is over, even if its host is gone")
  func workerHolds() throws {
    try NamespaceLock.withLock(directory: locks) { _ in }
    let copy = try NamespaceLock.withLock(directory: locks) { held in
      var session = NFTablesSession(client: NFTablesClient(executable: BuiltProgram.netpolc), lock: held)
      _ = try session.check("list tables\n")
      let started = session.workerProcess
      let worker = try #require(started)
      let links = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(worker)/fd").compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(worker)/fd/\($0)")
      }
      return links
    }
    #expect(copy.contains(try file()))
    // Given back by name, so no worker that is still about can keep it.
    try NamespaceLock.withLock(directory: locks, limit: .zero) { _ in }
  }

  @Test("links and what others can write are refused")
  func unsafe() throws {
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: scratch.path + "/link", withDestinationPath: scratch.path)
    #expect(throws: NamespaceLock.Failure.self) {
      try NamespaceLock.withLock(directory: scratch.path + "/link") { _ in }
    }
    try NamespaceLock.withLock(directory: locks) { _ in }
    let lock = try file()
    try manager.removeItem(atPath: lock)
    try manager.createSymbolicLink(atPath: lock, withDestinationPath: scratch.path + "/target")
    #expect(throws: NamespaceLock.Failure.self) { try NamespaceLock.withLock(directory: locks) { _ in } }
    #expect(!manager.fileExists(atPath: scratch.path + "/target"))
    try manager.removeItem(atPath: lock)
    chmod(locks, 0o777)
    #expect(throws: NamespaceLock.Failure.self) { try NamespaceLock.withLock(directory: locks) { _ in } }
  }
}
