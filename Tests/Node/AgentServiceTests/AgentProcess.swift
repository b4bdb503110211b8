import Foundation
import ScriptedServer
import TestSupport
import Testing

/// An agent as a process in a network namespace of its own, and a simulated cluster that it follows.
final class AgentProcess {
  let cluster: SimulatedCluster
  let folder: TemporaryFolder
  private let server: ScriptedServer
  private var process: ChildProgram?
  private let arguments: [String]
  private let isRouted: Bool
  /// The namespace's holder: it outlives agents that are killed.
  private var holder: ChildProgram
  /// Another version's program for the agents that are started from now on; nil: the one that was built.
  var program: String?
  /// The identifier of the boot for the agents that are started from now on.
  var boot = "first"

  static let paths = (
    pods: "/api/v1/pods", namespaces: "/api/v1/namespaces", nodes: "/api/v1/nodes",
    policies: "/apis/networking.k8s.io/v1/networkpolicies",
    clusterPolicies: "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies"
  )

  static var directory: String {
    URL(filePath: BuiltProgram.netpolc).deletingLastPathComponent().path(percentEncoded: false)
  }

  /// An agent that runs, of a node where routes lead to all of its pods, or to none.
  init(_ more: [String] = [], cluster: SimulatedCluster, isRouted: Bool = true) async throws {
    self.cluster = cluster
    self.isRouted = isRouted
    folder = try TemporaryFolder()
    let socket = folder.path("api.sock")
    server = try await ScriptedServer.start(socket: socket) { try await cluster.answer($0, $1) }
    let config = """
      current-context: c
      contexts: [{ name: c, context: { cluster: c } }]
      clusters: [{ name: c, cluster: { server: "http+unix://\(socket.replacing("/", with: "%2F"))" } }]

      """
    try folder.write("config", config)
    holder = try await Self.makeHolder(isRouted: isRouted)
    arguments =
      [
        "run", "--node", "node-a", "--kubeconfig", folder.path("config"), "--run-directory",
        folder.path("run"),
        "--library-directory", folder.path("library/agent"), "--metrics-address", "", "--hold-seconds", "1",
        "--start-jitter", "0",
      ] + more
    try start()
  }

  /// Leads to the node's pods, as the runtime's routes do.
  private static let routes = """
    ip link add pods type veth peer name peer && ip link set pods up && ip link set peer up &&
    ip route add 10.244.1.0/24 dev pods && ip -6 route add fd00:10:244:1::/64 dev pods
    """

  /// A process in a network namespace of its own.
  private static func makeHolder(isRouted: Bool) async throws -> ChildProgram {
    let holder = try ChildProgram("unshare", ["--net", "--", "/bin/sleep", "3600"])
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
    while true {
      let its = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/\(holder.identifier)/ns/net")
      if let its, its != own {
        let shell = Shell(namespace: holder.identifier, folder: "")
        let run = try await shell.run("ip link set lo up" + (isRouted ? " && \(routes)" : ""))
        #expect(run.status == 0, "\(run.errors)")
        return holder
      }
      guard holder.isRunning else { throw CocoaError(.featureUnsupported) }
      await OwnThread.pause(.milliseconds(10))
    }
  }

  /// Ends everything on the node and boots it: the network namespace is another, /run is empty, the disk is the same.
  func reboot(as boot: String) async throws {
    await kill(SIGKILL)
    await Self.end(holder, SIGKILL)
    try? FileManager.default.removeItem(atPath: folder.path("run"))
    holder = try await Self.makeHolder(isRouted: isRouted)
    self.boot = boot
    try start()
  }

  /// Starts the agent, or another one.
  func start() throws {
    let log = folder.path("log")
    process = try ChildProgram(
      "nsenter",
      ["--net=/proc/\(holder.identifier)/ns/net", program ?? "\(Self.directory)/netpolc-agent"]
        + arguments + ["--boot-id", boot],
      output: log, errors: log)
  }

  private var isRunning: Bool { process?.isRunning == true }
  private var identifier: Int32 { process?.identifier ?? 0 }

