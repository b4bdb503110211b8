import Dispatch
import Synchronization

/// Two pieces of work at the same time.
enum Concurrently {
  /// Does two pieces of work at the same time, where there are two processors, and gives what both gave.
  static func both<First: Sendable, Second: Sendable>(
    _ first: @Sendable () -> First, _ second: @Sendable () -> Second
  ) -> (First, Second) {
    let one = Mutex<First?>(nil)
    let other = Mutex<Second?>(nil)
    DispatchQueue.concurrentPerform(iterations: 2) { place in
      if place == 0 {
        let made = first()
        one.withLock { $0 = made }
      } else {
        let made = second()
        other.withLock { $0 = made }
      }
    }
    guard let one = one.withLock({ $0.take() }), let other = other.withLock({ $0.take() }) else {
      preconditionFailure("each of the works gives something")
    }
    return (one, other)
  }
}
