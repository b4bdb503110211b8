import Glibc

/// A thread of its own for a loop that blocks, in the network namespace of the thread that starts it.
enum LoopThread {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs a body on a new thread and returns when it has ended.
  static func run(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      start {
        body()
        continuation.resume()
      }
    }
  }

  /// Runs a body on a new thread, in the network namespace of the calling one.
  static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Start(body)).toOpaque())
    precondition(failure == 0, "no thread can be made")
    pthread_detach(thread)
  }
}
