import Glibc

/// The signals that end an agent in order: SIGTERM and SIGINT.
///
/// They are blocked in every thread and taken by one that waits for them, so that one that comes while the process starts is not
/// lost: a handler that is set later would discard it, and the agent would run on.
enum EndSignal {
  private final class Waiting: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static var both: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    return signals
  }

  /// Blocks them in the calling thread and in those that it starts.
  static func block() {
    var signals = both
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Calls a body each time that one of them comes, or has come since they were blocked.
  static func each(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let waiting = Unmanaged<Waiting>.fromOpaque(context).takeRetainedValue()
        var signals = EndSignal.both
        var number: Int32 = 0
        while true {
          if sigwait(&signals, &number) == 0 { waiting.body() }
        }
      }, Unmanaged.passRetained(Waiting(body)).toOpaque())
    precondition(failure == 0, "no thread can be made")
    pthread_detach(thread)
  }
}
