import Addresses
import ArgumentParser
import CLinux
import Glibc
import NFTables
import PolicyModel

/// An agent's process, followed from its start to its end, in the calling thread's network namespace.
final class AgentRun {
  private let server: StreamServer
  private let process: pid_t
  private let directory: String
  private let node: String
  let plugin: String
  private let began = ContinuousClock.now
  private var watch: TableWatch
  private var version = 1000
  private var isOver = false

  init(
    _ server: StreamServer, directory: String, programs: (agent: String, plugin: String), node: String
  ) throws {
    watch = try TableWatch(.netpolc)
    plugin = programs.plugin
    self.server = server
    self.directory = "\(directory)/\(server.isSecure ? "tls" : "plain")"
    self.node = node
    process = try Self.start(server, self.directory, programs.agent, node)
  }

  private static func start(
    _ server: StreamServer, _ directory: String, _ agent: String, _ node: String
  ) throws -> pid_t {
    let trust = server.authority.map { ", certificate-authority: \"\($0)\"" } ?? ""
    let config =
      "current-context: c\ncontexts: [{ name: c, context: { cluster: c } }]\nclusters: [{ name: c, cluster: { server: \"\(server.base)\"\(trust) } }]\n"
    Child.run("mkdir -p \(directory) && cat > \(directory)/config <<'END'\n\(config)END\n")
    let line =
      "exec \(agent) run --node \(node) --kubeconfig \(directory)/config --run-directory \(directory)/run --library-directory \(directory)/library --metrics-address '' --start-jitter 0 --source-check off --pod-cidr 198.18.0.0/15 2> \(directory)/agent.log"
    let descriptors: [Int32] = [0, 1, 2]
    let process = descriptors.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { clinux_spawn("sh", "-c", line, $0, 3) } ?? -1
    }
    guard process > 0 else { throw ValidationError("the agent cannot be started") }
    return process
  }

  /// Ends the agent.
  func end() {
    if isOver { return }
    kill(process, SIGTERM)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// The last lines of the agent's log.
  private var complaint: String {
    "the agent says: \((Gauge.readFile("\(directory)/agent.log") ?? "").suffix(1500))"
  }

  /// True once a transaction is committed, false where none is in so many seconds.
  ///
  /// - Throws: where the agent has ended.
  private func waitForCommit(_ seconds: Int) throws -> Bool {
    let limit = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < limit {
      if try !watch.changes().isEmpty { return true }
      var polled = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&polled, 1, 100) == 0 { try failIfOver() }
    }
    return false
  }

  private func failIfOver() throws {
    var status: Int32 = 0
    if !isOver, waitpid(process, &status, WNOHANG) == process { isOver = true }
    if isOver { throw ValidationError("the agent has ended; \(complaint)") }
  }

  /// The nanoseconds of the processor that each thread of the agent that lives has used. Its comparisons of the kernel's table have
  /// threads of their own, which end with them.
  private var threads: [Substring: Double] {
    let lines = Child.lines("cd /proc/\(process)/task && for t in *; do echo $t $(cat $t/schedstat); done")
    return Dictionary(
      lines.compactMap { line in
        let words = line.split(separator: " ")
        return words.count > 1 ? Double(words[1]).map { (words[0], $0) } : nil
      }, uniquingKeysWith: { $1 })
  }

  /// The seconds of the processor that the agent and its worker have used.
  private var processor: Double {
    ([process] + children).reduce(0.0) { sum, process in
      let fields =
        (Gauge.readFile("/proc/\(process)/stat") ?? "").split(separator: ")").last?.split(separator: " ")
        ?? []
      guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else {
        return sum
      }
      return sum + (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
  }

  private var children: [pid_t] {
    let text = Gauge.readFile("/proc/\(process)/task/\(process)/children") ?? ""
    let threads = Child.lines("cat /proc/\(process)/task/*/children")
    return Set(text.split(separator: " ") + threads.joined(separator: " ").split(separator: " ")).compactMap {
      pid_t($0)
    }
  }

  private func memory(_ field: String) -> (agent: Int, worker: Int) {
    func bytes(_ process: pid_t) -> Int { Gauge.status(field, of: "/proc/\(process)/status") ?? 0 }
    return (bytes(process), children.map(bytes).max() ?? 0)
  }

  // MARK: Figures

  /// The time and memory until everything is in force, and what others make of the same bytes.
  ///
  /// - Parameters:
  ///   - pods: the number of pods.
  ///   - runs: of the throwing away.
  ///   - reading: the seconds in which simdjson reads the pods.
  /// - Returns: the rows.
  /// - Throws: why there are none.
  func measureSync(pods: Int, runs: Int, reading: Double) throws -> [Figure] {
    let sending = server.processor
    guard try waitForCommit(300) else { throw ValidationError("no commit; \(complaint)") }
    let synced = began.duration(to: .now) / .seconds(1)
    let (used, peak, sent) = (processor, memory("VmHWM"), server.processor - sending)
    while try waitForCommit(3) {}
    let kinds = server.contents
    var thrown = Double.infinity
    for _ in 0..<max(runs, 3) {
      guard let seconds = ThrowAway.seconds(server, kinds) else {
        throw ValidationError("the stream cannot be received")
      }
      thrown = min(thrown, seconds)
    }
    let after = memory("VmRSS")
    let how = server.isSecure ? "TLS" : "plain"
    return [
      Figure(
        name: "the agent in sync, \(pods) pods, \(how)", cost: Cost(seconds: synced, peak: peak.agent),
        against: "the same \(Words.bytes(server.size)) received and thrown away",
        limit: Cost(seconds: thrown), target: 1.5, memoryTarget: 150_000_000,
        note:
          "processor \(Words.seconds(used)), the server's \(Words.seconds(sent)); worker \(Words.bytes(peak.worker)); afterwards \(Words.bytes(after.agent))"
      ),
      Figure(
        name: ". its processor time, \(how)", cost: Cost(seconds: used),
        against: "received so, then read by simdjson On-Demand, C++",
        limit: Cost(seconds: thrown + reading)),
    ]
  }

  /// Single events: from the last byte to the commit.
  func measureEvents(_ name: String, like model: Pod, from address: UInt128) throws -> [Figure] {
    while server.watchCount == 0 { usleep(10_000) }
    var latencies: [[Double]] = [[], []]
    let before = threads
    let count = 200
    for number in 0..<count {
      var pod = model
      pod.name += "-\(number / 2)"
      pod.addresses = [IPAddress(.ipv4, bits: address + UInt128(number / 2 + 1))]
      let line = event(number % 2 == 0 ? "ADDED" : "DELETED", pod)
      _ = try watch.changes()
      let sent = server.tell([line])
      guard try waitForCommit(20) else { throw ValidationError("an event was not committed; \(complaint)") }
      latencies[number % 2].append(sent.duration(to: .now) / .seconds(1))
      // The comparison, the record and the pause after a commit do not count.
      usleep(150_000)
    }
    let after = threads
    let used = after.reduce(0.0) { $0 + max(0, $1.value - (before[$1.key] ?? $1.value)) } / Double(count)
    let all = latencies.joined().sorted()
    let middles = latencies.map { $0.sorted()[$0.count / 2] }
    return [
      Figure(
        name: "\(name), from the last byte to the commit: median", cost: Cost(seconds: all[count / 2]),
        against: "2 ms", limit: Cost(seconds: 0.002), target: 1,
        note:
          "comes \(Words.seconds(middles[0])), goes \(Words.seconds(middles[1])); processor \(Words.seconds(used * 1e-9)) an event"
      ),
      Figure(
        name: "\(name), from the last byte to the commit: 99 of 100",
        cost: Cost(seconds: all[count * 99 / 100]), against: "10 ms", limit: Cost(seconds: 0.010), target: 1),
    ]
  }

  /// Single events after a quiet time, in which the agent has written its record: from the last byte to the commit.
  func measureQuietEvents(_ name: String, like model: Pod, from address: UInt128) throws -> [Figure] {
    var latencies: [Double] = []
    for number in 0..<4 {
      // The record is a transaction too.
      guard try waitForCommit(60) else { throw ValidationError("no record was written; \(complaint)") }
      usleep(300_000)
      var pod = model
      pod.name += "-quiet"
      pod.addresses = [IPAddress(.ipv4, bits: address)]
      _ = try watch.changes()
      let sent = server.tell([event(number % 2 == 0 ? "ADDED" : "DELETED", pod)])
      guard try waitForCommit(20) else { throw ValidationError("an event was not committed; \(complaint)") }
      latencies.append(sent.duration(to: .now) / .seconds(1))
    }
    return [
      Figure(
        name: "\(name) after a quiet time: the slowest of \(latencies.count)",
        cost: Cost(seconds: latencies.max() ?? 0), against: "10 ms", limit: Cost(seconds: 0.010), target: 1)
    ]
  }

  /// A thousand changes of pods a second, half of them peers of the node's rules.
  func measureStream(_ peer: Pod) throws -> [Figure] {
    let seconds = 10
    let before = processor
    for second in 0..<seconds {
      let began = ContinuousClock.now
      for part in 0..<100 {
        let lines = (0..<10).map { place -> String in
          let number = part * 10 + place
          var pod = peer
          pod.name += "-s\(number % 500)"
          if number % 2 == 0 { pod.labels = ["nobody": "asks"] }
          pod.addresses = [IPAddress(.ipv4, bits: 0xc613_0000 + UInt128(number % 500 + 1))]
          return event((number / 500 + second) % 2 == 0 ? "ADDED" : "DELETED", pod)
        }
        server.tell(lines)
        let due = began + .milliseconds(10) * (part + 1)
        let left = (due - .now) / .microseconds(1)
        if left > 0 { usleep(UInt32(left)) }
      }
    }
    let used = (processor - before) / Double(seconds)
    while try waitForCommit(3) {}
    let resident = memory("VmRSS").agent
    return [
      Figure(
        name: "1,000 pod changes a second: time of the processor, worker included",
        cost: Cost(seconds: used), against: "a second", limit: Cost(seconds: 1), target: 0.3,
        note: "memory afterwards \(Words.bytes(resident))")
    ]
  }

  /// The CNI plugin: its start alone, and ADD until the pod's policies are in force.
  func measurePlugin(like own: Pod) throws -> [Figure] {
    let config =
      #"{"cniVersion":"1.0.0","name":"n","type":"netpolc-cni","socket":"\#(directory)/run/cni.sock","prevResult":{"cniVersion":"1.0.0","ips":[{"address":"198.19.200.9/24"}]}}"#
    Child.run("printf '%s' '\(config)' > \(directory)/cni.json")
    setenv("CNI_IFNAME", "eth0", 1)
    func run(_ command: String, _ number: Int) throws -> Double {
      setenv("CNI_COMMAND", command, 1)
      setenv("CNI_CONTAINERID", "sandbox-\(number)", 1)
      setenv("CNI_ARGS", "K8S_POD_NAMESPACE=\(own.namespace);K8S_POD_NAME=new;K8S_POD_UID=u-new", 1)
      let input = open("\(directory)/cni.json", O_RDONLY)
      let output = open("/dev/null", O_WRONLY)
      defer { for file in [input, output] { close(file) } }
      let began = ContinuousClock.now
      let process = [input, output, 2].withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { clinux_spawn(plugin, "", nil, $0, 3) } ?? -1
      }
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      let seconds = began.duration(to: .now) / .seconds(1)
      guard process > 0, status == 0 else {
        throw ValidationError("\(command): status \(status); \(complaint)")
      }
      return seconds
    }
    var pod = own
    pod.name = "new"
    pod.addresses = []
    pod.phase = .pending
    server.tell([event("ADDED", pod)])
    sleep(2)
    let (starts, adds) = try (
      (0..<50).map { try run("VERSION", $0) }.sorted(),
      (0..<50).map { number in
        let seconds = try run("ADD", number)
        usleep(150_000)
        _ = try run("DEL", number)
        usleep(150_000)
        return seconds
      }.sorted()
    )
    let size = Child.lines("strip -o \(directory)/plugin \(plugin) && stat -c %s \(directory)/plugin").first
    return [
      Figure(
        name: "netpolc-cni starts and answers VERSION", cost: Cost(seconds: starts[25]), against: "5 ms",
        limit: Cost(seconds: 0.005), target: 1,
        note: "\(Words.bytes(size.flatMap { Int($0) })) stripped, of 8 MB"),
      Figure(
        name: "CNI ADD, the plugin's start and the commit included: median", cost: Cost(seconds: adds[25]),
        against: "15 ms", limit: Cost(seconds: 0.015), target: 1),
    ]
  }

  /// A line of a watch about a pod, as large as a real one.
  private func event(_ type: String, _ pod: Pod) -> String {
    version += 1
    let labels = pod.labels.pairs.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
    let addresses = pod.addresses.map { "{\"ip\":\"\($0)\"}" }.joined(separator: ",")
    let fields = String(repeating: "f:status", count: 400)
    return
      "{\"type\":\"\(type)\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"\(pod.name)\",\"namespace\":\"\(pod.namespace)\",\"uid\":\"u-\(pod.name)\",\"resourceVersion\":\"\(version)\",\"labels\":{\(labels)},\"managedFields\":[{\"manager\":\"\(fields)\"}]},\"spec\":{\"nodeName\":\"\(pod.node ?? "")\",\"containers\":[]},\"status\":{\"phase\":\"\(pod.phase.rawValue)\",\"podIPs\":[\(addresses)]}}}\n"
  }
}
