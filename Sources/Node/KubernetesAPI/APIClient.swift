import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks one API server. Safe to be used by many tasks at the same time.
///
/// `shutdown()` is to be called at the end.
public final class APIClient: Sendable {
  /// The way to the server.
  public let access: ClusterAccess
  /// Times in the conversation.
  public let timing: ServerTiming
  private let client: HTTPClient
  private let security: TransportSecurity
  private let base: String

  /// A client; it connects with the first request.
  public init(_ access: ClusterAccess, timing: ServerTiming = ServerTiming()) {
    self.access = access
    self.timing = timing
    security = TransportSecurity(access)
    var configuration = HTTPClient.Configuration()
    // One connection a watch: a dead connection takes no other watch with it.
    configuration.httpVersion = .http1Only
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(
      connect: .init(timing.connectLimit), read: .init(timing.idleLimit))
    // Decides here, once, what follows a failure: no attempt of the library's own.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
    let (base, overrides) = Self.address(access)
    self.base = base
    configuration.dnsOverride = overrides
    client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
  }

  /// Ends all requests.
  public func shutdown() async { try? await client.shutdown() }

  /// The address that requests name, and where that is found: with a server name of its own the request names it.
  private static func address(_ access: ClusterAccess) -> (base: String, overrides: [String: String]) {
    guard let name = access.serverName, !name.isEmpty,
      let scheme = access.server.range(of: "://")
    else { return (access.server, [:]) }
    var host = access.server[scheme.upperBound...].prefix { $0 != "/" }
    var rest = access.server[host.endIndex...]
    if let end = host.lastIndex(of: "]") {
      rest = access.server[access.server.index(after: end)...]
      host = host.prefix(through: end).dropFirst().dropLast()
    } else if let colon = host.lastIndex(of: ":") {
      rest = access.server[colon...]
      host = host[..<colon]
    }
    return ("\(access.server[..<scheme.upperBound])\(name)\(rest)", [name: String(host)])
  }

  /// Asks for something.
  ///
  /// - Parameters:
  ///   - path: the path, from its `/` on.
  ///   - query: names and values, not escaped.
  /// - Returns: the body of the answer, as it comes.
  /// - Throws: `APIFailure`.
  func open(_ path: String, query: [(String, String)]) async throws(APIFailure) -> ResponseStream {
    let request: HTTPClient.Request
    do throws(AccessFailure) { request = try self.request(path, query) } catch { throw .access(error) }
    let open = OpenRequest(request, by: client)
    let head: HTTPResponseHead
    do { head = try await open.receiver.head() } catch { throw APIFailure(error) }
    let stream = ResponseStream(open)
    if head.status == .ok { return stream }
    var body: [UInt8] = []
    // Where the body is cut, the status alone is enough.
    while body.count <= 64 << 10, let parts = try? await stream.next() {
      for part in parts { body += part.readableBytesView }
    }
    let seconds = head.headers.first(name: "Retry-After").flatMap { Int($0) }
    throw .status(APIStatus(code: Int(head.status.code), body: body, retryAfter: seconds))
  }

  private func request(_ path: String, _ query: [(String, String)]) throws(AccessFailure)
    -> HTTPClient.Request
  {
    let parts = query.map { "\($0)=\(Self.escape($1))" }.joined(separator: "&")
    var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": "netpolc-agent"]
    switch access.credential {
    case .none: break
    case .token(let source):
      let token = String(decoding: try source.read(), as: UTF8.self)
      let trimmed = token.trimmingWhitespace
      // A line break in a header would be another header.
      guard trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !trimmed.isEmpty else {
        throw AccessFailure("the token is empty, or no token")
      }
      headers.add(name: "Authorization", value: "Bearer \(trimmed)")
    case .basic(let user, let password):
      headers.add(
        name: "Authorization",
        value: HTTPClient.Authorization.basic(username: user, password: password).headerValue)
    }
    let address = base + path + (parts.isEmpty ? "" : "?\(parts)")
    let configuration = base.hasPrefix("https://") ? try security.configuration() : nil
    do {
      return try HTTPClient.Request(url: address, headers: headers, tlsConfiguration: configuration)
    } catch { throw AccessFailure("the server's address '\(base)' cannot be used: \(error)") }
  }

  /// Escapes a value of a query (RFC 3986).
  static func escape(_ value: String) -> String {
    var escaped = ""
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        escaped += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return escaped
  }
}

extension String {
  fileprivate var trimmingWhitespace: String {
    var rest = Substring(self)
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest.drop { $0.isWhitespace })
  }

  fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}

extension TimeAmount {
  /// A duration, to the nanosecond.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
