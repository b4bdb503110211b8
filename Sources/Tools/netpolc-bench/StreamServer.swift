import Dispatch
import Glibc
import Synchronization

/// An API server of prepared bytes at a unix socket: each kind's list, then a watch that sends what it is given.
final class StreamServer: Sendable {
  let path: String
  private let lists: [String: [UInt8]]
  private let listener: Int32
  private let watches = Mutex<[Int32]>([])

  /// Serves lists by the path of their kind.
  init?(_ path: String, lists: [String: [UInt8]]) {
    self.path = path
    self.lists = lists
    guard let socket = Self.socket(path, { bind($0, $1, $2) }), listen(socket, 16) == 0 else { return nil }
    listener = socket
  }

  /// A connection of a client.
  func connect() -> Int32? { Self.socket(path) { Glibc.connect($0, $1, $2) } }

  /// Takes connections until the process ends.
  func start() {
    DispatchQueue(label: "accept").async { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { return }
        DispatchQueue(label: "connection").async { [self] in serve(connection) }
      }
    }
  }

  /// The number of open watches of pods.
  var watchCount: Int { watches.withLock { $0.count } }

  /// Sends the watches of pods a line.
  func tell(_ line: String) {
    let chunk = Array("\(String(line.utf8.count, radix: 16))\r\n\(line)\r\n".utf8)
    for watch in watches.withLock({ $0 }) { Self.write(watch, chunk) }
  }

  private func serve(_ connection: Int32) {
    var request: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let got = read(connection, &part, part.count)
      if got <= 0 { break }
      request += part[..<got]
      guard request.suffix(4).elementsEqual("\r\n\r\n".utf8) else { continue }
      let line = String(decoding: request.prefix { $0 != 0x0d }, as: UTF8.self)
      request = []
      answer(connection, String(line.split(separator: " ").dropFirst().first ?? ""))
    }
    watches.withLock { $0.removeAll { $0 == connection } }
    close(connection)
  }

  private func answer(_ connection: Int32, _ target: String) {
    let kind = String(target.prefix { $0 != "?" })
    if target.contains("sendInitialEvents") {
      Self.write(connection, Array("HTTP/1.1 422 X\r\nContent-Length: 2\r\n\r\n{}".utf8))
    } else if target.contains("watch=1") {
      Self.write(connection, Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
      if kind == "/api/v1/pods" { watches.withLock { $0.append(connection) } }
    } else {
      let body = lists[kind] ?? []
      Self.write(connection, Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8))
      Self.write(connection, body)
    }
  }

  /// The time in which a client receives all lists and throws them away.
  func throwAway() -> Double {
    let began = ContinuousClock.now
    var part = [UInt8](repeating: 0, count: 256 << 10)
    for (kind, body) in lists {
      guard let connection = connect() else { return 0 }
      Self.write(connection, Array("GET \(kind) HTTP/1.1\r\n\r\n".utf8))
      var left = body.count
      while left > 0 {
        let got = read(connection, &part, part.count)
        if got <= 0 { break }
        left -= got
      }
      close(connection)
    }
    return began.duration(to: .now) / .seconds(1)
  }

  private static func write(_ connection: Int32, _ bytes: [UInt8]) {
    bytes.withUnsafeBytes { all in
      var rest = all[...]
      while !rest.isEmpty {
        let sent = send(
          connection, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        if sent <= 0 { return }
        rest = rest.dropFirst(sent)
      }
    }
  }

  private static func socket(
    _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32? {
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result == 0 ? number : nil
  }
}
