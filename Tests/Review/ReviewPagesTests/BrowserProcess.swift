import Foundation
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs the tests that wait for a browser, one after the other, on a thread of their own: Swift's pool has as many threads
/// as the machine has cores, and every other test needs them.
@globalActor
actor BrowserActor {
  static let shared = BrowserActor()
  private static let executor = BrowserExecutor()
  nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }
}

/// A serial queue as an executor. Dispatch gives such a queue a thread besides those of the pool.
private final class BrowserExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "browser")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
  }
}

/// A browser without a window, which all tests share: it speaks the DevTools protocol over two named pipes, and ends when
/// the process of the tests does.
final class BrowserProcess {
  @BrowserActor private static var shared: BrowserProcess?
  private let process: ChildProgram
  private let requests: Int32
  private let answers: Int32
  private var received: [UInt8] = []
  private var number = 0

  /// The browser, started if there is none or if it ended.
  @BrowserActor
  static func running() throws -> BrowserProcess {
    if let shared, shared.process.isRunning { return shared }
    let started = try BrowserProcess()
    shared = started
    return started
  }

  private init() throws {
    guard let program = TestEnvironment.browser else { throw Browser.Failure(description: "no browser") }
    let folder = FileManager.default.temporaryDirectory.appending(path: "netpolc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.path(percentEncoded: false)
    let (pipeIn, pipeOut) = ("\(path)/in", "\(path)/out")
    guard mkfifo(pipeIn, 0o600) == 0, mkfifo(pipeOut, 0o600) == 0 else {
      throw Browser.Failure(description: "mkfifo")
    }
    // For reading and writing: neither end waits for the other.
    requests = open(pipeIn, O_RDWR | O_CLOEXEC)
    answers = open(pipeOut, O_RDWR | O_CLOEXEC)
    // The browser ends when nobody holds the other end of its pipe; its folder goes with it.
    process = try ChildProgram(
      "sh",
      [
        "-c", "\"$0\" \"$@\" 3<\"$FOLDER/in\" 4>\"$FOLDER/out\"; rm -rf \"$FOLDER\"", program,
        "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(path)/profile",
        "--remote-debugging-pipe", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
        "about:blank",
      ], variables: ["FOLDER": path], output: "/dev/null", errors: "/dev/null")
  }

  deinit {
    close(requests)
    close(answers)
  }

  /// Sends a command and waits for its answer.
  ///
  /// - Parameters:
  ///   - method: the command, such as `Page.navigate`.
  ///   - parameters: its parameters.
  ///   - session: the tab that it is for; nil for the browser itself.
  ///   - note: takes the events that arrive before the answer.
  /// - Returns: the answer's result.
  /// - Throws: `Browser.Failure` where the browser refuses it, is gone, or says nothing for a minute.
  @discardableResult
  func call(
    _ method: String, _ parameters: [String: Any] = [:], session: String? = nil,
    _ note: ([String: Any]) -> Void = { _ in }
  ) throws -> [String: Any] {
    number += 1
    var message: [String: Any] = ["id": number, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    var bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
    while !bytes.isEmpty {
      let count = write(requests, bytes, bytes.count)
      guard count > 0 else { throw Browser.Failure(description: "\(method): cannot be sent") }
      bytes.removeFirst(count)
    }
    while true {
      let answer = try take()
      note(answer)
      guard answer["id"] as? Int == number else { continue }
      if let error = answer["error"] { throw Browser.Failure(description: "\(method): \(error)") }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }

  /// The next message: an answer or an event.
  func take() throws -> [String: Any] {
    while true {
      if let end = received.firstIndex(of: 0) {
        let data = Data(received[..<end])
        received.removeFirst(end + 1)
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      }
      var ready = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
      // A browser that died says nothing any more.
      guard poll(&ready, 1, 60_000) == 1 else {
        throw Browser.Failure(description: "the browser does not answer")
      }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(answers, &chunk, chunk.count)
      guard count > 0 else { throw Browser.Failure(description: "the browser is gone") }
      received += chunk[..<count]
    }
  }
}
