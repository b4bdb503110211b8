import CLinux
import Enforcement
import Foundation
import Glibc
import NFTables
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("surroundings that fail", .enabled(if: isRoot, needsRoot))
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
        guard case .whole = report.change else {
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
    guard case .whole(.otherRevision) = report.change else {
      Issue.record("\(report.change)")
      return
    }
  }

  @Test("the lock of a dead process is no lock")
  func deadHolder() throws {
    let node = try TrialNode()
    try node.apply(Sample.table())
    try "4194000\n".write(to: node.file("lock"), atomically: false, encoding: .utf8)
    #expect(try node.apply(Sample.table(port: 81)).revision == 2)
  }

  @Test("without CAP_NET_ADMIN every command says so, and the ruleset is intact")
  func noPermission() throws {
    let node = try TrialNode()
    let manifests = try TrialManifests(in: node.directory, pods: 5)
    #expect(try node.run(manifests.apply(0)).status == 0)
    let before = try node.client.list(.netpolc)
    for arguments in [manifests.apply(1), manifests.apply(1, ["--confirm-within", "60"]), ["status"]] {
      let ended = try node.run(arguments, without: true)
      #expect(ended.status == 2)
      #expect(ended.errors.contains("CAP_NET_ADMIN"), "\(ended.errors)")
    }
    #expect(try node.client.list(.netpolc) == before)
    #expect(!FileManager.default.fileExists(atPath: try node.file("pending").path))
  }

  @Test("what is left of a wait does not depend on the clock that people set")
  func clock() {
    let now = Moment.now
    let deadline = Moment(
      unixSeconds: 0, nanosecondsSinceBoot: now.nanosecondsSinceBoot + 60_000_000_000)
    #expect(deadline.remaining > .seconds(50) && deadline.remaining <= .seconds(60))
    let past = Moment(unixSeconds: .max, nanosecondsSinceBoot: now.nanosecondsSinceBoot - 1)
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
