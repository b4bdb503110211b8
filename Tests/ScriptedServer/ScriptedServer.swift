import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// An HTTP server on loopback that answers with exactly the bytes that a test gives it, plain or over TLS.
///
/// A connection is served request by request. `shutdown()` is to be called at the end.
public final class ScriptedServer: Sendable {
  /// A request.
  public struct Request: Sendable {
    /// `GET` and the like.
    public let method: String
    /// The path without the query.
    public let path: String
    /// Names and values of the query, not escaped.
    public let query: [String: String]
    /// The header `Authorization`; empty where there is none.
    public let authorization: String
  }

  /// The certificate of a server, and the authority that clients' certificates must have, all PEM.
  public struct Identity: Sendable {
    /// The certificate chain of the server.
    public var certificate: String
    /// The private key of the server.
    public var key: String
    /// The authority of clients; nil: clients need no certificate.
    public var clientAuthority: String?

    /// An identity of PEM texts.
    public init(certificate: String, key: String, clientAuthority: String? = nil) {
      self.certificate = certificate
      self.key = key
      self.clientAuthority = clientAuthority
    }
  }

  /// Answers one request. Without `finish` of the answer's bytes the connection stays as it is when it returns.
  public typealias Answering = @Sendable (Request, Answer) async throws -> Void

  private struct State {
    var identity: Identity?
    var connections: [ObjectIdentifier: any Channel] = [:]
    var accepts = true
    var sentBytes = 0
    /// The tasks that accept and answer.
    var tasks: [Task<Void, Never>] = []
  }

  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel
  private let state: Mutex<State>
  private let answering: Answering
  /// One thread, so that a busy pool does not silence the server.
  private let executor = ThreadExecutor()

  /// The port on 127.0.0.1.
  public var port: Int { listener.localAddress?.port ?? 0 }
  /// The address for clients.
  public var address: String {
    "\(state.withLock { $0.identity } == nil ? "http" : "https")://127.0.0.1:\(port)"
  }
  /// The number of bytes that were written as answers.
  public var sentBytes: Int { state.withLock { $0.sentBytes } }
  /// The number of open connections.
  public var connectionCount: Int { state.withLock { $0.connections.count } }

  /// A server that listens, on loopback or at a unix socket, which programs in other network namespaces reach too.
  public static func start(
    identity: Identity? = nil, port: Int = 0, socket: String? = nil, _ answering: @escaping Answering
  ) async throws -> ScriptedServer {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let waiting = AsyncStream<any Channel>.makeStream()
    let bootstrap = ServerBootstrap(group: group)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { channel in
        waiting.continuation.yield(channel)
        return channel.eventLoop.makeSucceededVoidFuture()
      }
    let listener =
      if let socket {
        try await bootstrap.bind(unixDomainSocketPath: socket).get()
      } else {
        try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
          .childChannelOption(.socketOption(.tcp_nodelay), value: 1).bind(host: "127.0.0.1", port: port).get()
      }
    let server = ScriptedServer(group, listener, identity, answering)
    let accepting = Task(executorPreference: server.executor) {
      for await channel in waiting.stream { server.take(channel) }
    }
    server.state.withLock { $0.tasks.append(accepting) }
    listener.closeFuture.whenComplete { _ in waiting.continuation.finish() }
    return server
  }

  private init(
    _ group: MultiThreadedEventLoopGroup, _ listener: any Channel, _ identity: Identity?,
    _ answering: @escaping Answering
  ) {
    self.group = group
    self.listener = listener
    self.answering = answering
    state = Mutex(State(identity: identity))
  }

  /// Takes another certificate for connections from now on.
  public func exchange(identity: Identity) { state.withLock { $0.identity = identity } }

  /// True where connections are taken; those that are not are closed at once.
  public func setAccepting(_ accepts: Bool) { state.withLock { $0.accepts = accepts } }

  /// Closes every connection, and returns when nothing more is sent over them.
  public func closeConnections() async {
    for channel in state.withLock({ Array($0.connections.values) }) {
      channel.close(promise: nil)
      try? await channel.closeFuture.get()
    }
  }

  /// Ends the server.
  public func shutdown() async {
    try? await listener.close().get()
    await closeConnections()
    // Nothing of a connection is left when its threads end.
    while let task = state.withLock({ $0.tasks.popLast() }) {
      task.cancel()
      await task.value
    }
    executor.end()
    try? await group.shutdownGracefully()
  }

  private func take(_ channel: any Channel) {
    let (accepts, identity) = state.withLock { state in
      state.connections[ObjectIdentifier(channel)] = channel
      return (state.accepts, state.identity)
    }
    channel.closeFuture.whenComplete { [self] _ in
      state.withLock { $0.connections[ObjectIdentifier(channel)] = nil }
    }
    guard accepts else { return channel.close(promise: nil) }
    let serving = Task(executorPreference: executor) { [self] in
      do {
        let connection = try await channel.eventLoop.submit {
          if let identity {
            let context = try Self.context(identity)
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          }
          try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          return try NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>(wrappingChannelSynchronously: channel)
        }.get()
        channel.setOption(.autoRead, value: true).whenComplete { _ in channel.read() }
        try await connection.executeThenClose { requests, output in
          for try await case .head(let head) in requests {
            let answer = Answer(channel, output) { [self] count in state.withLock { $0.sentBytes += count } }
            try await answering(Request(head), answer)
            if !head.isKeepAlive { break }
          }
        }
      } catch {
        channel.close(promise: nil)
      }
    }
    state.withLock { $0.tasks.append(serving) }
  }

  private static func context(_ identity: Identity) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8)).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem)))
    if let authority = identity.clientAuthority {
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
      configuration.certificateVerification = .noHostnameVerification
    }
    return try NIOSSLContext(configuration: configuration)
  }
}

extension ScriptedServer.Request {
  init(_ head: HTTPRequestHead) {
    method = head.method.rawValue
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    var query: [String: String] = [:]
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[String(sides[0])] = sides.count > 1 ? Self.unescape(sides[1]) : ""
    }
    self.query = query
    authorization = head.headers.first(name: "Authorization") ?? ""
  }

  private static func unescape(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
