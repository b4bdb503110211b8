import Dispatch

/// Runs a server's tasks on a thread of its own: tests that block the threads of Swift's pool do not silence it.
final class ServerExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "scripted server")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
