import Glibc
import Synchronization

/// Standard error as the log's sink. Who reads it may stop: the agent goes on all the same, and lines are lost.
///
/// A pipe that `poll` calls writable takes a piece of this size at once, so that no write waits.
enum LogOutput {
  private static let piece = 4096
  /// The longest wait for a reader that was in time before.
  private static let patience: Int32 = 100

  private struct State {
    /// Lines that were lost since the last one that was written.
    var lost = 0
    /// True where a line was begun whose end was lost.
    var isBroken = false
  }

  private static let state = Mutex(State())

  /// Writes a line.
  ///
  /// - Parameters:
  ///   - line: the line with its end.
  ///   - words: makes the line, with its end, that tells of so many lost ones.
  static func write(_ line: String, tellingLost words: (Int) -> String) {
    state.withLock { state in
      var text = state.isBroken ? "\n" : ""
      if state.lost > 0 { text += words(state.lost) }
      var rest = Array((text + line).utf8)[...]
      let size = rest.count
      // Once it has waited in vain, it does not wait for each line.
      var wait = state.lost > 0 ? 0 : patience
      while !rest.isEmpty {
        var polled = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        let ready = poll(&polled, 1, wait)
        if ready < 0, errno == EINTR { continue }
        let written =
          ready > 0
          ? rest.prefix(piece).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) } : 0
        guard written > 0 else {
          if rest.count < size { state.isBroken = true }
          return state.lost += 1
        }
        rest = rest.dropFirst(written)
        wait = 0
      }
      state = State()
    }
  }
}
