import Dispatch
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An API server of prepared bytes at a unix socket, plain or over TLS: each kind as a list that is sent as a watch, an event a chunk
/// as a real server writes them, then what it is given.
final class StreamServer: Sendable {
  let path: String
  let isSecure: Bool
  private let bodies: [String: ByteBuffer]
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let watches = Mutex<[any Channel]>([])

  /// Serves kinds by their paths.
  ///
  /// - Throws: where it cannot listen, or the certificate is none.
  init(_ path: String, bodies: [String: ByteBuffer], certificate: (chain: String, key: String)?) throws {
    self.path = path
    self.bodies = bodies
    isSecure = certificate != nil
    let context = try certificate.map { files in
      try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: try NIOSSLCertificate.fromPEMFile(files.chain).map { .certificate($0) },
          privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))))
    }
    _ = try ServerBootstrap(group: group).serverChannelOption(.backlog, value: 64)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          if let context {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          }
          try channel.pipeline.syncOperations.addHandler(RequestHandler(self))
        }
      }.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).wait()
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

  /// Sends the watches of pods some lines, each as a chunk, and returns when the last byte was given to the sockets.
  func tell(_ lines: [String]) {
    var buffer = ByteBuffer()
    for line in lines { buffer.writeString("\(String(line.utf8.count, radix: 16))\r\n\(line)\r\n") }
    for watch in watches.withLock({ $0 }) { try? watch.writeAndFlush(buffer).wait() }
  }

  fileprivate func body(_ kind: String) -> ByteBuffer? { bodies[kind] }

  fileprivate func opened(_ kind: String, _ channel: any Channel) {
    guard kind == "/api/v1/pods" else { return }
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
