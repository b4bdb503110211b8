import CLinux
import Enforcement
import Foundation
import Glibc
import LinuxNet
import NFTables
import Ruleset
import TestSupport
import Testing

@Suite("surroundings that fail", .needsRoot, .bounded)
struct SurroundingsTests {
  /// Mounts a small file system over the node's state directory while `body` runs.
  private func mounted(_ node: TrialNode, _ options: String, flags: UInt = 0, _ body: () throws -> Void)
    throws
  {
    let path = node.directory.path
    try #require(mount("tmpfs", path, "tmpfs", 0, options) == 0)
    defer { umount2(path, Int32(MNT_DETACH)) }
    if options.contains("size=4k") {
      try? Data(count: 1 << 20).write(to: node.directory.appendingPathComponent("x"))
    }
    if flags != 0 { try #require(mount("tmpfs", path, "tmpfs", flags, options) == 0) }
    try body()
  }

  private static let readOnly = UInt(MS_RDONLY | MS_REMOUNT)

  @Test(
    "a state directory that is read-only or full: applied as a whole, with a warning; no confirmation can be armed",
    arguments: [
      ("size=64k,mode=700", readOnly, "Read-only file system"), ("size=4k,mode=700", 0, "No space left"),
    ])
  func unwritable(options: String, flags: UInt, reason: String) throws {
    let node = try TrialNode()
    try node.apply(Sample.table())
    try mounted(node, options, flags: flags) {
      for port: UInt16 in [81, 82] {
        let report = try node.apply(Sample.table(port: port))
        guard report.change.doubt != nil else {
          Issue.record("not as a whole: \(report.change)")
          return
        }
        #expect(report.notes.contains { $0.contains(reason) && $0.contains("replace the whole table") })
        #expect(try node.installed() == Sample.table(port: port).normalized())
      }
      let failure = #expect(throws: EnforcementFailure.self) {
        try node.apply(Sample.table(port: 83), confirmWithin: .seconds(9))
      }
      #expect(failure.map { "\($0)" }?.contains(reason) == true, "\(String(describing: failure))")
      #expect(failure?.leavesFormerRuleset == true)
      #expect(try node.installed() == Sample.table(port: 82).normalized())
    }
    // The old record is back in its place and does not fit what is installed.
    let report = try node.apply(Sample.table(port: 84))
    guard report.change.doubt == .otherRevision else {
      Issue.record("\(report.change)")
      return
    }
  }

  @Test(
    "a /run that is read-only, so that there is no place to keep anything: applied as a whole, with a warning"
  )
  func readOnlyRun() throws {
    let node = try TrialNode()
    let path = node.directory.path
    try #require(mount("tmpfs", path, "tmpfs", Self.readOnly & ~UInt(MS_REMOUNT), "size=64k,mode=755") == 0)
    defer { umount2(path, Int32(MNT_DETACH)) }
    var enforcer = node.enforcer
    enforcer.directory = StateDirectory(path: "\(path)/netpolc")
    for port: UInt16 in [81, 82] {
      let table = try Sample.table(port: port)
      let request = Enforcer.Request(
        table, inputs: .init(policies: "1", inventory: "2"))
      let report = try node.namespace.run { try enforcer.apply(request) }
      #expect(report.notes.contains { $0.contains("Read-only file system") }, "\(report.notes)")
      #expect(try node.installed() == table.normalized())
    }
  }

  @Test("the lock of a dead process is no lock, whatever it wrote down")
  func deadHolder() throws {
    let node = try TrialNode()
    try node.apply(Sample.table())
    try "4194000\n".write(to: node.file("lock"), atomically: false, encoding: .utf8)
    #expect(try node.apply(Sample.table(port: 81)).revision == 2)
    // And one that really held it when it was killed.
    let lock = try node.file("lock").path
    let command: [String] = ["/usr/bin/flock", lock, "sleep", "3600"]
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var holder: pid_t = 0
    try #require(posix_spawn(&holder, "/usr/bin/flock", nil, nil, &words, environ) == 0)
    func isHeld() -> Bool {
      let file = open(lock, O_RDONLY)
      defer { close(file) }
      return flock(file, LOCK_SH | LOCK_NB) != 0
    }
    while !isHeld() { usleep(1_000) }
    var status: Int32 = 0
    for child in children(of: holder) { kill(child, SIGKILL) }
    kill(holder, SIGKILL)
    waitpid(holder, &status, 0)
    #expect(try node.apply(Sample.table(port: 82)).revision == 3)
  }

  @Test(
    "without CAP_NET_ADMIN, or nf_tables, every command says so, and the ruleset is intact",
    arguments: [
      (TrialNode.Lack.netAdmin, "the capability CAP_NET_ADMIN is missing in this network namespace"),
      (.nftables, "this kernel has no nf_tables (Protocol not supported): load it with `modprobe nf_tables`"),
    ])
  func refused(lack: TrialNode.Lack, reason: String) throws {
    let node = try TrialNode()
    let manifests = try TrialManifests(in: node.directory, pods: 5)
    #expect(try node.run(manifests.apply(0)).status == 0)
    let before = try node.client.list(.netpolc)
    for arguments in [
      manifests.apply(1), manifests.apply(1, ["--confirm-within", "60"]), manifests.apply(1, ["--dry-run"]),
      Array(manifests.apply(1).dropLast()) + ["--check"], ["status"], manifests.verify(0, ["--live"]),
      manifests.verify(0, ["--live", "--watch"]),
    ] {
      let ended = try node.run(arguments, without: lack)
      #expect(ended.status == 2, "\(arguments)")
      #expect(ended.errors.contains(reason), "\(arguments): \(ended.errors)")
    }
    #expect(try node.client.list(.netpolc) == before)
    #expect(!FileManager.default.fileExists(atPath: try node.file("pending").path))
  }

  @Test("what is left of a wait does not depend on the clock that people set")
  func clock() {
    let now = Timestamp.now
    let deadline = Timestamp(
      unixSeconds: 0, nanosecondsSinceBoot: now.nanosecondsSinceBoot + 60_000_000_000)
    #expect(deadline.remaining > .seconds(50) && deadline.remaining <= .seconds(60))
    let past = Timestamp(unixSeconds: .max, nanosecondsSinceBoot: now.nanosecondsSinceBoot - 1)
    #expect(past.remaining == .zero)
    #expect(past.age < .seconds(10))
  }

  @Test(
    "a directory that someone else could change is refused, and nothing is applied",
    arguments: ["is writable by others", "belongs to user 4321", "is a symbolic link or of the wrong type"])
  func unsafe(_ reason: String) throws {
    let node = try TrialNode()
    let path = node.directory.path
    switch reason {
    case "is writable by others":
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
    case "belongs to user 4321":
      #expect(chown(path, 4321, 0) == 0)
    default:
      try FileManager.default.moveItem(atPath: path, toPath: "\(path).elsewhere")
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: "\(path).elsewhere")
    }
    defer { try? FileManager.default.removeItem(atPath: "\(path).elsewhere") }
    let failure = #expect(throws: EnforcementFailure.self) { try node.apply(Sample.table()) }
    #expect(failure.map { "\($0)" }?.contains(reason) == true, "\(String(describing: failure))")
    #expect(try node.client.list(.netpolc) == nil)
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(path).elsewhere")
    #expect(names ?? [] == [])
  }
}
