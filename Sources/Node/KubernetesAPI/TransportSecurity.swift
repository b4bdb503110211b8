import NIOSSL
import Synchronization

/// The TLS configuration of the next request: made anew where a file has another content than before.
final class TransportSecurity: Sendable {
  private struct Made: Sendable {
    let authorities: [UInt8]?
    let certificates: [UInt8]?
    let key: [UInt8]?
    let configuration: TLSConfiguration
  }

  private let access: ClusterAccess
  private let made = Mutex<Made?>(nil)

  init(_ access: ClusterAccess) { self.access = access }

  /// The configuration as the files are now.
  ///
  /// - Throws: `AccessFailure` where a file cannot be read, or holds no certificate or key.
  func configuration() throws(AccessFailure) -> TLSConfiguration {
    var authorities: [UInt8]?
    if case .authorities(let source) = access.trust { authorities = try source.read() }
    let certificates = try read(access.identity?.certificates)
    let key = try read(access.identity?.key)
    let known = made.withLock { $0 }
    if let known, known.authorities == authorities, known.certificates == certificates, known.key == key {
      return known.configuration
    }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if let authorities {
      configuration.trustRoots = .certificates(
        try Self.parse("certificate-authority") { try NIOSSLCertificate.fromPEMBytes(authorities) })
    }
    if access.trust == .nothing { configuration.certificateVerification = .none }
    if let certificates, let key {
      configuration.certificateChain = try Self.parse("client-certificate") {
        try NIOSSLCertificate.fromPEMBytes(certificates).map { .certificate($0) }
      }
      configuration.privateKey = .privateKey(
        try Self.parse("client-key") { try NIOSSLPrivateKey(bytes: key, format: .pem) })
    }
    let new = Made(
      authorities: authorities, certificates: certificates, key: key, configuration: configuration)
    made.withLock { $0 = new }
    return configuration
  }

  private func read(_ source: SecretSource?) throws(AccessFailure) -> [UInt8]? {
    guard let source else { return nil }
    return try source.read()
  }

  private static func parse<Parsed>(
    _ name: String, _ body: () throws -> Parsed
  ) throws(AccessFailure) -> Parsed {
    do { return try body() } catch { throw AccessFailure("the \(name) is no PEM: \(error)") }
  }
}
