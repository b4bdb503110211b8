/// The way to an API server: its address, how it is known, and how the client makes itself known.
public struct ClusterAccess: Sendable, Hashable {
  /// The judgement of the server's certificate.
  public enum Trust: Sendable, Hashable {
    /// By the certificate authorities of the machine.
    case system
    /// By these certificate authorities (PEM).
    case authorities(SecretSource)
    /// Not at all: `insecure-skip-tls-verify`.
    case nothing
  }

  /// The client's credential in each request.
  public enum Credential: Sendable, Hashable {
    /// Not at all, or by its certificate.
    case none
    /// By a bearer token, read for each request.
    case token(SecretSource)
    /// By a name and a password.
    case basic(user: String, password: String)
  }

  /// A client's certificate and its key (PEM).
  public struct Identity: Sendable, Hashable {
    /// The certificate, with those between it and the authority.
    public let certificates: SecretSource
    /// The private key.
    public let key: SecretSource

    /// Makes an identity of two sources.
    public init(certificates: SecretSource, key: SecretSource) {
      self.certificates = certificates
      self.key = key
    }
  }

  /// The address without a path at its end: `https://10.96.0.1:443`.
  public var server: String
  /// The judgement of the server's certificate.
  public var trust: Trust
  /// The client's credential.
  public var credential: Credential
  /// The client's certificate.
  public var identity: Identity?
  /// The name that the server's certificate must have, where it is another than the address. A certificate for the very
  /// IP address that is connected to is accepted too.
  public var serverName: String?

  /// A way to a server.
  public init(
    server: String, trust: Trust = .system, credential: Credential = .none, identity: Identity? = nil,
    serverName: String? = nil
  ) {
    var server = Substring(server)
    while server.last == "/" { server.removeLast() }
    self.server = String(server)
    self.trust = trust
    self.credential = credential
    self.identity = identity
    self.serverName = serverName
  }

  /// Where kubelet puts a pod's service account.
  public static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The way that a pod has: its service account, whose token and authority change while it runs.
  ///
  /// - Parameters:
  ///   - environment: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`.
  ///   - directory: the service account's files.
  /// - Returns: nil where this is no pod.
  public static func inCluster(
    _ environment: [String: String], directory: String = serviceAccountDirectory
  ) -> ClusterAccess? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
    else { return nil }
    let name = host.contains(":") ? "[\(host)]" : host
    return ClusterAccess(
      server: "https://\(name):\(port)", trust: .authorities(.file("\(directory)/ca.crt")),
      credential: .token(.file("\(directory)/token")))
  }
}
