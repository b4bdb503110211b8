import Assembler
import CLinux
import Enforcement
import Foundation
import Glibc
import KernelProgram
import KernelReader
import Lowering
import LinuxNet
import NFTables
import PolicyModel
import Ruleset
import RulesetText
import TestSupport
import Testing

/// How often a trial with chance in it is repeated: fewer by default than with the variable set.
func repetitions(_ variable: String, _ standard: Int) -> Int {
  ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? standard
}

/// A network namespace and a state directory of a test's own; both go with it.
final class TrialNode: Sendable {
  let namespace: NetworkNamespace
  let directory: URL
  let client: NFTablesClient

  init(in namespace: NetworkNamespace? = nil) throws {
    let namespace = try namespace ?? NetworkNamespace()
    self.namespace = namespace
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    client = NFTablesClient(executable: BuiltProgram.netpolc, namespace: namespace)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var enforcer: Enforcer {
    Enforcer(
      directory: StateDirectory(path: directory.path),
      client: NFTablesClient(executable: BuiltProgram.netpolc))
  }

  func id() throws -> NetworkNamespaceID { try namespace.run { try NetworkNamespaceID.current() } }

  func file(_ kind: String) throws -> URL { directory.appendingPathComponent("\(kind)-\(try id())") }

  @discardableResult
  func apply(
    _ table: Table, readBack: Enforcer.ReadBack = .whereAffordable, confirmWithin: Duration? = nil,
    proof: (@Sendable (KernelTable) -> String?)? = nil
  ) throws -> Enforcer.Report {
    let request = Enforcer.Request(
      table, inputs: .init(policies: "1", inventory: "2"),
      readBack: readBack, confirmWithin: confirmWithin, proof: proof)
    return try namespace.run { try enforcer.apply(request) }
  }

  /// The kernel's table without marker, in normal form; nil when there is none.
  func installed() throws -> Table? {
    try client.list(.netpolc).flatMap { try NFTReader.read($0).tables.first?.unmarked.normalized() }
  }

  /// The kernel's program; nil where there is no table.
  func program() throws -> KernelTable? {
    try namespace.run { () throws(KernelReader.Failure) in try KernelReader.read(.netpolc) }.table
  }

  /// The kernel's program without the marker of a revision.
  func programWithoutMarker() throws -> KernelTable? {
    var program = try program()
    program?.chains.removeAll { RevisionMarker(chain: $0.name) != nil }
    return program
  }

  /// True where the kernel holds what a table is assembled to.
  func isProgram(of table: Table) throws -> Bool { try programWithoutMarker() == Assembler.assemble(table) }

  /// What netpolc is started without.
  enum Lack {
    /// The capability CAP_NET_ADMIN.
    case netAdmin
    /// A kernel with nf_tables.
    case nftables
  }

  /// Starts netpolc in the namespace.
  func start(_ arguments: [String], output: String = "/dev/null", without lack: Lack? = nil) throws -> Run {
    let errors = directory.appendingPathComponent("stderr-\(UUID().uuidString)")
    let environment = ProcessInfo.processInfo.environment.merging(
      ["NETPOLC_STATE_DIRECTORY": directory.path], uniquingKeysWith: { $1 })
    // Not Foundation's Process: it waits on the run loop of the thread that started it, which is gone by then.
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_RDWR | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors.path, O_WRONLY | O_CREAT, 0o600)
    var words = ([BuiltProgram.netpolc] + arguments).map { strdup($0) } + [nil]
    var pairs = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + pairs { free(word) } }
    var process: pid_t = 0
    let failure = try namespace.run {
      switch lack {
      case .netAdmin: _ = clinux_drop_net_admin()
      case .nftables: _ = clinux_hide_netfilter()
      case nil: break
      }
      return posix_spawn(&process, BuiltProgram.netpolc, &actions, nil, &words, &pairs)
    }
    try #require(failure == 0)
    return Run(process: process, errors: errors)
  }

  /// Runs netpolc in the namespace to its end.
  func run(_ arguments: [String], output: String = "/dev/null", without lack: Lack? = nil) throws -> (
    status: Int32, errors: String
  ) {
    let ended = try start(arguments, output: output, without: lack).end()
    return (try #require(ended.status), ended.errors)
  }
}

/// The processes that a process started and that still run.
func children(of process: pid_t) -> [pid_t] {
  let list = FileManager.default.contents(atPath: "/proc/\(process)/task/\(process)/children")
  return String(decoding: list ?? Data(), as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
}

/// A running netpolc.
struct Run {
  let process: pid_t
  let errors: URL

  /// Waits for its end. The status is nil where a signal ended it.
  func end() throws -> (status: Int32?, errors: String) {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let text = try String(contentsOf: errors, encoding: .utf8)
    return (status & 0x7f == 0 ? status >> 8 & 0xff : nil, text)
  }
}

/// Small tables that differ in every way in which two revisions can.
enum Sample {
  static func table(port: UInt16 = 80, peers: [String] = ["10.0.0.1", "10.0.0.2"], chain: String = "web")
    throws
    -> Table
  {
    let text = """
      table inet netpolc {
        set peers { type ipv4_addr; elements = { \(peers.joined(separator: ", ")) } }
        map ingress4 { type ipv4_addr : verdict; elements = { 10.244.1.5 : jump \(chain) } }
        chain forward {
          type filter hook forward priority filter - 5; policy accept;
          ct state vmap { established : accept, related : accept }
          ip daddr vmap @ingress4
        }
        chain \(chain) {
          ip saddr @peers tcp dport \(port) return comment "default/web ingress[0]"
          counter drop
        }
      }

      """
    return try #require(try NFTReader.read(text).tables.first)
  }
}

/// Manifests that `netpolc compile` reads, in two revisions.
struct TrialManifests {
  let directory: URL

  init(in directory: URL, pods: Int) throws {
    self.directory = directory
    var items: [String] = []
    for number in 0..<pods {
      let address = "10.\(100 + number / 65_536).\(number / 256 % 256).\(number % 256)"
      items.append(
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p\#(number)","namespace":"default","#
          + #""labels":{"app":"a\#(number % 3)"}},"spec":{"nodeName":"n"},"status":{"phase":"Running","podIP":"#
          + #""\#(address)","podIPs":[{"ip":"\#(address)"}]}}"#)
    }
    items.append(#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}"#)
    let list = #"{"apiVersion":"v1","kind":"List","items":["# + items.joined(separator: ",") + "]}"
    try list.write(to: inventory, atomically: true, encoding: .utf8)
    for revision in 0..<2 {
      let policy = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: default}
        spec:
          podSelector: {matchLabels: {app: a0}}
          ingress:
          - from: [{podSelector: {matchLabels: {app: a\(revision + 1)}}}]
            ports: [{port: \(80 + revision)}]

        """
      try policy.write(to: self.policy(revision), atomically: true, encoding: .utf8)
    }
  }

  private var inventory: URL { directory.appendingPathComponent("inventory.json") }
  func policy(_ revision: Int) -> URL { directory.appendingPathComponent("policy-\(revision).yaml") }

  /// The arguments of `netpolc` that verify against a revision, 0 or 1.
  func verify(_ revision: Int, _ more: [String]) -> [String] {
    ["verify", policy(revision).path, "--inventory", inventory.path] + more
  }

  /// The arguments of `netpolc` that apply a revision, 0 or 1.
  func apply(_ revision: Int, _ more: [String] = []) -> [String] {
    ["compile", policy(revision).path, "--inventory", inventory.path, "--apply"] + more
  }
}
