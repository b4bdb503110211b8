import Glibc
import LinuxNet
import NFTables

/// A program that a test runs beside itself.
///
/// Foundation's own kind waits on the run loop of the thread that started it, which is gone when that thread was
/// a namespace's.
final class Program {
  let process: pid_t
  private var status: Int32?

  /// Starts a program that is searched for like a command, in the calling thread's namespace.
  init(_ words: [String]) throws {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    var started = pid_t()
    let failure = posix_spawnp(&started, words[0], nil, nil, &arguments, environ)
    if failure != 0 { throw SystemFailure("start \(words[0])", code: failure) }
    process = started
  }

  /// Waits for the end.
  ///
  /// - Returns: the exit status, or the signal's number plus 128.
  @discardableResult
  func wait() -> Int32 {
    if let status { return status }
    var raw: Int32 = 0
    while waitpid(process, &raw, 0) < 0 && errno == EINTR {}
    let ended = raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + raw & 0x7f
    status = ended
    return ended
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      wait()
    }
  }
}
