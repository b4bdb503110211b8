import Glibc
import Synchronization

/// The inputs that tasks have for the loop: many put in, one thread takes out.
final class Inbox: Sendable {
  private let waiting = Mutex<(inputs: [AgentInput], since: ContinuousClock.Instant)>(([], .now))
  /// Readable when something waits.
  let descriptor: Int32
  /// From so many inputs on those who put more in wait.
  private static let room = 1024

  private let bell: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe can be made")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (descriptor, bell) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(bell)
  }

  /// Puts something in at once.
  func put(_ input: AgentInput) { put([input]) }

  private func put(_ inputs: [AgentInput]) {
    let isFirst = waiting.withLock { waiting in
      if waiting.inputs.isEmpty { waiting.since = .now }
      waiting.inputs += inputs
      return waiting.inputs.count == inputs.count
    }
    if isFirst, !inputs.isEmpty {
      var byte: UInt8 = 1
      write(bell, &byte, 1)
    }
  }

  /// Puts inputs in when there is room: the server is read no faster than the loop takes.
  func putInTurn(_ inputs: [AgentInput]) async {
    while waiting.withLock({ $0.inputs.count >= Self.room }), !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(1))
    }
    put(inputs)
  }

  /// Takes all that waits, with the time at which the first of it came in.
  func take() -> (inputs: [AgentInput], since: ContinuousClock.Instant) {
    var bytes = (UInt64(0), UInt64(0))
    while read(descriptor, &bytes, 16) == 16 {}
    return waiting.withLock { waiting in
      defer { waiting.inputs = [] }
      return waiting
    }
  }
}
