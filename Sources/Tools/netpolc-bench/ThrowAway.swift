import AsyncHTTPClient
import Dispatch
import NIOCore
import NIOSSL
import Synchronization

/// A client that receives the same streams as an agent, by the same library, and throws the bytes away.
enum ThrowAway {
  private final class Took: Sendable {
    let seconds = Mutex(0.0)
  }

  /// The seconds until every list of a server was received.
  static func seconds(_ server: StreamServer, _ kinds: [(path: String, bytes: Int)]) -> Double {
    let took = Took()
    let isOver = DispatchSemaphore(value: 0)
    Task {
      let seconds = await receive(server, kinds)
      took.seconds.withLock { $0 = seconds }
      isOver.signal()
    }
    isOver.wait()
    return took.seconds.withLock { $0 }
  }

  private static func receive(_ server: StreamServer, _ kinds: [(path: String, bytes: Int)]) async -> Double {
    var configuration = HTTPClient.Configuration()
    configuration.httpVersion = .http1Only
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
    var security = TLSConfiguration.makeClientConfiguration()
    security.certificateVerification = .none
    configuration.tlsConfiguration = security
    let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    let socket = server.path.split(separator: "/").map { "%2F\($0)" }.joined()
    let base = "\(server.isSecure ? "https" : "http")+unix://\(socket)"
    let began = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      for kind in kinds {
        group.addTask {
          let request = HTTPClientRequest(url: "\(base)\(kind.path)?watch=1&sendInitialEvents=true")
          guard let answer = try? await client.execute(request, deadline: .distantFuture) else { return }
          var left = kind.bytes
          do {
            for try await part in answer.body {
              left -= part.readableBytes
              if left <= 0 { return }
            }
          } catch { return }
        }
      }
    }
    let seconds = began.duration(to: .now) / .seconds(1)
    try? await client.shutdown()
    return seconds
  }
}
