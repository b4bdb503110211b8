#if os(Linux)
  import Glibc
  import LinuxNet
  import NFTables

  /// A service manager that can run a process as a unit of its own, so that the process does not end with the unit or the
  /// login session of the person who asked for it.
  public struct ServiceManager: Sendable, Hashable {
    /// A directory that exists where it runs.
    public var runtimeDirectory: String
    /// Its program that starts a transient unit, with the options of `systemd-run`.
    public var program: String
    /// The time limit of the program, and then of the process that it starts.
    public var patience: Duration

    /// The service manager systemd.
    public static let systemd = ServiceManager(
      runtimeDirectory: "/run/systemd/system", program: "/usr/bin/systemd-run", patience: .seconds(10))

    /// A service manager by its places.
    public init(runtimeDirectory: String, program: String, patience: Duration) {
      self.runtimeDirectory = runtimeDirectory
      self.program = program
      self.patience = patience
    }

    /// True where it runs here.
    var isRunning: Bool {
      var status = stat()
      return stat(runtimeDirectory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The reason why a unit was not started, as a clause.
    struct Failure: Error, CustomStringConvertible {
      let description: String
    }

    /// Starts a command as a transient unit, which is forgotten when it ends.
    ///
    /// - Parameters:
    ///   - command: an absolute path and its arguments.
    ///   - unit: the unit's name, without its ending.
    ///   - description: a line for people who list units.
    /// - Throws: that the program failed, with what it said, or took too long.
    func start(_ command: [String], unit: String, description: String) throws(Failure) {
      let options = [
        "--quiet", "--collect", "--no-ask-password", "--service-type=exec", "--unit=\(unit)",
        "--description=\(description)", "--",
      ]
      do throws(SystemFailure) {
        let said = try Descriptor(memory: "systemd-run")
        let status = try run([program] + options + command, errors: said.number)
        if status == 0 { return }
        let words = try said.content().split(whereSeparator: \.isNewline).joined(separator: "; ")
        let end = status < 0 ? "did not end in time" : "ended with status \(status)"
        throw SystemFailure("\(program) \(end)\(words.isEmpty ? "" : ": \(words)")", code: 0)
      } catch {
        throw Failure(description: error.code == 0 ? error.attempt : error.description)
      }
    }

    /// Runs a program to its end: its exit status, 128 and the signal's number, or -1 where it took too long.
    private func run(_ words: [String], errors: Int32) throws(SystemFailure) -> Int32 {
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, errors, 2)
      var arguments = words.map { strdup($0) } + [nil]
      defer { for argument in arguments { free(argument) } }
      var process: pid_t = 0
      let failure = posix_spawn(&process, words[0], &actions, nil, &arguments, environ)
      guard failure == 0 else { throw SystemFailure("start \(words[0])", code: failure) }
      let deadline = ContinuousClock.now + patience
      var status: Int32 = 0
      while true {
        let ended = waitpid(process, &status, WNOHANG)
        if ended == process { return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f }
        if ended < 0, errno != EINTR { throw SystemFailure("wait for \(words[0])") }
        if ContinuousClock.now >= deadline {
          kill(process, SIGKILL)
          while waitpid(process, &status, 0) < 0 && errno == EINTR {}
          return -1
        }
        usleep(2_000)
      }
    }
  }
#endif
