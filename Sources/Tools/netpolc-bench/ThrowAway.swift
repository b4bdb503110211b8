import AsyncHTTPClient
import Dispatch
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A client that receives the same streams as an agent, by the same library, and throws the bytes away.
enum ThrowAway {
  private final class Took: Sendable {
    let seconds = Mutex<Double?>(nil)
  }

  /// The seconds until every list of a server was received; nil where one was not.
  static func seconds(_ server: StreamServer, _ kinds: [(path: String, bytes: Int)]) -> Double? {
    let took = Took()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    defer { try? group.syncShutdownGracefully() }
    let isOver = DispatchSemaphore(value: 0)
    Task {
      let seconds = await receive(server, kinds, group)
      took.seconds.withLock { $0 = seconds }
      isOver.signal()
    }
    isOver.wait()
    return took.seconds.withLock { $0 }
  }

  private static func receive(
    _ server: StreamServer, _ kinds: [(path: String, bytes: Int)], _ group: MultiThreadedEventLoopGroup
  ) async -> Double? {
    var configuration = HTTPClient.Configuration()
    configuration.httpVersion = .http1Only
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
    if let authority = server.authority {
      var security = TLSConfiguration.makeClientConfiguration()
      security.trustRoots = .file(authority)
      configuration.tlsConfiguration = security
    }
    // Its threads are in the network namespace of the one that makes it.
    let client = HTTPClient(eventLoopGroup: group, configuration: configuration)
    let began = ContinuousClock.now
    let isWhole = await withTaskGroup(of: Bool.self) { group in
      for kind in kinds {
        group.addTask {
          let request = HTTPClientRequest(url: "\(server.base)\(kind.path)?watch=1&sendInitialEvents=true")
          guard let answer = try? await client.execute(request, deadline: .distantFuture) else {
            return false
          }
          var left = kind.bytes
          do {
            for try await part in answer.body {
              left -= part.readableBytes
              if left <= 0 { return true }
            }
          } catch { return false }
          return left <= 0
        }
      }
      return await group.allSatisfy { $0 }
    }
    let seconds = began.duration(to: .now) / .seconds(1)
    try? await client.shutdown()
    return isWhole ? seconds : nil
  }
}
