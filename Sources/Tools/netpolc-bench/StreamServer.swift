import ArgumentParser
import BenchmarkReference
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An API server of prepared bytes at a port of the loopback, plain or over TLS: each kind as a list that is sent as a watch, an
/// event a chunk as a real server writes them, then what it is given.
final class StreamServer: Sendable {
  /// The port at 127.0.0.1, of the network namespace in which it was made.
  let port: Int
  /// The file of its certificate, which is its own authority; nil: plain.
  let authority: String?
  private let bodies: [String: ByteBuffer]
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let watches = Mutex<[any Channel]>([])

  /// True over TLS.
  var isSecure: Bool { authority != nil }
  /// Where requests go, without a path.
  var base: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

  /// Serves kinds by their paths, in the network namespace of the calling thread.
  ///
  /// - Throws: where it cannot listen, or the certificate is none.
  init(_ bodies: [String: ByteBuffer], certificate: (chain: String, key: String)?) throws {
    self.bodies = bodies
    authority = certificate?.chain
    let context = try certificate.map { files in
      try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: try NIOSSLCertificate.fromPEMFile(files.chain).map { .certificate($0) },
          privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))))
    }
    let (socket, port) = try Self.listeningSocket()
    self.port = port
    _ = try ServerBootstrap(group: group).serverChannelOption(.backlog, value: 4096)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          if let context {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          }
          try channel.pipeline.syncOperations.addHandler(RequestHandler(self))
        }
      }.withBoundSocket(socket).wait()
  }

  private static func listeningSocket() throws -> (socket: Int32, port: Int) {
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(made, $0, size) != 0 || listen(made, 4096) != 0 || getsockname(made, $0, &size) != 0
      }
    }
    guard made >= 0, !failed else { throw ValidationError("no socket at 127.0.0.1 listens") }
    return (made, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// Ends the server.
  func end() { try? group.syncShutdownGracefully() }

  /// The bytes of all bodies.
  var size: Int { bodies.values.reduce(0) { $0 + $1.readableBytes } }

  /// The bytes of each body without the marks of its chunks, as a client receives them.
  var contents: [(path: String, bytes: Int)] {
    bodies.map { path, body in
      var (rest, bytes) = (body, 0)
      while let line = rest.readableBytesView.firstIndex(of: 0x0d),
        let size = rest.readString(length: line - rest.readerIndex).flatMap({ Int($0, radix: 16) }),
        size > 0
      {
        bytes += size
        rest.moveReaderIndex(forwardBy: size + 4)
      }
      return (path, bytes)
    }
  }

  /// The number of open watches of pods.
  var watchCount: Int { watches.withLock { $0.count } }

  /// The seconds of the processor that the server's thread has used.
  var processor: Double {
    let used = try? group.next().submit { Double(reference_thread_time()) * 1e-9 }.wait()
    return used ?? 0
  }

  /// Sends the watches of pods some lines, each as a chunk.
  ///
  /// - Returns: when the last byte was given to a socket, read on the server's thread: the caller wakes later, and a client
  ///   may have done its work by then.
  @discardableResult
  func tell(_ lines: [String]) -> ContinuousClock.Instant {
    let buffer = Self.chunks(lines)
    var last = ContinuousClock.now
    for watch in watches.withLock({ $0 }) {
      let written = try? watch.writeAndFlush(buffer).map { ContinuousClock.now }.wait()
      last = written ?? last
    }
    return last
  }

  /// Sends all watches of pods some lines in one turn of its thread, and does not wait.
  func tellAll(_ lines: [String]) {
    let buffer = Self.chunks(lines)
    let watches = watches.withLock { $0 }
    group.next().execute { for watch in watches { watch.writeAndFlush(buffer, promise: nil) } }
  }

  private static func chunks(_ lines: [String]) -> ByteBuffer {
    var buffer = ByteBuffer()
    for line in lines { buffer.writeString("\(String(line.utf8.count, radix: 16))\r\n\(line)\r\n") }
    return buffer
  }

  /// The body of a kind, by its path.
  fileprivate func body(_ kind: String) -> ByteBuffer? { bodies[kind] }

  fileprivate func opened(_ kind: String, _ channel: any Channel) {
    guard kind.hasPrefix("/api/v1/pods") else { return }
    watches.withLock { $0.append(channel) }
    channel.closeFuture.whenComplete { [self] _ in watches.withLock { $0.removeAll { $0 === channel } } }
  }

  /// Objects as the events of a list that is sent as a watch, with the bookmark that ends it; chunks as they stand on the wire.
  static func body(of objects: [ArraySlice<UInt8>], apiVersion: String, kind: String) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(objects.reduce(1024) { $0 + $1.count + 64 })
    func add(_ type: String, _ object: some Collection<UInt8>) {
      let size = type.utf8.count + object.count + 22
      buffer.writeString("\(String(size, radix: 16))\r\n{\"type\":\"\(type)\",\"object\":")
      buffer.writeBytes(object)
      buffer.writeString("}\n\r\n")
    }
    for object in objects { add("ADDED", object) }
    let bookmark =
      #"{"kind":"\#(kind)","apiVersion":"\#(apiVersion)","metadata":{"resourceVersion":"1000","annotations":{"k8s.io/initial-events-end":"true"}}}"#
    add("BOOKMARK", Array(bookmark.utf8))
    return buffer
  }
}
/// Answers the requests of one connection.
private final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let server: StreamServer
  private var request = ByteBuffer()
  private static let part = 512 << 10

  init(_ server: StreamServer) { self.server = server }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var part = unwrapInboundIn(data)
    request.writeBuffer(&part)
    guard request.readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
    let line = String(decoding: request.readableBytesView.prefix { $0 != 0x0d }, as: UTF8.self)
    request.clear()
    let target = line.split(separator: " ").dropFirst().first ?? ""
    let kind = String(target.prefix { $0 != "?" })
    let answer =
      server.body(kind) == nil
      ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
      : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    guard let body = server.body(kind) else { return }
    if target.contains("sendInitialEvents") {
      let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
      send(body, kind, context.channel, bound)
    } else {
      server.opened(kind, context.channel)
    }
  }

  /// Sends a body part by part, so that no more of it waits than the client takes.
  private func send(
    _ body: ByteBuffer, _ kind: String, _ channel: any Channel, _ bound: NIOLoopBound<RequestHandler>
  ) {
    var body = body
    guard let part = body.readSlice(length: min(Self.part, body.readableBytes)), part.readableBytes > 0 else {
      return server.opened(kind, channel)
    }
    let rest = body
    channel.writeAndFlush(part).whenSuccess { bound.value.send(rest, kind, channel, bound) }
  }
}
