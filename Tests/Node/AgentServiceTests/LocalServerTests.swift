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
