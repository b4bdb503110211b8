import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The way to write an answer: bytes as they are, chunks, or a fault of the connection.
public final class Answer: Sendable {
  /// The connection was ended on purpose: the test's answer is over.
  public struct Ended: Error {}

  /// Ends the connection after so many bytes of answers.
  public struct Cut: Sendable {
    /// The number of bytes that come before.
    public var after: Int
    /// True where the connection is reset; otherwise it is closed in order.
    public var isReset: Bool

    /// The end of a connection after a number of bytes.
    public init(after: Int, isReset: Bool = false) {
      self.after = after
      self.isReset = isReset
    }
  }

  private let channel: any Channel
  private let output: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private let cut = Mutex<Cut?>(nil)

  private let count: @Sendable (Int) -> Void

  init(
    _ channel: any Channel, _ output: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    counting count: @escaping @Sendable (Int) -> Void
  ) {
    self.channel = channel
    self.output = output
    self.count = count
  }

  /// From now on the connection ends after so many bytes.
  public func setCut(_ cut: Cut?) { self.cut.withLock { $0 = cut } }

  /// Writes bytes, and waits where the client does not read.
  ///
  /// - Throws: `Ended` where the cut is reached; what the connection says.
  public func write(_ bytes: some Sequence<UInt8>) async throws {
    var buffer = ByteBuffer(bytes: bytes)
    count(buffer.readableBytes)
    let reached = cut.withLock { cut -> Cut? in
      guard var left = cut else { return nil }
      if buffer.readableBytes < left.after {
        left.after -= buffer.readableBytes
        cut = left
        return nil
      }
      return left
    }
    guard let reached else { return try await output.write(buffer) }
    if let part = buffer.readSlice(length: reached.after), part.readableBytes > 0 {
      try await output.write(part)
    }
    try await end(reset: reached.isReset)
  }

  /// Writes a text.
  public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

  /// Ends the connection.
  ///
  /// - Throws: `Ended`, always.
  public func end(reset: Bool = false) async throws {
    if reset, let options = channel as? any SocketOptionProvider {
      try? await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    try? await channel.close().get()
    throw Ended()
  }

  /// Writes a whole answer with a body of known length.
  public func send(_ status: Int, _ body: String, type: String = "application/json", headers: [String] = [])
    async throws
  {
    let more = headers.map { "\($0)\r\n" }.joined()
    try await write(
      "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    )
  }

  /// Begins an answer that is sent in chunks.
  public func begin(_ status: Int = 200) async throws {
    try await write(
      "HTTP/1.1 \(status) OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
  }

  /// A character that is sent as a byte which no text in UTF-8 has.
  public static let noText: Character = "\u{F8FF}"

  /// Writes a chunk; an empty text ends the answer.
  public func chunk(_ text: String) async throws {
    var bytes = Array(text.utf8)
    if text.contains(Self.noText) {
      bytes = Array(
        text.split(separator: Self.noText, omittingEmptySubsequences: false).map { Array($0.utf8) }.joined(
          separator: [0xff]))
    }
    try await write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
  }
}
