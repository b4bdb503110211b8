import LinuxNet
import Addresses
import ArgumentParser
import BenchmarkReference
import ClusterGenerator
import Diagnostics
import Glibc
import Lowering
import NFTables
import PacketLab
import PolicyModel
import RulesetText

extension Bench {
  /// A node whose pods are under so many policies, the pair of pods that talk included.
  func policedNode(_ count: Int) -> Cluster {
    let origin = Origin(SourceLocation(file: "bench", line: 1, column: 1), field: "")
    let applications = 50
    let pods = (0..<100).map { number in
      Pod(
        namespace: "bench", name: "pod-\(number)",
        labels: ["app": "a\(number % applications)", "tier": "all"],
        addresses: [IPAddress(.ipv4, bits: 0x0af4_0102 + UInt128(number))], node: node, origin: origin)
    }
    let policies = (0..<count).map { number in
      // Talkers are a0 and a1; each policy lets another application in at a port of its own, the last one the talker.
      let subject = LabelSelector(matchLabels: ["app": "a\(number % 2 == 0 ? number / 2 % applications : 1)"])
      let peer = LabelSelector(matchLabels: ["app": "a\(number * 7 % applications)"])
      let ports = [
        PolicyPort(.tcp, .range(Interval(UInt16(9000 + number % 1000))), origin: origin),
        PolicyPort(.tcp, .range(Interval(8080)), origin: origin),
        PolicyPort(.udp, .range(Interval(8080)), origin: origin),
      ]
      let peers = [
        Peer(.pods(.own, peer), origin: origin),
        Peer(.pods(.own, LabelSelector(matchLabels: ["tier": "all"])), origin: origin),
      ]
      let rule = PolicyRule(peers: .anyOf(peers), ports: .anyOf(ports), origin: origin)
      return Policy(
        id: .init(namespace: "bench", name: "policy-\(number)"), subjects: PodSet(.own, subject),
        ingress: [rule], egress: [rule], origin: origin)
    }
    return Cluster(policies: policies, namespaces: ["bench": [:]], pods: pods)
  }

  /// The addresses of two pods that talk.
  static let talkers = [IPAddress(.ipv4, bits: 0x0af4_0102), IPAddress(.ipv4, bits: 0x0af4_0103)]

  /// A table whose forward hook lets everything pass.
  static let emptyHook = """
    table inet netpolc
    delete table inet netpolc
    table inet netpolc {
      chain forward {
        type filter hook forward priority filter - 5; policy accept;
        ct state vmap { established : accept, related : accept }
      }
    }

    """

  /// The seconds that a new UDP flow and a new TCP connection between two pods take under each of some rulesets, which take
  /// turns, once for each round.
  static func newConnections(
    _ texts: [String], from source: IPAddress = talkers[0], to destination: IPAddress = talkers[1],
    rounds: Int
  ) throws -> (udp: [[Double]], tcp: [[Double]]) {
    let lab = try PacketLab(pods: [.init("pod-0", [source]), .init("pod-1", [destination])])
    let talk = try Talk(lab, from: source, to: destination)
    var udp = [[Double]](repeating: [], count: texts.count)
    var tcp = udp
    for _ in 0..<rounds {
      for (place, text) in texts.enumerated() {
        try lab.load(text)
        try lab.forgetConnections()
        udp[place].append(try talk.datagrams())
        tcp[place].append(try talk.connections())
      }
    }
    return (udp, tcp)
  }

  /// Measures a new connection with 10 and with 10,000 policies, against a hook without rules.
  func packets() throws -> [Figure] {
    let texts =
      [Self.emptyHook]
      + [10, 10_000].map { count in
        var lowerer = Lowerer(policedNode(count))
        return NFTPrinter.replacing(lowerer.lower(LoweringOptions(node: node)).table)
      }
    let (udp, tcp) = try Self.newConnections(texts, rounds: runs * 8)
    func figures(_ name: String, _ seconds: [[Double]]) -> [Figure] {
      let least = seconds.map { Cost(seconds: $0.min() ?? 0, peak: nil) }
      return [
        Figure(
          name: "\(name), 10 policies", cost: least[1], against: "forward hook without rules",
          limit: least[0],
          target: 1.25),
        Figure(
          name: "\(name), 10,000 policies", cost: least[2], against: "forward hook without rules",
          limit: least[0],
          target: 1.25),
        Figure(
          name: "\(name), 10,000 policies", cost: least[2], against: "10 policies", limit: least[1],
          target: 1.05),
      ]
    }
    return figures("new UDP flow", udp) + figures("new TCP connection", tcp)
  }
}

