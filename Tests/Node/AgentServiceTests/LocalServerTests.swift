import CNIPlugin
import Foundation
import Glibc
import TestSupport
import Testing

@testable import AgentService

@Suite("The sockets of probes", .bounded, .onOwnThread)
struct LocalServerTests {
  @Test(
    "connections that are opened and never ask take a bounded number of places; one that ends gives its own back"
  )
  func places() async throws {
    let folder = try TemporaryFolder()
    let server = LocalServer(Inbox(), AgentStatus())
    let path = folder.path("agent.sock")
    try await server.listenForProbes(path)
    // A connection that is refused a place is closed at once; of the others nothing comes.
    var open: [Int32] = []
    var closed = 0
    for _ in 0..<200 {
      let descriptor = try #require(connect(path))
      var byte: UInt8 = 0
      if open.count < 64 {
        open.append(descriptor)
      } else {
        if recv(descriptor, &byte, 1, 0) <= 0 { closed += 1 }
        close(descriptor)
      }
    }
    #expect(closed == 136)
    for descriptor in open { close(descriptor) }
    func asks() -> Bool {
      guard
        case .answer(let answer) = AgentSocket.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", to: path, 5000)
      else { return false }
      return answer.hasPrefix("HTTP/1.1 200")
    }
    // The server hears of the closed ones on its own thread.
    var answers = false
    for _ in 0..<500 where !answers {
      answers = asks()
      if !answers { await OwnThread.pause(.milliseconds(20)) }
    }
    #expect(answers)
    await server.shutdown()
  }

  @Test(
    "HEAD is answered with the head of GET's answer, and without content",
    arguments: ["/livez", "/readyz", "/x"])
  func heads(path: String) async throws {
    let folder = try TemporaryFolder()
    let server = LocalServer(Inbox(), AgentStatus())
    let socket = folder.path("agent.sock")
    try await server.listenForProbes(socket)
    func ask(_ method: String) throws -> String {
      guard
        case .answer(let answer) = AgentSocket.send(
          "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\r\n", to: socket, 5000)
      else { throw Unanswered() }
      return answer
    }
    let parts = try ask("GET").components(separatedBy: "\r\n\r\n")
    #expect(parts.count == 2 && !parts[1].isEmpty)
    #expect(parts[0].contains("Content-Length: \(parts[1].utf8.count)"))
    #expect(try ask("HEAD") == parts[0] + "\r\n\r\n")
    await server.shutdown()
  }

  @Test("HEAD of the metrics, which are read first, has no content either")
  func metricsHead() async throws {
    let folder = try TemporaryFolder()
    let server = LocalServer(Inbox(), AgentStatus())
    try await server.listenForProbes(folder.path("agent.sock"))
    let sent = AgentSocket.send(
      "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", to: folder.path("agent.sock"), 20_000)
    guard case .answer(let answer) = sent else { throw Unanswered() }
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n"), "\(answer.suffix(200))")
    let length = try #require(answer.firstMatch(of: /Content-Length: ([0-9]+)/)?.1)
    #expect(try #require(Int(length)) > 100)
    await server.shutdown()
  }

  private struct Unanswered: Error {}

  private func connect(_ path: String) -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result == 0 ? descriptor : nil
  }
}
