#if os(Linux)
  import LinuxNet
  import CLinux
  import CNFTables
  import Glibc
#endif

/// libnftables' own process.
///
/// The library can die of another program's sets, exit when memory runs out, or hang; it is not thread-safe and
/// keeps its socket in the namespace where it began. So no process of netpolc that anyone relies on calls it:
/// the executable starts itself once more with a hidden argument, and only that process does.
public enum NFTablesWorker {
  /// The hidden first argument.
  public static let argument = "__nftables-worker"

  /// Serves transactions if this process was started as a worker. To be called first thing in `main`.
  ///
  /// - Parameter arguments: the process's arguments, with the program's name first.
  /// - Returns: the exit status of a worker that has finished, or nil for every other process.
  public static func runIfRequested(_ arguments: [String]) -> Int32? {
    guard arguments.count == 2, arguments[1] == argument else { return nil }
    #if os(Linux)
      var worker = Worker()
      return worker.serve()
    #else
      return 64
    #endif
  }
}

#if os(Linux)
  private typealias Slot = WorkerProtocol.Slot

  /// The worker's state: one context, made at the first request.
  private struct Worker {
    private var context: OpaquePointer?
    private var output: UnsafeMutablePointer<FILE>?
    private var errors: UnsafeMutablePointer<FILE>?

    /// Answers requests until the host closes the socket.
    mutating func serve() -> Int32 {
      var status = stat()
      guard fstat(Slot.control.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return 64 }
      // Swift's own crash reports take seconds, and their handlers let a signal from outside pass unharmed.
      for fault in [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGQUIT] { signal(fault, SIG_DFL) }
      // Started as /proc/self/exe it would be "exe" in the kernel's events.
      clinux_name_thread("netpolc")
      // A transaction goes on without its host, which was killed, but not for ever: it holds the lock.
      clinux_end_after_host(Slot.control.rawValue, WorkerProtocol.secondsWithoutHost)
      let namespaceFailure = enterNamespace()
      while let request = receive() {
        alarm(request.secondsToLive)
        let reply =
          namespaceFailure.map {
            WorkerProtocol.Reply(sequence: request.sequence, stage: .namespaceRefused, value: $0)
          } ?? answer(request)
        alarm(0)
        let words = reply.words
        let sent = words.withUnsafeBytes {
          send(Slot.control.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        // A context that has refused something is not asked again; the host starts another worker.
        if sent < 0 || reply.value != 0 { break }
      }
      return 0
    }

    private func enterNamespace() -> Int32? {
      guard fcntl(Slot.namespace.rawValue, F_GETFD) >= 0 else { return nil }
      let result = clinux_enter_network(Slot.namespace.rawValue)
      close(Slot.namespace.rawValue)
      return result < 0 ? -result : nil
    }

    private func receive() -> WorkerProtocol.Request? {
      var words = [UInt32](repeating: 0, count: WorkerProtocol.Request.wordCount)
      while true {
        let got = words.withUnsafeMutableBytes { recv(Slot.control.rawValue, $0.baseAddress, $0.count, 0) }
        if got < 0 && errno == EINTR { continue }
        guard got == words.count * MemoryLayout<UInt32>.size else { return nil }
        return WorkerProtocol.Request(words: words)
      }
    }

    private mutating func answer(_ request: WorkerProtocol.Request) -> WorkerProtocol.Reply {
      func reply(_ stage: WorkerProtocol.Reply.Stage, _ value: Int32) -> WorkerProtocol.Reply {
        WorkerProtocol.Reply(sequence: request.sequence, stage: stage, value: value)
      }
      if context == nil {
        // Asked first, since libnftables exits where it cannot have its socket.
        let probe = clinux_nftables_probe()
        if probe < 0 { return reply(.kernelRefused, -probe) }
        context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT))
        output = fdopen(Slot.output.rawValue, "w")
        errors = fdopen(Slot.errors.rawValue, "w")
        nft_ctx_set_output(context, output)
        nft_ctx_set_error(context, errors)
      }
      guard let context, let output, let errors else { return reply(.ran, ENOMEM) }
      for file in [output, errors] {
        rewind(file)
        ftruncate(fileno(file), 0)
      }
      nft_ctx_set_dry_run(context, request.dryRun)
      nft_ctx_output_set_flags(context, request.outputFlags)
      let status =
        request.steps > 1 ? runSteps(context) : nft_run_cmd_from_filename(context, WorkerProtocol.scriptPath)
      for file in [output, errors] where fflush(file) != 0 { return reply(.ran, errno) }
      return reply(.ran, status)
    }

    /// Runs each step as a transaction of its own, up to the first that is refused. Between two of them every packet
    /// that met the rules before is through.
    private func runSteps(_ context: OpaquePointer) -> Int32 {
      do throws(SystemFailure) {
        let slot = Slot.script.rawValue
        let script = Descriptor(owning: fcntl(slot, F_DUPFD_CLOEXEC, slot + 1))
        defer { dup2(script.number, slot) }
        let steps = try script.content().utf8.split(
          separator: WorkerProtocol.stepEnd, omittingEmptySubsequences: false)
        var lines = 0
        for (place, step) in steps.enumerated() {
          if place > 0 { clinux_await_packets() }
          // Empty lines stand for the steps before, so that positions are those of the whole.
          let part = try Descriptor(memory: "step")
          var text = String(repeating: "\n", count: lines) + String(Substring(step))
          let written = text.withUTF8 { bytes in
            Result { () throws(SystemFailure) in try part.write(UnsafeRawBufferPointer(bytes)) }
          }
          try written.get()
          lines += step.count { $0 == UInt8(ascii: "\n") }
          dup2(part.number, slot)
          let status = nft_run_cmd_from_filename(context, WorkerProtocol.scriptPath)
          if status != 0 { return status }
        }
        return 0
      } catch { return error.code }
    }
  }
#endif