  /// The agent's resident memory in kilobytes, and its open descriptors.
  var usage: (kilobytes: Int, descriptors: Int) {
    get async {
      let directory = "/proc/\(identifier)"
      let run = try? await shell(
        "awk '/^VmRSS/ { print $2 }' \(directory)/status; ls \(directory)/fd | wc -l")
      let numbers = run?.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) } ?? []
      return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
    }
  }

  /// The processes that the agent has started.
  var children: [Int32] {
    get async {
      let run = try? await shell("cat /proc/\(identifier)/task/*/children")
      return run?.output.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) } ?? []
    }
  }

  /// Ends the agent.
  func kill(_ number: Int32 = SIGKILL) async {
    if let process { await Self.end(process, number) }
  }

  /// Ends all.
  func shutdown() async {
    await kill(SIGTERM)
    await Self.end(holder, SIGKILL)
    await server.shutdown()
  }

  /// Ends a process, and waits for that on a thread of its own.
  private static func end(_ process: ChildProgram, _ signal: Int32) async {
    process.send(signal)
    _ = await OwnThread.run { process.statusAtEnd() }
  }

  /// Closes the agent's connections to the API server.
  func cutConnections() async { await server.closeConnections() }

  /// Takes the API server away, with all connections, or lets it come back.
  func setServer(isThere: Bool) async {
    server.setAccepting(isThere)
    if !isThere { await server.closeConnections() }
  }

  /// The agent's log.
  var log: String { (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? "" }

  /// Runs a program on a thread of its own: the test's tasks go on meanwhile.
  static func run(
    _ program: String, _ arguments: [String], input: String = ""
  ) async throws -> CommandRun {
    try await OwnThread.run { Result { try CommandRun(program, arguments, input: input) } }.get()
  }

  /// The shell of the agent's network namespace.
  struct Shell: Sendable {
    let namespace: Int32
    let folder: String
    /// The text before each script.
    var preamble = ""

    /// Runs a script.
    func run(_ script: String) async throws -> CommandRun {
      try await AgentProcess.run(
        "/usr/bin/nsenter",
        [
          "--net=/proc/\(namespace)/ns/net", "/bin/bash", "-c",
          "PATH=\(AgentProcess.directory):$PATH NETPOLC_STATE_DIRECTORY=\(folder)/run\nexport PATH NETPOLC_STATE_DIRECTORY\n"
            + preamble + script,
        ])
    }
  }

  var shell: Shell { Shell(namespace: holder.identifier, folder: folder.path("")) }

  /// Runs a shell script in the agent's network namespace.
  func shell(_ script: String) async throws -> CommandRun { try await shell.run(script) }

  /// The agent's answer about itself.
  func ask(_ question: String) async throws -> CommandRun {
    try await shell("netpolc-agent probe \(question) --run-directory \(folder.path("run"))")
  }

  /// The live table as text; empty where there is none.
  var table: String {
    get async { (try? await shell("nft list table inet netpolc 2>/dev/null").output) ?? "" }
  }

  /// Waits until a condition holds: at most two minutes, which is long for a busy machine too, and no longer than the
  /// agent runs.
  ///
  /// - Parameters:
  ///   - what: the name of the condition.
  ///   - whileItRuns: false where another agent than this one is waited for.
  ///   - condition: holds in the end.
  /// - Throws: `NotReached`, after it is recorded; what the condition throws.
  func wait(_ what: String, whileItRuns: Bool = true, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(120)
    repeat {
      if try await condition() { return }
      guard isRunning || !whileItRuns else { break }
      await OwnThread.pause(.milliseconds(100))
    } while .now < end
    let state = isRunning ? "runs" : "has ended"
    Issue.record(
      "\(what) did not come about in two minutes; the agent \(state) and says:\n\(log.suffix(3000))")
    throw NotReached()
  }

  /// Something that was waited for did not come about, which is recorded.
  struct NotReached: Error {}

  /// Waits until the agent is ready.
  func waitUntilReady() async throws { try await wait("readiness") { try await ask("readyz").status == 0 } }
}
