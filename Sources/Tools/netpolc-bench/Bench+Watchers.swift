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
    // Those that the agent's field selector leaves.
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
    // Of six pods one shares its node's network, as five DaemonSets of thirty pods a node do; it is as large as others.
    let everyPod = selected + stride(from: 0, to: selected.count, by: 5).map { selected[$0] }
    // A pod that comes and goes is eight events: those that a second brings at one pod a second.
    let forms: [Form] = [
      Form(name: "JSON", objects: selected, line: line(1)),
      Form(name: "JSON, all at once", objects: selected, line: line(1), jitter: .zero),
      Form(
        name: "protobuf's size", objects: selected.map(shortened), line: line(Self.protobuf)),
      Form(name: "JSON without the selector", objects: everyPod, line: line(1), events: 10),
    ]
    var figures = Measured()
    for count in [1, 100, 1_000, 5_000] {
      for form in forms {
        figures.add("\(count) watchers, \(form.name)") { try Self.follow(form, by: count) }
      }
    }
    return try figures.result()
  }

  /// The objects and events that watchers get, and the time within which they begin.
  private struct Form {
    let name: String
    let objects: [ArraySlice<UInt8>]
    let line: String
    var events = 8
    var jitter = Duration.seconds(3)
  }

  private static func follow(_ form: Form, by count: Int) throws -> [Figure] {
    let body = StreamServer.body(of: form.objects, apiVersion: "v1", kind: "Pod")
    let server = try StreamServer(["/api/v1/pods": body], certificate: nil)
    defer { server.end() }
    let watchers = Watchers(server, count, within: form.jitter)
    defer { watchers.end() }
    let whole = body.readableBytes
    let lists = try watchers.wait(for: whole)
    let (before, listing) = (watchers.bytes, server.processor)
    let chunk = form.line.utf8.count + String(form.line.utf8.count, radix: 16).utf8.count + 4
    let began = ContinuousClock.now
    var latest = 0.0
    for number in 1...form.events {
      let told = ContinuousClock.now
      server.tellAll([form.line])
      _ = try watchers.wait(for: whole + number * chunk)
      latest = max(latest, told.duration(to: .now) / .seconds(1))
      let left = (began + .seconds(1) * number / form.events - .now) / .microseconds(1)
      if left > 0 { usleep(UInt32(left)) }
    }
    let sending = server.processor - listing
    let name = "\(count == 1 ? "one watcher" : "\(count) watchers"), \(form.name)"
    return [
      Figure(
        name: "\(name): first lists of \(form.objects.count) pods", cost: Cost(seconds: lists),
        against: "the server's thread", limit: Cost(seconds: listing),
        note:
          "\(Words.bytes(before)), \(whole) B each; \(Words.seconds(listing / Double(count * form.objects.count))) of the thread a pod"
      ),
      Figure(
        name: "\(name): \(form.events) events in a second, the slowest until the last has it",
        cost: Cost(seconds: latest), against: "the server's thread, all events",
        limit: Cost(seconds: sending),
        note:
          "\(Words.bytes(watchers.bytes - before)), \(chunk) B an event; \(Words.seconds(sending / Double(count * form.events))) of the thread an event and watcher"
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
      let wait = TimeAmount.microseconds(Int64.random(in: 0...Int64(jitter / .microseconds(1))))
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
