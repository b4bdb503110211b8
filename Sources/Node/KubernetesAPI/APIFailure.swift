/// The reason why a request to the API server came to nothing, or why a stream ended before its time.
public enum APIFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The server answered with a status that is no success.
  case status(APIStatus)
  /// No connection was made; why.
  case unreachable(String)
  /// The connection is not secure: the certificate of the server, or of the client, was refused; why.
  case untrusted(String)
  /// The connection had no byte for longer than a living one has.
  case silent
  /// The connection broke, or the stream ended in the middle of something; where.
  case cut(String)
  /// The server sent what no API server sends; what.
  case protocolError(String)
  /// A token, certificate or key could not be read; which and why.
  case access(AccessFailure)

  /// The failure as a clause.
  public var description: String {
    switch self {
    case .status(let status): status.description
    case .unreachable(let reason): "the API server cannot be reached: \(reason)"
    case .untrusted(let reason): "the connection to the API server is not trusted: \(reason)"
    case .silent: "the connection was silent for too long"
    case .cut(let place): "the connection was cut \(place)"
    case .protocolError(let what): "the API server sent what was not expected: \(what)"
    case .access(let failure): failure.description
    }
  }
}

/// The answer of an API server that refuses something: an HTTP status, and what the `Status` object in its body says.
public struct APIStatus: Sendable, Hashable, CustomStringConvertible {
  /// The HTTP status, or the code of an ERROR event.
  public let code: Int
  /// `reason`: `Expired`, `Forbidden` …; empty where the body is no `Status`.
  public let reason: String
  /// `message`, or the body's first line.
  public let message: String
  /// The wait that the server asked for.
  public let retryAfter: Duration?
  /// True where a resourceVersion of the future was asked for.
  public let isOfFuture: Bool

  /// Makes a status of its parts.
  public init(
    code: Int, reason: String = "", message: String = "", retryAfter: Duration? = nil,
    isOfFuture: Bool = false
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.retryAfter = retryAfter
    self.isOfFuture = isOfFuture
  }

  /// The resourceVersion, or the page of a list, is gone: list again.
  public var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

  /// The failure as a clause.
  public var description: String {
    let text = message.isEmpty ? reason : message
    return "the API server answered \(code)\(text.isEmpty ? "" : ": \(text)")"
  }
}
