#if os(Linux)
  import CLinux
  import Glibc
  public import KernelProgram
  import LinuxNet
  public import NFTables
  import Ruleset

  /// Asks libnftables and the kernel what a ruleset's text means: a process of its own, shut in a network namespace without
  /// files, loads the text into an empty kernel, or over a copy of a table, and reads what the kernel executes then.
  ///
  /// A text from elsewhere is looked through by `CommandFilter` first.
  public enum RulesetTrial {
    /// The result of a trial.
    public enum Outcome: Sendable {
      /// The text was loaded; the tables that are there afterwards.
      case loaded([KernelTable])
      /// libnftables or the kernel refused the text.
      case refused([NFTablesMessage])
      /// The process ended without a result, and why.
      case failed(String)
      /// There is no namespace to be had, and why.
      case unavailable(String)
    }

    /// The hidden first argument of the process.
    static let argument = "__ruleset-trial"

    private static let script = "/script"
    private static let seconds: UInt32 = 120

    private enum Status: Int32 {
      case loaded = 0
      case refused = 10
      case unavailable = 11
      case failed = 12
    }

    // MARK: The host

    /// Loads a text where nothing else is, and reads it back. At most two minutes and 4 GiB.
    ///
    /// - Parameters:
    ///   - text: commands that `CommandFilter` has no objection to.
    ///   - format: the text's language.
    ///   - copy: the table that is there before; nil: none.
    ///   - executable: a program that calls `runIfRequested` first; this process's own by default.
    /// - Returns: what came of it.
    public static func load(
      _ text: String, format: NFTablesFormat = .text, over copy: TableCopy? = nil,
      executable: String = "/proc/self/exe"
    ) -> Outcome {
      do throws(SystemFailure) {
        let null = try Descriptor(path: "/dev/null", flags: O_RDWR)
        let output = try Descriptor(memory: "program")
        let errors = try Descriptor(memory: "errors")
        let input = try file("ruleset", Array(text.utf8))
        let before = try file("table", copy?.encoded ?? [])
        let slots = [null.number, output.number, errors.number, input.number, before.number]
        let process = try checked(
          clinux_spawn(executable, argument, format == .json ? "json" : "text", slots, Int32(slots.count)),
          "start \(executable)")
        var ended: Int32 = 0
        while waitpid(process, &ended, 0) < 0 && errno == EINTR {}
        let said = try errors.content()
        if ended & 0x7f != 0 {
          return .failed(
            "it took more than \(seconds) s, or more memory than it may (signal \(ended & 0x7f))")
        }
        switch Status(rawValue: ended >> 8 & 0xff) {
        case .loaded: return .loaded(MessageList.tables(MessageList.decoded(try bytes(of: output))))
        case .refused:
          let messages = NFTablesMessage.parse(said, path: script)
          // The buffer of a socket has the system's limit, but for root.
          if messages.contains(where: { $0.text.hasSuffix("Message too long") }) {
            return .unavailable("a transaction of this size needs root")
          }
          return .refused(messages.isEmpty ? [NFTablesMessage(.error, said)] : messages)
        case .unavailable: return .unavailable(said)
        case .failed, nil: return .failed(said.isEmpty ? "its process ended with \(ended >> 8 & 0xff)" : said)
        }
      } catch { return .failed("\(error)") }
    }

    private static func file(_ name: String, _ content: [UInt8]) throws(SystemFailure) -> Descriptor {
      let made = try Descriptor(memory: name)
      let written = content.withUnsafeBytes { bytes in
        Result { () throws(SystemFailure) in try made.write(bytes) }
      }
      try written.get()
      return made
    }

    private static func bytes(of file: borrowing Descriptor) throws(SystemFailure) -> [UInt8] {
      lseek(file.number, 0, SEEK_SET)
      var result: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      while true {
        let count = read(file.number, &buffer, buffer.count)
        if count < 0, errno != EINTR { throw SystemFailure("read a program") }
        if count == 0 { return result }
        if count > 0 { result += buffer[..<count] }
      }
    }

    // MARK: The process

    /// Loads the text and writes the kernel's messages, if this process was started for it. To be called first thing in
    /// `main`, while there is one thread.
    ///
    /// - Returns: the exit status, or nil for every other process.
    public static func runIfRequested(_ arguments: [String]) -> Int32? {
      guard arguments.count == 3, arguments[1] == argument else { return nil }
      for fault in [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGQUIT] { signal(fault, SIG_DFL) }
      alarm(seconds)
      return serve(arguments[2] == "json" ? .json : .text).rawValue
    }

    private static func serve(_ format: NFTablesFormat) -> Status {
      do throws(SystemFailure) {
        let text = try bytes(of: Descriptor(owning: 3))
        let copy = TableCopy(try bytes(of: Descriptor(owning: 4)))
        // Never empty, so that it has an address.
        let failure = (text + [0x0a]).withUnsafeBytes { bytes in
          bytes.baseAddress.map { clinux_confine($0, bytes.count) } ?? -EINVAL
        }
        if failure < 0 { return say(SystemFailure("make a namespace", code: -failure), .unavailable) }
        let probe = clinux_nftables_probe()
        if probe < 0 { return say(SystemFailure("ask nf_tables", code: -probe), .unavailable) }
        var conversation = try NetlinkConversation()
        try copy?.install(&conversation)
        if NFTablesScript.run(path: script, format: format) != 0 { return .refused }
        var names: [(family: Table.Family, name: String)] = []
        var output = MessageList()
        _ = try conversation.ask(1, family: 0, isDump: true) { kind, body in
          if let found = MessageList.identity(body) { names.append(found) }
        }
        for (family, name) in names {
          guard let table = NFTablesTable(family: family.rawValue, name: name) else {
            return say(SystemFailure("read a table of this name", code: EINVAL), .failed)
          }
          _ = try KernelReader.dump(table, &conversation) { kind, body in output.add(kind, body) }
        }
        try give(output.bytes)
        return .loaded
      } catch { return say(error, .failed) }
    }

    private static func say(_ failure: SystemFailure, _ status: Status) -> Status {
      let text = Array("\(failure)".utf8)
      _ = text.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
      return status
    }

    private static func give(_ bytes: [UInt8]) throws(SystemFailure) {
      var start = 0
      while start < bytes.count {
        let count = bytes[start...].withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        if count < 0 { throw SystemFailure("write a program") }
        start += count
      }
    }
  }
#endif
