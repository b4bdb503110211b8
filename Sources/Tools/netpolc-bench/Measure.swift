import ArgumentParser
import ClusterGenerator
import PolicyModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The command `netpolc-bench [names]`.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure, and print one table of ratios.",
    discussion: """
      Names: read, yaml, files, start, compile, nodes, print, proof, reading, specification, diff, lint, page, apply, \
      change, session, packets, sources, agent, tiers, events, watchers, growth; all but tiers, events and watchers if none is \
      named. Those about the kernel need root; they work in network namespaces of their own.
      """)

  @Option(help: "How many pods.") var pods = 100_000
  @Option(help: "How many policies.") var policies = 10_000
  @Option(help: "How many runs a figure is the least of.") var runs = 3
  @Option(help: "Where plots of growth go.") var plots: String?
  @Argument(help: "What to measure.") var names: [String] = []

  private static let groups: [(name: String, measure: @Sendable (Bench) throws -> [Figure])] = [
    ("start", { try $0.start() }), ("read", { try $0.readJSON() }), ("yaml", { try $0.readYAML() }),
    ("files", { try $0.files() }),
    ("compile", { try $0.compile() }), ("nodes", { try $0.allNodes() }), ("print", { try $0.print() }),
    ("specification", { try $0.specification() }), ("proof", { try $0.proof() }),
    ("reading", { try $0.reading() }),
    ("diff", { try $0.diff() }), ("lint", { try $0.lint() }), ("page", { try $0.page() }),
    ("apply", { try $0.apply() }), ("change", { try $0.change() }),
    ("session", { try $0.session() }),
    ("packets", { try $0.packets() }), ("agent", { try $0.agent() }),
    ("sources", { try $0.sources() }), ("tiers", { try $0.tiers() }),
    ("tiers", { try $0.tierCommands() }), ("tiers", { try $0.tierPackets() }),
    ("tiers", { try $0.walkedPackets($0.tiered) }),
    ("events", { try $0.tierEvents() }),
    ("watchers", { try $0.watchers() }),
  ]

  private static let onlyByName = ["tiers", "events", "watchers"]

  func run() throws {
    let known = Self.groups.map(\.name) + ["growth"]
    if let wrong = names.first(where: { !known.contains($0) }) {
      throw ValidationError("\(wrong) is none of \(known.joined(separator: ", ")).")
    }
    let bench = Bench(ClusterShape(pods: pods, policies: policies), runs: runs)
    defer { bench.removeFiles() }
    var figures: [Figure] = []
    var failed = false
    for group in Self.groups
    where names.contains(group.name) || names.isEmpty && !Self.onlyByName.contains(group.name) {
      StandardErrorText.write("netpolc-bench: \(group.name)\n")
      do {
        figures += try group.measure(bench)
      } catch {
        figures += (error as? Measured.Partial)?.figures ?? []
        StandardErrorText.write("netpolc-bench: \(group.name) failed: \(error)\n")
        failed = true
      }
    }
    if !figures.isEmpty { Swift.print(FigureTable(figures: figures).text, terminator: "") }
    if names.isEmpty || names.contains("growth") {
      let growth = Growth.measure(runs: runs)
      Swift.print(growth.table, terminator: "")
      if let plots { try growth.writePlots(toDirectory: plots) }
    }
    if failed { throw ExitCode.failure }
  }
}

/// Words about progress.
enum StandardErrorText {
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  }
}

/// The shared data of the measurements: the cluster, as values and as files.
final class Bench {
  let shape: ClusterShape
  let runs: Int
  private(set) lazy var contents = GeneratedCluster(shape).contents
  private(set) lazy var cluster = Cluster.resolve(contents).cluster
  private var directory: String?

  init(_ shape: ClusterShape, runs: Int) {
    self.shape = shape
    self.runs = runs
  }

  /// The node that is looked at.
  let node = "node-3"

  /// A directory of this run.
  func temporaryDirectory() throws -> String {
    if let directory { return directory }
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/netpolc-bench.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw ValidationError("no directory in \(base)") }
    let path = String(cString: made)
    directory = path
    return path
  }

  func removeFiles() {
    guard let directory else { return }
    Child.run("rm -r '\(directory)'")
  }

  /// A program beside this one.
  func program(_ name: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard length > 0 else { return nil }
    let own = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = own.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/\(name)"
    return access(path, X_OK) == 0 ? path : nil
  }
}