/// Two pods that begin new connections to each other again and again.
final class Talk {
  private let clients: [Int32]
  private let server: Int32
  private let listener: Int32
  private let lab: PacketLab
  private let source: IPAddress
  private let destination: IPAddress

  init(_ lab: PacketLab, from source: IPAddress, to destination: IPAddress) throws {
    self.lab = lab
    self.source = source
    self.destination = destination
    let stream = Int32(SOCK_STREAM.rawValue)
    let datagram = Int32(SOCK_DGRAM.rawValue)
    let near = try lab.namespace(of: .pod("pod-0"))
    let far = try lab.namespace(of: .pod("pod-1"))
    clients = try near.run { (0..<400).map { Self.bound(datagram, source, UInt16(20000 + $0)) } }
    (server, listener) = try far.run {
      (Self.bound(datagram, destination, 8080), Self.bound(stream, destination, 8080))
    }
    guard server >= 0, listener >= 0, listen(listener, 64) == 0, !clients.contains(where: { $0 < 0 }) else {
      throw ValidationError("no sockets for packets")
    }
  }

  deinit { for socket in clients + [server, listener] { close(socket) } }

  private static func bound(_ type: Int32, _ address: IPAddress, _ port: UInt16) -> Int32 {
    let made = socket(AF_INET, type, 0)
    var on: Int32 = 1
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let result = with(address, port) { bind(made, $0, $1) }
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return result == 0 ? made : -1
  }

  private static func with<Result>(
    _ address: IPAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var end = sockaddr_in()
    end.sin_family = sa_family_t(AF_INET)
    end.sin_port = port.bigEndian
    end.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.bits).bigEndian
    return withUnsafePointer(to: &end) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Seconds of processor time that a datagram of a new flow takes from socket to socket.
  func datagrams() throws -> Double {
    let start = reference_thread_time()
    for client in clients {
      var word: UInt64 = 1
      let sent = Self.with(destination, 8080) { sendto(client, &word, 8, 0, $0, $1) }
      guard sent == 8, recv(server, &word, 8, 0) == 8 else {
        throw ValidationError("a datagram that is allowed did not arrive")
      }
    }
    return Double(reference_thread_time() - start) * 1e-9 / Double(clients.count)
  }

  /// Seconds of processor time that a datagram of a flow takes that exists, the mean of both directions.
  func establishedDatagrams() throws -> Double {
    let rounds = 2_000
    func exchange() throws {
      var word: UInt64 = 1
      let asked = Self.with(destination, 8080) { sendto(clients[0], &word, 8, 0, $0, $1) }
      guard asked == 8, recv(server, &word, 8, 0) == 8 else {
        throw ValidationError("a datagram that is allowed did not arrive")
      }
      let answered = Self.with(source, 20_000) { sendto(server, &word, 8, 0, $0, $1) }
      guard answered == 8, recv(clients[0], &word, 8, 0) == 8 else {
        throw ValidationError("an answer did not arrive")
      }
    }
    try exchange()
    let start = reference_thread_time()
    for _ in 0..<rounds { try exchange() }
    return Double(reference_thread_time() - start) * 1e-9 / Double(rounds * 2)
  }

  /// Seconds of processor time that a connection takes from its first packet to its end.
  func connections() throws -> Double {
    let near = try lab.namespace(of: .pod("pod-0"))
    let count = 200
    return try near.run { () throws(ValidationError) in
      let start = reference_thread_time()
      for _ in 0..<count {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // Ends with a reset: no port waits for its last packets.
        var abrupt = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = Self.with(destination, 8080) { connect(client, $0, $1) }
        let accepted = result == 0 ? accept(listener, nil, nil) : -1
        close(client)
        guard accepted >= 0 else { throw ValidationError("a connection that is allowed did not come about") }
        close(accepted)
      }
      return Double(reference_thread_time() - start) * 1e-9 / Double(count)
    }
  }
}
