import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// The parts of an answer between the thread of its connection, which puts them in, and the task that takes them: all that
/// have come are taken together.
final class ResponseReceiver: HTTPClientResponseDelegate, Sendable {
  typealias Response = Void

  private struct State {
    var head: HTTPResponseHead?
    var parts: [ByteBuffer] = []
    /// The bytes of the parts.
    var size = 0
    var end: Result<Void, any Error>?
    /// The task that waits for anything new.
    var waiting: CheckedContinuation<Void, Never>?
    /// Kept until parts are taken: then the connection goes on reading.
    var room: EventLoopPromise<Void>?

    mutating func takeWaiting() -> CheckedContinuation<Void, Never>? {
      defer { waiting = nil }
      return waiting
    }
  }

  /// From so many bytes on that were not taken, the connection is read no further.
  private static let ahead = 512 << 10

  private let state = Mutex(State())

  /// The head of the answer.
  ///
  /// - Throws: why there is none.
  func head() async throws -> HTTPResponseHead {
    while true {
      let found = try state.withLock { state -> HTTPResponseHead? in
        if let head = state.head { return head }
        try state.end?.get()
        return nil
      }
      if let found { return found }
      await wait { $0.head != nil || $0.end != nil }
    }
  }

  /// The parts that have come, at least one; nil at the end of the body.
  ///
  /// - Throws: why the body ended before its end. Parts that came before are taken first.
  func parts() async throws -> [ByteBuffer]? {
    while true {
      let (parts, room, isOver) = try state.withLock { state in
        if state.parts.isEmpty { try state.end?.get() }
        defer { (state.parts, state.size, state.room) = ([], 0, nil) }
        return (state.parts, state.room, state.end != nil)
      }
      room?.succeed()
      if !parts.isEmpty { return parts }
      if isOver { return nil }
      await wait { !$0.parts.isEmpty || $0.end != nil }
    }
  }

  private func wait(until isDue: @Sendable (borrowing State) -> Bool) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if isDue(state) { return true }
          state.waiting = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      end(.failure(HTTPClientError.cancelled))
    }
  }

  /// Notes the end; the first one counts.
  func end(_ result: Result<Void, any Error>) {
    let (waiting, room) = state.withLock { state in
      if state.end == nil { state.end = result }
      defer { state.room = nil }
      return (state.takeWaiting(), state.room)
    }
    room?.succeed()
    waiting?.resume()
  }

  // MARK: The connection's thread

  func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
    state.withLock { state in
      state.head = head
      return state.takeWaiting()
    }?.resume()
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
    let (waiting, room) = state.withLock { state in
      state.parts.append(buffer)
      state.size += buffer.readableBytes
      // Nobody takes parts of what has ended.
      if state.size >= Self.ahead, state.end == nil {
        state.room = task.eventLoop.makePromise(of: Void.self)
      }
      return (state.takeWaiting(), state.room)
    }
    waiting?.resume()
    return room?.futureResult ?? task.eventLoop.makeSucceededVoidFuture()
  }

  func didFinishRequest(task: HTTPClient.Task<Void>) throws { end(.success(())) }

  func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) { end(.failure(error)) }
}

/// A request on its way: nothing more is read once it is forgotten.
final class OpenRequest: Sendable {
  let receiver: ResponseReceiver
  private let task: HTTPClient.Task<Void>

  init(_ request: HTTPClient.Request, by client: HTTPClient) {
    let receiver = ResponseReceiver()
    self.receiver = receiver
    task = client.execute(request: request, delegate: receiver)
    // A request that is never sent is not told to its delegate.
    task.futureResult.whenFailure { receiver.end(.failure($0)) }
  }

  deinit {
    receiver.end(.failure(HTTPClientError.cancelled))
    task.cancel()
  }
}
