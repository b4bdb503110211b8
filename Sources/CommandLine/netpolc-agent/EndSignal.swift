import Glibc

/// Where the handler of the signals writes: the one thing of the process that it may touch.
nonisolated(unsafe) private var bell: Int32 = -1
/// The other end of it.
nonisolated(unsafe) private var ear: Int32 = -1

/// The signals that end an agent in order: SIGTERM and SIGINT.
///
/// A handler is there before anything else of the process, so that a signal that comes while it starts is not lost: one that is
/// ignored until it is listened for would be discarded, and the agent would run on. They are not blocked either, since the main
/// thread of a program with tasks waits with no signal blocked.
enum EndSignal {
  private final class Waiting: Sendable {
    let ear: Int32
    let body: @Sendable () -> Void

    init(_ ear: Int32, _ body: @escaping @Sendable () -> Void) { (self.ear, self.body) = (ear, body) }
  }

  /// Takes both from now on. To be called once, before any other thread is there.
  static func take() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe can be made")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    (ear, bell) = (ends[0], ends[1])
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      var byte: UInt8 = 1
      write(bell, &byte, 1)
    }
    action.sa_flags = SA_RESTART
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT] {
      sigaction(number, &action, nil)
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Lets them end a process that has nothing to put in order. The first process of a container is not ended by a signal that it has
  /// no handler for: kubelet would wait for the whole grace period.
  static func endProcess() {
    take()
    each { exit(0) }
  }

  /// Calls a body each time that one of them comes, or has come since they are taken, on a thread of its own.
  static func each(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let waiting = Unmanaged<Waiting>.fromOpaque(context).takeRetainedValue()
        var byte: UInt8 = 0
        while true {
          let got = read(waiting.ear, &byte, 1)
          if got == 1 { waiting.body() }
          if got == 0 || got < 0 && errno != EINTR { return nil }
        }
      }, Unmanaged.passRetained(Waiting(ear, body)).toOpaque())
    precondition(failure == 0, "no thread can be made")
    pthread_detach(thread)
  }
}
