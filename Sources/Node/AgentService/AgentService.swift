import Glibc
public import KubernetesAPI
public import Logging

/// A node's agent: follows the API server, keeps the node's table, answers the CNI plugin, probes and metrics.
public struct AgentService: Sendable {
  private let options: AgentOptions
  private let access: ClusterAccess
  private let timing: ServerTiming
  private let log: Logger
  private let inbox = Inbox()
  /// The state of the agent.
  public let status = AgentStatus()

  /// A failure at the start.
  public struct Failure: Error, CustomStringConvertible {
    /// The failure as a clause.
    public let description: String
  }

  /// Makes an agent, which does not run yet.
  ///
  /// - Parameters:
  ///   - options: the options that it starts with.
  ///   - access: the way to the API server.
  ///   - timing: times in the conversation with it.
  ///   - log: where its log goes.
  public init(
    _ options: AgentOptions, access: ClusterAccess, timing: ServerTiming = ServerTiming(), log: Logger
  ) {
    self.options = options
    self.access = access
    self.timing = timing
    self.log = log
  }

  /// Asks the agent to end; the table stays.
  public func stop() { inbox.put(.stop) }

  /// Runs until `stop()`.
  ///
  /// - Throws: `Failure` where it cannot listen.
  public func run() async throws {
    mkdir(options.runDirectory, 0o755)
    let lock = try await lockDirectory()
    defer { lock.letGo() }
    let server = LocalServer(inbox, status)
    do {
      // A dry run answers no plugin: what it would install starts no pod.
      if !options.isDryRun { try await server.listenForPlugin(options.attachmentSocket) }
      try await server.listenForProbes(options.statusSocket)
      if let (host, port) = try metricsAddress() { try await server.listenForMetrics(host, port) }
    } catch {
      await server.shutdown()
      throw Failure(
        description:
          "cannot listen in \(options.runDirectory) or at \(options.metricsAddress ?? ""): \(error)")
    }
    let client = APIClient(access, timing: timing)
    let restarts = RestartSignal()
    await withTaskGroup(of: Void.self) { group in
      for kind in FollowedKind.allCases {
        let feed = ResourceFeed(
          kind: kind, node: options.node, client: client, inbox: inbox, restarts: restarts)
        group.addTask { await feed.run() }
      }
      let (options, inbox, status, log) = (options, inbox, status, log)
      await LoopThread.run {
        var loop = AgentLoop(options, inbox, status, restarts, log)
        loop.run()
      }
      group.cancelAll()
    }
    await client.shutdown()
    await server.shutdown()
  }

  /// Takes the run directory for this agent alone. One that ends at the moment is waited for.
  private func lockDirectory() async throws -> RunDirectoryLock {
    do {
      for _ in 0..<50 {
        if let lock = try RunDirectoryLock(options.runDirectory) { return lock }
        try await Task.sleep(for: .milliseconds(100))
      }
    } catch { throw Failure(description: "cannot lock \(options.runDirectory): \(error)") }
    throw Failure(
      description:
        "another agent runs with \(options.runDirectory): a second one, such as a dry run, needs another --run-directory and --metrics-address"
    )
  }

  private func metricsAddress() throws -> (String, Int)? {
    guard let address = options.metricsAddress, !address.isEmpty else { return nil }
    guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...])
    else {
      throw Failure(description: "'\(address)' is no address and port")
    }
    return (String(address[..<colon].filter { $0 != "[" && $0 != "]" }), Int(port))
  }
}
