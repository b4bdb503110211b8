import CNIPlugin
import Glibc
import KernelReader
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The sockets that an agent listens at: the plugin's, and that of probes and metrics.
final class LocalServer: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let inbox: Inbox
  private let status: AgentStatus
  private let counters = CounterReading()

  init(_ inbox: Inbox, _ status: AgentStatus) {
    self.inbox = inbox
    self.status = status
  }

  /// Listens at the plugin's socket. Only root's processes are answered.
  func listenForPlugin(_ path: String) async throws {
    let (inbox, status) = (inbox, status)
    _ = try await bootstrap { channel in
      let lines = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      Task { await Self.answerPlugin(channel, lines, inbox, status) }
    }.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    chmod(path, 0o600)
  }

  /// Listens for probes at a socket.
  func listenForProbes(_ path: String) async throws {
    _ = try await probes(inbox).bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    chmod(path, 0o600)
  }

  /// Listens for probes and metrics at an address.
  func listenForMetrics(_ host: String, _ port: Int) async throws {
    _ = try await probes(nil).bind(host: host, port: port).get()
  }

  /// Closes all sockets.
  func shutdown() async { try? await group.shutdownGracefully() }

  private func bootstrap(_ body: @escaping @Sendable (any Channel) throws -> Void) -> ServerBootstrap {
    ServerBootstrap(group: group).childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture { try body(channel) }
    }
  }

  /// The most connections at a socket of probes, and the longest life of one: who opens many, or never ends a request, takes
  /// no descriptors that the agent needs.
  private static let mostProbes = 64
  private static let longestProbe = TimeAmount.seconds(30)

  /// A server of probes.
  ///
  /// - Parameter inbox: where the loop is asked for the record of its table; nil where anybody may ask.
  /// - Returns: the server, which does not listen yet.
  private func probes(_ inbox: Inbox?) -> ServerBootstrap {
    let (status, counters) = (status, counters)
    let places = ConnectionPlaces(Self.mostProbes)
    return bootstrap { channel in
      try places.take(for: channel, atMost: Self.longestProbe)
      try channel.pipeline.syncOperations.configureHTTPServerPipeline()
      try channel.pipeline.syncOperations.addHandler(ProbeHandler(status, inbox, counters))
    }
  }

  private static let longestLine = 1 << 20

  private static func answerPlugin(
    _ channel: any Channel, _ lines: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ inbox: Inbox,
    _ status: AgentStatus
  ) async {
    guard let options = channel as? any SocketOptionProvider,
      let peer: PeerCredentials = try? await options.unsafeGetSocketOption(
        level: .socket, name: .init(rawValue: SO_PEERCRED)
      ).get(), peer.user == 0
    else { return channel.close(promise: nil) }
    try? await lines.executeThenClose { input, output in
      var line: [UInt8] = []
      for try await part in input {
        line += part.readableBytesView
        guard line.count <= longestLine else { return }
        guard line.last == UInt8(ascii: "\n") else { continue }
        let answer: String?
        do throws {
          let message = try AttachmentMessage(line: String(decoding: line, as: UTF8.self))
          let reply = Reply()
          inbox.put(.attachment(message, reply))
          answer = await reply.wait()
          status.count(
            "netpolc_agent_attachments_total",
            ["verb": message.verb.rawValue, "answer": answer == nil ? "done" : "refused"])
        } catch {
          answer = "the message cannot be read"
        }
        try await output.write(ByteBuffer(string: AttachmentMessage.answer(answer)))
        return
      }
    }
  }
}

/// The places for connections at a socket.
private final class ConnectionPlaces: Sendable {
  /// All places are taken.
  struct Full: Error {}

  private let free: Mutex<Int>

  init(_ count: Int) { free = Mutex(count) }

  /// Takes a place for a connection, which is closed after a time whatever it does.
  ///
  /// - Throws: `Full`; the connection is then to be closed.
  func take(for channel: any Channel, atMost time: TimeAmount) throws {
    let isTaken = free.withLock { free in
      defer { free = max(0, free - 1) }
      return free > 0
    }
    guard isTaken else { throw Full() }
    let end = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { [self] _ in
      end.cancel()
      free.withLock { $0 += 1 }
    }
  }
}

/// The process at the other end of a unix socket (`struct ucred`).
private struct PeerCredentials: Sendable {
  var process: Int32 = 0
  var user: UInt32 = 0
  var group: UInt32 = 0
}

/// Answers `/livez`, `/readyz`, `/metrics` and `/status`; HEAD gets what GET gets, but for the content.
private final class ProbeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let status: AgentStatus
  private let inbox: Inbox?
  private let counters: CounterReading

  init(_ status: AgentStatus, _ inbox: Inbox?, _ counters: CounterReading) {
    (self.status, self.inbox, self.counters) = (status, inbox, counters)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    let path = Self.path(head)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    if path == "/metrics" {
      return counters.read { counts in
        bound.eventLoop.execute { bound.value.0.answer(head, bound.value.1, counts) }
      }
    }
    guard path == "/status", let inbox else { return answer(head, context) }
    // The record is written when it is asked for, not after each event.
    let reply = Reply()
    Task {
      _ = await reply.wait()
      bound.eventLoop.execute { bound.value.0.answer(head, bound.value.1) }
    }
    inbox.put(.status(reply))
  }

  private static func path(_ head: HTTPRequestHead) -> String { String(head.uri.prefix { $0 != "?" }) }

  private func answer(
    _ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ counts: [String: CountedPackets]? = nil
  ) {
    let now = status.snapshot
    let (code, text): (HTTPResponseStatus, String) =
      switch Self.path(head) {
      case "/livez": (now.isLive ? .ok : .internalServerError, now.livez)
      case "/readyz": (now.obstacles.isEmpty ? .ok : .serviceUnavailable, now.readyz)
      case "/metrics": (.ok, now.metrics(counts))
      case "/status": (.ok, now.summary)
      default: (.notFound, "not found: /livez, /readyz, /metrics and /status are\n")
      }
    var headers = HTTPHeaders()
    headers.add(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
    headers.add(name: "Content-Length", value: "\(text.utf8.count)")
    headers.add(name: "Connection", value: "close")
    context.write(
      wrapOutboundOut(.head(.init(version: .http1_1, status: code, headers: headers))), promise: nil)
    // RFC 9110: no content, and the length of what GET would get.
    if head.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
  }
}
