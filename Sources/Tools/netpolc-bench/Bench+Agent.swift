import Addresses
import ArgumentParser
import CLinux
import ClusterGenerator
import Glibc
import LinuxNet
import NFTables
import PolicyModel

extension Bench {
  /// Measures the node agent as a process: in sync with a cluster, single events, and a stream of them.
  func agent() throws -> [Figure] {
    guard let agent = program("netpolc-agent") else {
      StandardErrorText.write(
        "netpolc-bench: agent: left out, since netpolc-agent is not built beside this program\n")
      return []
    }
    guard let peer = try Self.peer(contents, node) else {
      throw ValidationError("no pod is a peer on \(node)")
    }
    let directory = try temporaryDirectory()
    let generated = GeneratedCluster(shape)
    let paths = [
      "pods": "/api/v1/pods", "namespaces": "/api/v1/namespaces", "nodes": "/api/v1/nodes",
      "policies": "/apis/networking.k8s.io/v1/networkpolicies",
    ]
    var lists: [String: [UInt8]] = [:]
    for (name, path) in paths {
      lists[path] =
        Array(#"{"metadata":{"resourceVersion":"1"},"#.utf8) + generated.text(of: name, .json).dropFirst()
    }
    guard let server = StreamServer("\(directory)/api.sock", lists: lists) else {
      throw ValidationError("no server at \(directory)/api.sock")
    }
    server.start()
    let (node, runs, count) = (node, runs, shape.pods)
    return try NetworkNamespace().run {
      var run = try AgentRun(server, directory: directory, agent: agent, node: node)
      let figures = Result { try run.measure(peer, count: count, runs: runs) }
      run.end()
      return try figures.get()
    }
  }
}

/// An agent's process, followed from its start to its end, in the calling thread's network namespace.
private struct AgentRun: ~Copyable {
  private let server: StreamServer
  private let process: pid_t
  private let began = ContinuousClock.now
  private var watch: TableWatch
  private var version = 1

  init(_ server: StreamServer, directory: String, agent: String, node: String) throws {
    let watch = try TableWatch(.netpolc)
    let process = try Self.start(server, directory, agent, node)
    self.server = server
    self.process = process
    self.watch = watch
  }

  private static func start(
    _ server: StreamServer, _ directory: String, _ agent: String, _ node: String
  ) throws -> pid_t {
    let address = server.path.split(separator: "/").map { "%2F\($0)" }.joined()
    let config =
      "current-context: c\ncontexts: [{ name: c, context: { cluster: c } }]\nclusters: [{ name: c, cluster: { server: \"http+unix://\(address)\" } }]\n"
    Child.run("cat > \(directory)/config <<'END'\n\(config)END\n")
    let line =
      "exec \(agent) run --node \(node) --kubeconfig \(directory)/config --run-directory \(directory)/run --library-directory \(directory)/library --metrics-address '' --unknown-pods allow 2> \(directory)/agent.log"
    let descriptors: [Int32] = [0, 1, 2]
    let process = descriptors.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { clinux_spawn("sh", "-c", line, $0, 3) } ?? -1
    }
    guard process > 0 else { throw ValidationError("the agent cannot be started") }
    return process
  }

  /// Ends the agent.
  func end() {
    kill(process, SIGTERM)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// A field of a process's memory, in bytes.
  private static func memory(_ process: pid_t, _ field: String) -> Int {
    let text = Self.text("/proc/\(process)/status")
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(field):") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }

  private static func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// The seconds of the processor that the agent has used.
  private var processor: Double {
    let fields = Self.text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private mutating func waitForCommit(_ seconds: Int) throws -> Bool {
    let limit = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < limit {
      if try !watch.changes().isEmpty { return true }
      var polled = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
      poll(&polled, 1, 100)
    }
    return false
  }

  private mutating func event(_ type: String, _ pod: Pod) -> String {
    version += 1
    let labels = pod.labels.pairs.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
    let addresses = pod.addresses.map { "{\"ip\":\"\($0)\"}" }.joined(separator: ",")
    return
      "{\"type\":\"\(type)\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"\(pod.name)\",\"namespace\":\"\(pod.namespace)\",\"uid\":\"u-\(pod.name)\",\"resourceVersion\":\"\(version)\",\"labels\":{\(labels)}},\"spec\":{\"nodeName\":\"\(pod.node ?? "")\",\"containers\":[]},\"status\":{\"phase\":\"Running\",\"podIP\":\"\(pod.addresses.first.map { "\($0)" } ?? "")\",\"podIPs\":[\(addresses)]}}}\n"
  }

  /// In sync, then single events, then a stream of them.
  mutating func measure(_ peer: Pod, count: Int, runs: Int) throws -> [Figure] {
    guard try waitForCommit(600) else { throw ValidationError("the agent did not commit: see its log") }
    let synced = began.duration(to: .now) / .seconds(1)
    let peak = Self.memory(process, "VmHWM")
    let thrown = (0..<max(runs, 3)).map { _ in server.throwAway() }.min() ?? 0
    while server.watchCount == 0 { usleep(10_000) }
    // The rest of the first lists.
    while try waitForCommit(2) {}
    var latencies: [Double] = []
    for number in 0..<100 {
      var pod = peer
      pod.name += "-\(number / 2)"
      pod.addresses = [IPAddress(.ipv4, bits: 0xc612_0000 + UInt128(number / 2 + 1))]
      let line = event(number % 2 == 0 ? "ADDED" : "DELETED", pod)
      let sent = ContinuousClock.now
      server.tell(line)
      guard try waitForCommit(60) else { throw ValidationError("an event was not committed in a minute") }
      latencies.append(sent.duration(to: .now) / .seconds(1))
      // The comparison and the record do not count.
      usleep(20_000)
      _ = try watch.changes()
    }
    latencies.sort()
    let before = processor
    let seconds = 5
    for second in 0..<seconds {
      let began = ContinuousClock.now
      for number in 0..<1000 {
        var pod = peer
        pod.name += "-s\(number % 200)"
        if number % 2 == 0 { pod.labels = ["nobody": "asks"] }
        pod.addresses = [IPAddress(.ipv4, bits: 0xc613_0000 + UInt128(number % 200 + 1))]
        server.tell(event((number / 200 + second) % 2 == 0 ? "ADDED" : "DELETED", pod))
        if number % 10 == 9 { usleep(8_000) }
      }
      let left = Duration.seconds(1) - began.duration(to: .now)
      if left > .zero { usleep(UInt32(left / .milliseconds(1)) * 1000) }
    }
    while try waitForCommit(3) {}
    let used = (processor - before) / Double(seconds)
    func cost(_ seconds: Double, _ peak: Int? = nil) -> Cost { Cost(seconds: seconds, peak: peak) }
    return [
      Figure(
        name: "the agent in sync, \(count) pods", cost: cost(synced, peak),
        against: "the same bytes received and thrown away", limit: cost(thrown), target: 1.5,
        memoryTarget: 150_000_000),
      Figure(
        name: "a pod event, from the socket to the commit: median",
        cost: cost(latencies[latencies.count / 2]),
        against: "2 ms", limit: cost(0.002), target: 1),
      Figure(
        name: "a pod event, from the socket to the commit: 99 of 100",
        cost: cost(latencies[latencies.count - 2]),
        against: "10 ms", limit: cost(0.010), target: 1),
      Figure(
        name: "1,000 pod events in a second: time of the processor", cost: cost(used), against: "a second",
        limit: cost(1), target: 0.3, note: "memory afterwards \(Words.bytes(Self.memory(process, "VmRSS")))"),
    ]
  }
}
