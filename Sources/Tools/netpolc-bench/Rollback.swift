import Addresses
import ArgumentParser
import ClusterGenerator
import Glibc
import LinuxNet
import NFTables
import PacketLab

/// `netpolc-bench rollback`: the delay of a rollback after an apply that is killed and not confirmed.
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "How late a change that is not confirmed is undone, its apply killed at random moments.",
    discussion: """
      Each run applies, in a network namespace of its own, a policy that cuts a connection, kills the apply with \
      SIGKILL at a random moment, and waits. Late is what passes from the end of the window to the commit that \
      brings the former table back, by the clock since boot. Status 1 where one is not back, or more than a second late.
      """)

  @Option(help: "How many runs.") var runs = 100
  @Option(help: "The window of each, in seconds.") var window = 1

  func run() throws {
    guard let program = Bench(ClusterShape(pods: 1, policies: 0), runs: 1).program("netpolc") else {
      throw ValidationError("there is no netpolc beside this program: build it in the same configuration.")
    }
    var trials: [RollbackTrial.Outcome] = []
    for number in 0..<runs {
      trials.append(try RollbackTrial(program).run(window: window))
      if (number + 1) % 10 == 0 { StandardErrorText.write("netpolc-bench: \(number + 1) of \(runs)\n") }
    }
    let late = trials.compactMap(\.lateness).sorted()
    let restored = trials.filter(\.isRestored).count
    func rank(_ part: Double) -> String {
      late.isEmpty ? "-" : Words.seconds(late[min(late.count - 1, Int(Double(late.count) * part))])
    }
    let isMet = restored == runs && (late.last ?? 0) <= 1
    Swift.print(
      """
      | runs | killed before a rollback was armed | undone | restored | least late | median | 95 of 100 | most | bar | met |
      |---|---|---|---|---|---|---|---|---|---|
      | \(runs) | \(runs - late.count) | \(late.count) | \(restored) | \(rank(0)) | \(rank(0.5)) | \(rank(0.95)) \
      | \(rank(1)) | 1 s | \(isMet ? "yes" : "NO") |
      """)
    if !isMet { throw ExitCode.failure }
  }
}

/// One node whose pods talk, until a policy forbids it.
private struct RollbackTrial {
  struct Outcome {
    /// Seconds from the end of the window to the commit that undid the change; nil where nothing was changed.
    var lateness: Double?
    /// True where the table is what it was, and the connection works.
    var isRestored: Bool
  }

  private let program: String
  private let lab: PacketLab
  private let client: NFTablesClient
  private let directory: String
  private let probe: Probe

  init(_ program: String) throws {
    self.program = program
    let ends = [IPAddress(.ipv4, bits: 0x0af4_0102), IPAddress(.ipv4, bits: 0x0af4_0103)]
    lab = try PacketLab(
      pods: ends.enumerated().map { .init("p\($0)", [$1]) }, executable: program)
    client = NFTablesClient(executable: program, namespace: lab.node)
    probe = Probe(from: ends[1], to: ends[0], .udp(port: 80))
    var template = Array("/tmp/netpolc-rollback.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw ValidationError("no directory in /tmp") }
    directory = String(cString: made)
    var inventory = ""
    for (number, address) in ends.enumerated() {
      inventory +=
        "{apiVersion: v1, kind: Pod, metadata: {name: p\(number), labels: {app: p\(number)}}, "
        + "status: {phase: Running, podIP: \(address), podIPs: [{ip: \(address)}]}}\n---\n"
    }
    for (name, rule) in [("open", "[{}]"), ("closed", "[]")] {
      Gauge.writeFile(
        "\(directory)/\(name).yaml",
        inventory + "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web}, "
          + "spec: {podSelector: {matchLabels: {app: p0}}, ingress: \(rule)}}\n")
    }
  }

  func run(window: Int) throws -> Outcome {
    defer { removeFiles() }
    let start = Self.now()
    var status: Int32 = 0
    waitpid(try apply("open", []), &status, 0)
    let length = Self.now() - start
    guard status == 0, let former = try client.list(.netpolc) else {
      throw ValidationError("the first apply failed")
    }
    let id = try lab.node.run { try NetworkNamespaceID.current() }
    var watch = try lab.node.run { try TableWatch(.netpolc) }
    let process = try apply("closed", ["--established", "recheck", "--confirm-within", "\(window)"])
    usleep(UInt32.random(in: 0...UInt32(length / 1000 * 5 / 4)))
    // The worker that works for it as well; the watchdog is in a session of its own.
    for child in children(of: process) where getsid(child) != child { kill(child, SIGKILL) }
    kill(process, SIGKILL)
    waitpid(process, &status, 0)
    var deadline: Int64?
    var last: Int64?
    let patience = Self.now() + Int64(window + 30) * 1_000_000_000
    while Self.now() < patience {
      var wanted = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&wanted, 1, 1) > 0, try !watch.changes().isEmpty { last = Self.now() }
      guard let found = Self.deadline(in: "\(directory)/pending-\(id)") else { break }
      deadline = found
    }
    if try !watch.changes().isEmpty { last = Self.now() }
    let isRestored = try client.list(.netpolc) == former && lab.reaches(probe)
    guard let deadline, let last else { return Outcome(lateness: nil, isRestored: isRestored) }
    return Outcome(lateness: Double(last - deadline) * 1e-9, isRestored: isRestored)
  }

  private func apply(_ policy: String, _ more: [String]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for number: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0) }
    let words = [program, "compile", "\(directory)/\(policy).yaml", "--apply"] + more
    var arguments = words.map { strdup($0) } + [nil]
    var environment = [strdup("NETPOLC_STATE_DIRECTORY=\(directory)"), strdup("PATH=/usr/bin:/bin"), nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let failure = try lab.node.run {
      posix_spawn(&process, program, &actions, nil, &arguments, &environment)
    }
    guard failure == 0 else { throw ValidationError("netpolc cannot be started") }
    return process
  }

  private func children(of process: pid_t) -> [pid_t] {
    (Gauge.readFile("/proc/\(process)/task/\(process)/children") ?? "").split(separator: " ").compactMap {
      pid_t($0)
    }
  }

  /// When the window ends, in nanoseconds since boot; nil where nothing waits.
  private static func deadline(in path: String) -> Int64? {
    guard let text = Gauge.readFile(path) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("deadline ") {
      return line.split(separator: " ").last.flatMap { Int64($0) }
    }
    return nil
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private func removeFiles() {
    guard let folder = opendir(directory) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      unlink("\(directory)/\(name)")
    }
    rmdir(directory)
  }
}
