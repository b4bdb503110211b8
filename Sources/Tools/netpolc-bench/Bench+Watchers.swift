import ClusterGenerator
import Glibc
import NIOCore
import NIOPosix
import Synchronization

extension Bench {
  /// Lets many watchers follow one server: the bytes that it sends for their first lists and for events, and the time until the last
  /// watcher has them.
  func watchers() throws -> [Figure] {
    let shape = ClusterShape(pods: min(shape.pods, 300), policies: 10)
    let objects = CompactObjects(list: GeneratedCluster(shape).text(of: "pods", .json)).all
    let body = StreamServer.body(of: objects, apiVersion: "v1", kind: "Pod")
    let event = objects.first.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    let line = #"{"type":"MODIFIED","object":\#(event)}"# + "\n"
    let directory = try temporaryDirectory()
    var limit = rlimit(rlim_cur: 32_768, rlim_max: 32_768)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    var figures: [Figure] = []
    for count in [10, 100, 1_000, 5_000] {
      let server = try StreamServer(
        "\(directory)/watchers.sock", bodies: ["/api/v1/pods": body], certificate: nil)
      defer { server.end() }
      let watchers = try Watchers(server, count)
      defer { watchers.end() }
      let lists = try watchers.wait(for: body.readableBytes)
      let before = watchers.bytes
      let events = 20
      let began = ContinuousClock.now
      server.tell([String](repeating: line, count: events))
      _ = try watchers.wait(for: body.readableBytes + events * line.utf8.count)
      let told = began.duration(to: .now) / .seconds(1)
      figures.append(
        Figure(
          name: "\(count) watchers: the lists of \(objects.count) pods", cost: Cost(seconds: lists),
          against: "one list, \(Words.bytes(body.readableBytes))",
          limit: Cost(seconds: lists / Double(count)),
          note: "\(Words.bytes(before)) in all, \(watchers.count) connections"))
      figures.append(
        Figure(
          name: "\(count) watchers: \(events) changes of pods", cost: Cost(seconds: told),
          against: "one watcher, \(Words.bytes(events * line.utf8.count))",
          limit: Cost(seconds: told / Double(count)), note: "\(Words.bytes(watchers.bytes - before)) in all"))
    }
    return figures
  }
}

/// Connections that watch pods and count the bytes that they receive.
private final class Watchers {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let counters: [Counter]
  private let began = ContinuousClock.now

  /// The number of connections.
  var count: Int { counters.count }
  /// The bytes of all connections.
  var bytes: Int { counters.reduce(0) { $0 + $1.bytes.load(ordering: .relaxed) } }

  init(_ server: StreamServer, _ count: Int) throws {
    let request = "GET /api/v1/pods?watch=1&sendInitialEvents=true HTTP/1.1\r\nHost: api\r\n\r\n"
    counters = (0..<count).map { _ in Counter() }
    for counter in counters {
      let channel = try ClientBootstrap(group: group).channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Counting(counter))
        }
      }.connect(unixDomainSocketPath: server.path).wait()
      channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
    }
  }

  func end() { try? group.syncShutdownGracefully() }

  /// The seconds since the beginning when each connection has so many bytes of bodies.
  func wait(for bytes: Int) throws -> Double {
    while counters.contains(where: { $0.bytes.load(ordering: .relaxed) < bytes }) {
      guard began.duration(to: .now) < .seconds(600) else { throw CancellationError() }
      usleep(1_000)
    }
    return began.duration(to: .now) / .seconds(1)
  }
}

/// The number of bytes that one connection received.
private final class Counter: Sendable {
  let bytes = Atomic(0)
}

/// Counts what comes in.
private final class Counting: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let counter: Counter

  init(_ counter: Counter) { self.counter = counter }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let size = unwrapInboundIn(data).readableBytes
    counter.bytes.add(size, ordering: .relaxed)
  }
}
