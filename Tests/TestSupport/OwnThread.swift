import Dispatch
import Foundation
import Synchronization
public import Testing

/// Runs a test, and all that it awaits, on a thread of its own.
///
/// Swift's pool has as many threads as there are cores, and tests that compute or wait for a child process hold them for
/// minutes. A test with a conversation over a socket, or with a limit of time, must not stand in that queue.
public struct OwnThread: TestTrait, SuiteTrait, TestScoping {
  /// True: a suite's tests have a thread each.
  public var isRecursive: Bool { true }

  /// Runs one test.
  ///
  /// - Throws: what the test throws.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let executor = ThreadExecutor()
    defer { executor.end() }
    try await withTaskExecutorPreference(executor) { try await function() }
  }

  /// Waits without a thread of Swift's pool: `Task.sleep` would stand in its queue after the time is over.
  public static func pause(_ duration: Duration) async {
    let (seconds, attoseconds) = duration.components
    await run { Thread.sleep(forTimeInterval: Double(seconds) + Double(attoseconds) / 1e18) }
  }

  /// Runs what blocks on a thread of its own.
  public static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }
}

extension Trait where Self == OwnThread {
  /// Tests that converse with servers or wait with a limit: each on a thread of its own.
  public static var onOwnThread: Self { OwnThread() }
}

/// One thread that runs tasks, in order.
public final class ThreadExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isOver = false
  }

  private let state = Mutex(State())
  private let signal = DispatchSemaphore(value: 0)

  /// An executor whose thread runs until `end` is called.
  public init() {
    Thread.detachNewThread { [self] in
      // A thread of Dispatch has every signal blocked, and the threads and processes that it starts likewise.
      var all = sigset_t()
      sigfillset(&all)
      pthread_sigmask(SIG_UNBLOCK, &all, nil)
      while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }

  /// Ends the thread after the tasks that wait.
  public func end() {
    state.withLock { $0.isOver = true }
    signal.signal()
  }

  /// Adds a task's next step.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    signal.signal()
  }

  private func next() -> UnownedJob? {
    while true {
      let (job, isOver) = state.withLock { state in
        (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isOver)
      }
      if job != nil { return job }
      if isOver { return nil }
      signal.wait()
    }
  }
}
