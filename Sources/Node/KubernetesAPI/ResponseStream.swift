import AsyncHTTPClient
import NIOCore
import NIOSSL

/// The body of an answer, all that has come at a time; the server is read from only as fast as that is taken.
struct ResponseStream {
  private let request: OpenRequest

  init(_ request: OpenRequest) { self.request = request }

  /// The parts that have come since the last call, at least one; nil at the end of the body.
  ///
  /// - Throws: `APIFailure` where the connection ended before the body did.
  func next() async throws(APIFailure) -> [ByteBuffer]? {
    do { return try await request.receiver.parts() } catch {
      let failure = APIFailure(error)
      if case .unreachable(let reason) = failure { throw .cut("in the middle of an answer: \(reason)") }
      throw failure
    }
  }
}

extension APIFailure {
  /// The meaning of an error of the HTTP client.
  init(_ error: any Error) {
    switch error {
    case let error as APIFailure: self = error
    case let error as HTTPClientError: self.init(error)
    case let error as NIOSSLError: self = .untrusted(Self.words("\(error)"))
    case let error as NIOSSLExtraError: self = .untrusted(Self.words("\(error)"))
    case let error as BoringSSLError: self = .untrusted(Self.words("\(error)"))
    case let error as IOError: self = .unreachable("\(error)")
    case ChannelError.connectTimeout(_): self = .unreachable("no answer in time")
    default:
      let text = "\(error)"
      self = text.contains("CERTIFICATE") ? .untrusted(Self.words(text)) : .unreachable(text)
    }
  }

  private init(_ error: HTTPClientError) {
    switch error {
    case .readTimeout: self = .silent
    case .remoteConnectionClosed, .cancelled: self = .cut("in the middle of an answer")
    case .connectTimeout, .getConnectionFromPoolTimeout: self = .unreachable("no answer in time")
    case .tlsHandshakeTimeout: self = .untrusted("no TLS handshake in time")
    default: self = .protocolError(error.shortDescription)
    }
  }

  /// A sentence for a TLS error in place of BoringSSL's codes.
  private static func words(_ text: String) -> String {
    if text.contains("CERTIFICATE_VERIFY_FAILED") {
      return "no certificate authority that is trusted has signed the server's certificate"
    }
    if text.contains("failedToMatchName") || text.contains("unableToValidateCertificate")
      || text.contains("noCertificateToValidate")
    {
      return "the server's certificate is for another name"
    }
    if text.contains("CERTIFICATE_REQUIRED") || text.contains("BAD_CERTIFICATE")
      || text.contains("UNKNOWN_CA")
    {
      return "the server refuses the client's certificate"
    }
    return text
  }
}
