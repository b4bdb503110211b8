import ArgumentParser
import ClusterGenerator
import Glibc
import NIOCore
import NIOPosix
import PolicyModel
import Synchronization

extension Bench {
  /// The size of an object in protobuf, of that in JSON: a recorded pod of kube-apiserver 1.36.
  private static let protobuf = 0.64

  /// Lets many watchers follow one server as agents do, begun within three seconds: what the server sends for their first lists and
  /// for a second's churn, what of its thread that takes, and when the last watcher has it.
  func watchers() throws -> [Figure] {
    let pods = GeneratedCluster(ClusterShape(pods: min(shape.pods, 60), policies: 10))
    let all = CompactObjects(list: pods.text(of: "pods", .json)).all
    let selected = zip(all, pods.contents.pods).filter { !$1.hostNetwork && !$1.isFinished }.map(\.0)
    guard let pod = selected.first, all.count == pods.contents.pods.count else {
      throw ValidationError("no pods")
    }
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    getrlimit(files, &limit)
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(files, &limit) == 0, limit.rlim_cur > 10_500 else {
      throw ValidationError("5,000 watchers and their server need 10,500 descriptors: ulimit -n")
    }
    let json = String(decoding: pod, as: UTF8.self)
    func line(_ share: Double) -> String {
      let whole = #"{"type":"MODIFIED","object":\#(json)}"# + "\n"
      return String(whole.prefix(Int(Double(whole.utf8.count) * share)))
    }
    func shortened(_ object: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
      object.prefix(Int(Double(object.count) * Self.protobuf))
    }
    let forms: [(name: String, objects: [ArraySlice<UInt8>], line: String)] = [
      ("JSON", selected, line(1)),
      ("protobuf's size", selected.map(shortened), line(Self.protobuf)),
      ("JSON without the selector", all, line(1)),
    ]
    var figures = Measured()
    for count in [100, 1_000, 5_000] {
      for form in forms {
        figures.add("\(count) watchers, \(form.name)") {
          try Self.follow(form.objects, form.line, by: count, form.name)
        }
      }
    }
    return try figures.result()
  }

  private static func follow(
    _ objects: [ArraySlice<UInt8>], _ line: String, by count: Int, _ form: String
  ) throws -> [Figure] {
    let body = StreamServer.body(of: objects, apiVersion: "v1", kind: "Pod")
    let server = try StreamServer(["/api/v1/pods": body], certificate: nil)
    defer { server.end() }
    let watchers = Watchers(server, count, within: .seconds(3))
    defer { watchers.end() }
    let whole = body.readableBytes
    let lists = try watchers.wait(for: whole)
    let (before, listing) = (watchers.bytes, server.processor)
    // One pod a second that comes and goes is eight events.
    let events = 8
    let began = ContinuousClock.now
    var latest = 0.0
    for number in 1...events {
      let told = ContinuousClock.now
      server.tellAll([line])
      _ = try watchers.wait(for: whole + number * (line.utf8.count + 7))
      latest = max(latest, told.duration(to: .now) / .seconds(1))
      let left = (began + .milliseconds(125) * number - .now) / .microseconds(1)
      if left > 0 { usleep(UInt32(left)) }
    }
    let sending = server.processor - listing
    let name = "\(count) watchers, \(form)"
    return [
      Figure(
        name: "\(name): first lists of \(objects.count) pods, begun within 3 s", cost: Cost(seconds: lists),
        against: "the server's thread", limit: Cost(seconds: listing),
        note:
          "\(Words.bytes(before)) in all, \(whole) B each; \(Words.seconds(listing / Double(count * objects.count))) of the thread a pod"
      ),
      Figure(
        name: "\(name): the \(events) events of a pod's life", cost: Cost(seconds: latest),
        against: "the server's thread, all events", limit: Cost(seconds: sending),
        note:
          "\(Words.bytes(watchers.bytes - before)) in all; \(Words.seconds(sending / Double(count * events))) of the thread an event and watcher; took: until the last has it"
      ),
    ]
  }
}

/// Connections that watch pods and count the bytes that they receive.
private final class Watchers {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let counters: [Counter]
  private let began = ContinuousClock.now

  /// The bytes of all connections, without the heads of answers.
  var bytes: Int { counters.reduce(0) { $0 + $1.bytes.load(ordering: .relaxed) } }

  /// Begins so many watches, each at a random moment.
  init(_ server: StreamServer, _ count: Int, within jitter: Duration) {
    let request =
      "GET /api/v1/pods?fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed%2Cspec.hostNetwork%3Dfalse&watch=1&sendInitialEvents=true HTTP/1.1\r\nHost: api\r\n\r\n"
    counters = (0..<count).map { _ in Counter() }
    let loop = group.next()
    for counter in counters {
      let wait = TimeAmount.microseconds(Int64.random(in: 0..<Int64(jitter / .microseconds(1))))
      loop.scheduleTask(in: wait) { [group] in
        ClientBootstrap(group: group).channelOption(
          .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_536)
        )
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Counting(counter))
          }
        }.connect(host: "127.0.0.1", port: server.port).whenSuccess { channel in
          channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
        }
      }
    }
  }

  func end() { try? group.syncShutdownGracefully() }

  /// The seconds since the beginning when each connection has so many bytes of bodies.
  func wait(for bytes: Int) throws -> Double {
    while counters.contains(where: { $0.bytes.load(ordering: .relaxed) < bytes }) {
      guard began.duration(to: .now) < .seconds(240) else {
        throw ValidationError("the watchers do not have all bytes after four minutes")
      }
      usleep(1_000)
    }
    return began.duration(to: .now) / .seconds(1)
  }
}

/// The number of bytes that one connection received.
private final class Counter: Sendable {
  let bytes = Atomic(0)
}

/// Counts what comes in behind the head of the answer.
private final class Counting: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let counter: Counter
  private var isBehindHead = false
  private var head: [UInt8] = []

  init(_ counter: Counter) { self.counter = counter }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if isBehindHead {
      counter.bytes.add(part.readableBytes, ordering: .relaxed)
      return
    }
    head += part.readableBytesView
    guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
    isBehindHead = true
    counter.bytes.add(head.count - end.upperBound, ordering: .relaxed)
    head = []
  }
}
