#if os(Linux)
  import LinuxNet
  import CLinux
  import Glibc

  /// The host's end of one worker: its process, its socket and its files. The process ends with this value.
  struct WorkerProcess: ~Copyable, Sendable {
    let process: pid_t
    private let control: Descriptor
    private let script: Descriptor
    private let output: Descriptor
    private let errors: Descriptor
    private let stray: Descriptor
    private var sequence: UInt32 = 0
    /// True where a signal that the host holds back ends the wait for an answer.
    private let heedsSignals: Bool
    private var isReaped = false

    /// Starts `executable` as a worker.
    ///
    /// - Parameters:
    ///   - executable: netpolc, or a program that asks `NFTablesWorker` first.
    ///   - namespace: a descriptor of the network namespace to work in, or -1 for the calling thread's.
    ///   - lock: a lock's descriptor, which stays held while the worker lives, or -1.
    ///   - heedsSignals: whether a signal that this process holds back ends the wait for an answer.
    /// - Returns: the running worker.
    /// - Throws: `noWorker`.
    static func start(_ executable: String, namespace: Int32, lock: Int32, heedsSignals: Bool = false)
      throws(NFTablesFailure) -> WorkerProcess
    {
      do throws(SystemFailure) {
        return try WorkerProcess(
          starting: executable, namespace: namespace, lock: lock, heedsSignals: heedsSignals)
      } catch {
        throw .noWorker(attempt: error.attempt, code: error.code)
      }
    }

    private init(starting executable: String, namespace: Int32, lock: Int32, heedsSignals: Bool)
      throws(SystemFailure)
    {
      self.heedsSignals = heedsSignals
      var pair: [Int32] = [-1, -1]
      guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Self.closeOnExec, 0, &pair) == 0 else {
        throw SystemFailure("make a socket pair")
      }
      let near = Descriptor(owning: pair[0])
      let far = Descriptor(owning: pair[1])
      let script = try Descriptor(memory: "script")
      let output = try Descriptor(memory: "output")
      let errors = try Descriptor(memory: "errors")
      let stray = try Descriptor(memory: "stray")
      let null = try Descriptor(path: "/dev/null", flags: O_RDWR)
      let slots = [
        null.number, stray.number, stray.number, far.number, script.number, output.number, errors.number,
        namespace, lock,
      ]
      process = try checked(
        clinux_spawn(executable, NFTablesWorker.argument, nil, slots, Int32(slots.count)),
        "start \(executable)")
      control = near
      self.script = script
      self.output = output
      self.errors = errors
      self.stray = stray
    }

    private static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

    deinit {
      if !isReaped {
        kill(process, SIGKILL)
        _ = WorkerProcess.reap(process)
      }
    }

    /// True where the worker has ended since its last answer.
    var hasEnded: Bool {
      var wanted = pollfd(fd: control.number, events: 0, revents: 0)
      return poll(&wanted, 1, 0) > 0
    }

    /// The results of a finished run.
    struct Outcome {
      var output: String
      var messages: [NFTablesMessage]
    }

    /// Runs one script, of one step or more.
    ///
    /// After a failure the worker is of no more use.
    mutating func run(
      _ bytes: UnsafeRawBufferPointer, steps: Int = 1, dryRun: Bool, outputFlags: UInt32, limit: Duration
    ) throws(NFTablesFailure) -> Outcome {
      sequence &+= 1
      let seconds = max(1, limit.components.seconds * Int64(Self.longestInLimits) + 5)
      let request = WorkerProtocol.Request(
        sequence: sequence, steps: UInt32(clamping: steps), dryRun: dryRun, outputFlags: outputFlags,
        secondsToLive: UInt32(clamping: seconds))
      do throws(SystemFailure) { try script.replaceContent(with: bytes) } catch {
        throw .noWorker(attempt: error.attempt, code: error.code)
      }
      let sent = request.words.withUnsafeBytes {
        send(control.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // A worker that died before has closed its end; what killed it is read in the same way.
      guard sent > 0, let reply = try awaitReply(limit: limit) else { throw death() }
      guard reply.sequence == sequence else {
        throw .noWorker(attempt: "a reply out of order", code: EBADMSG)
      }
      switch reply.stage {
      case .namespaceRefused: throw .noWorker(attempt: "enter the network namespace", code: reply.value)
      case .kernelRefused where reply.value == EPERM: throw .noPermission
      case .kernelRefused: throw .unavailable(code: reply.value)
      case .ran: break
      }
      let failure: NFTablesFailure
      do throws(SystemFailure) {
        let said = try errors.content()
        let messages = NFTablesMessage.parse(said, path: WorkerProtocol.scriptPath)
        if reply.value == 0 { return Outcome(output: try output.content(), messages: messages) }
        failure = rejection(messages, status: reply.value, raw: said)
      } catch { failure = .noWorker(attempt: error.attempt, code: error.code) }
      throw failure
    }

    private func rejection(_ messages: [NFTablesMessage], status: Int32, raw: String) -> NFTablesFailure {
      // Permission can be missing for a table's parts only, in namespaces of other users.
      if messages.contains(where: { $0.text.hasSuffix("(you must be root)") }) { return .noPermission }
      if !messages.isEmpty { return .rejected(messages) }
      let text = raw.isEmpty ? "libnftables failed with \(status) and said nothing" : raw
      return .rejected([NFTablesMessage(.error, text)])
    }

    /// The worker's reply, or nil when it has died.
    private mutating func awaitReply(limit: Duration) throws(NFTablesFailure) -> WorkerProtocol.Reply? {
      guard waitWhileWorking(limit) else {
        kill(process, SIGKILL)
        // The kernel finishes what it began: some set operations cannot be interrupted.
        let gone = waitForControl(.seconds(2))
        if gone { _ = Self.reap(process) }
        isReaped = true
        throw .timedOut(after: isAskedToEnd ? Self.afterSignal : limit, stillRunning: !gone)
      }
      var words = [UInt32](repeating: 0, count: WorkerProtocol.Reply.wordCount)
      let got = words.withUnsafeMutableBytes { recv(control.number, $0.baseAddress, $0.count, 0) }
      guard got == words.count * MemoryLayout<UInt32>.size else { return nil }
      return WorkerProtocol.Reply(words: words)
    }

    /// The most time that one transaction may take, in limits: a worker that computes for ever ends too.
    private static let longestInLimits = 10

    /// Waits as `waitForControl` does, and again while the worker gets on: one that used the processor for a tenth of
    /// the last limit is loading something large.
    private func waitWhileWorking(_ limit: Duration) -> Bool {
      var used = processorTime
      for _ in 0..<Self.longestInLimits {
        if waitForControl(limit) { return true }
        if isAskedToEnd { return false }
        let now = processorTime
        if now - used < limit / 10 { return false }
        used = now
      }
      return false
    }

    /// The processor time that the worker has used so far; zero where the kernel does not report it.
    private var processorTime: Duration {
      var clock = clockid_t()
      var time = timespec()
      guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return .zero }
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Waits until the socket has something to read or was closed; false when `limit` passed before.
    private func waitForControl(_ limit: Duration) -> Bool {
      var deadline = ContinuousClock.now + limit
      while true {
        // A signal that the host holds back until the answer is there leaves the worker a moment, no more.
        let isAskedToEnd = isAskedToEnd
        if isAskedToEnd { deadline = min(deadline, .now + Self.afterSignal) }
        while true {
          let left = ContinuousClock.now.duration(to: deadline)
          let milliseconds =
            left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
          var wanted = pollfd(fd: control.number, events: Int16(POLLIN), revents: 0)
          let slice = isAskedToEnd ? milliseconds : min(milliseconds, Self.signalInterval)
          let ready = poll(&wanted, 1, Int32(clamping: max(0, slice)))
          if ready > 0 { return true }
          if ready == 0 && milliseconds <= 0 { return false }
          if !isAskedToEnd { break }
        }
      }
    }

    /// True where a signal waits that ends this process.
    private var isAskedToEnd: Bool { heedsSignals && clinux_waiting_signal() != 0 }

    /// The time that a worker gets to finish once the host was asked to end.
    private static let afterSignal = Duration.seconds(2)
    /// In milliseconds: how often the host looks for a signal that it holds back.
    private static let signalInterval: Int64 = 100

    /// The reason for which a worker closed its socket and ended.
    private mutating func death() -> NFTablesFailure {
      let status = Self.reap(process)
      isReaped = true
      let text = (try? stray.content()) ?? ""
      let signal = status & 0x7f
      return signal == 0
        ? .exited(status: status >> 8 & 0xff, output: text) : .crashed(signal: signal, output: text)
    }

    private static func reap(_ process: pid_t) -> Int32 {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0 && errno == EINTR {}
      return status
    }
  }
#endif
