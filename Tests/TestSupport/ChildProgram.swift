import Foundation
import Glibc
import Synchronization

/// A program that runs as a child of the tests, in a process group of its own. The group ends with the value that holds it,
/// where the program has not ended before.
///
/// Not Foundation's `Process`: it learns of ends on the run loop of a thread that may be gone, by a socket that another process
/// which starts at the same moment can inherit. Once it misses an end it misses those that follow. Here the kernel is asked
/// about this one process.
public final class ChildProgram: Sendable {
  /// The reason why a program could not be started.
  public struct Failure: Error, CustomStringConvertible {
    /// The program and the reason.
    public let description: String
  }

  /// The number of the process. Once its end is known it may be another's.
  public let identifier: Int32
  /// The exit status; nil until the end is known.
  private let end = Mutex<Int32?>(nil)

  /// Starts a program in the network namespace of the calling thread, with default signal actions, no signal blocked (a thread
  /// of Dispatch blocks all of them) and no open file but these three.
  ///
  /// - Parameters:
  ///   - program: its path, or a name that is searched for like a command.
  ///   - arguments: its arguments.
  ///   - variables: its environment beside that of the tests.
  ///   - directory: where it runs; where the tests run if nil.
  ///   - input: the file that it reads from standard input.
  ///   - output: the file that gets its standard output, made or emptied before; where that of the tests goes if nil.
  ///   - errors: the same for standard error. It may be the file of `output`.
  /// - Throws: `Failure` where it cannot be started.
  public init(
    _ program: String, _ arguments: [String], variables: [String: String] = [:], in directory: String? = nil,
    input: String = "/dev/null", output: String? = nil, errors: String? = nil
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    if let output { posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600) }
    if let errors, errors == output {
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    } else if let errors {
      posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
    }
    _ = try Self.hidden("posix_spawn_file_actions_addclosefrom_np", as: AddDescriptor.self)(&actions, 3)
    if let directory {
      _ = try Self.hidden("posix_spawn_file_actions_addchdir_np", as: AddPath.self)(&actions, directory)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    // The group is the process's own by default.
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    var pairs = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + pairs { free(word) } }
    var process: pid_t = 0
    let failure = posix_spawnp(&process, program, &actions, &attributes, &words, &pairs)
    guard failure == 0 else {
      throw Failure(description: "\(program) cannot be started: \(String(cString: strerror(failure)))")
    }
    identifier = process
  }

  deinit {
    send(SIGKILL, toGroup: true)
    statusAtEnd()
  }

  /// True until the process has ended.
  public var isRunning: Bool { status(WNOHANG) == nil }

  /// Sends a signal to a process whose end is not known, or to its whole group: the number is no other's until then.
  public func send(_ signal: Int32, toGroup: Bool = false) {
    end.withLock { if $0 == nil { _ = kill(toGroup ? -identifier : identifier, signal) } }
  }

  /// Waits for the end, and returns the exit status; 128 and the signal's number where a signal ended it.
  @discardableResult
  public func statusAtEnd() -> Int32 {
    // Others may ask or send signals meanwhile: the lock is not held, and the status is left to be taken.
    var ended = siginfo_t()
    while isRunning, waitid(P_PID, id_t(identifier), &ended, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return status(0) ?? -1
  }

  private typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>
  private typealias AddDescriptor = @convention(c) (Actions, Int32) -> Int32
  private typealias AddPath = @convention(c) (Actions, UnsafePointer<CChar>) -> Int32

  /// A function that Swift's Glibc leaves out, since it is declared for `_GNU_SOURCE` only.
  private static func hidden<Function>(_ name: String, as type: Function.Type) throws -> Function {
    guard let found = dlsym(nil, name) else { throw Failure(description: "the C library has no \(name)") }
    return unsafeBitCast(found, to: type)
  }

  /// The status, taken from the kernel where it is not known yet.
  private func status(_ options: Int32) -> Int32? {
    end.withLock { known in
      var raw: Int32 = 0
      if known == nil, waitpid(identifier, &raw, options) == identifier {
        known = raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + raw & 0x7f
      }
      return known
    }
  }
}
