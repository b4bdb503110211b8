import Diagnostics
public import Documents

/// A kubeconfig file: clusters, users and contexts, by name.
public struct Kubeconfig: Sendable {
  private let root: DocumentValue
  private let name: String

  /// Reads a kubeconfig.
  ///
  /// - Parameter source: YAML or JSON, with anchors and aliases as kubectl takes them. Its name is the file's path: other files are
  ///   named relative to it.
  /// - Throws: `AccessFailure` where it cannot be read.
  public init(_ source: ManifestSource) throws(AccessFailure) {
    let (documents, diagnostics) = DocumentValue.documents(in: source, followsAliases: true)
    if let error = diagnostics.first(where: { $0.severity == .error }) {
      throw AccessFailure("\(error.location.map { "\($0)" } ?? source.name): \(error.message)")
    }
    guard let root = documents.first else { throw AccessFailure("\(source.name): the file is empty") }
    guard case .object = root.content else {
      throw AccessFailure("\(root.location): a kubeconfig is an object")
    }
    self.root = root
    name = source.name
  }

  /// Reads a kubeconfig from its file.
  ///
  /// - Throws: `AccessFailure` where it cannot be read.
  public init(path: String) throws(AccessFailure) {
    try self.init(ManifestSource(name: path, bytes: SecretSource.file(path).read()))
  }

  /// The way to the server of a context.
  ///
  /// - Parameter context: its name; nil: `current-context`.
  /// - Returns: the server, and the credentials for it.
  /// - Throws: `AccessFailure` where the context, its cluster or user is missing, or is one that cannot be used here.
  public func access(context: String? = nil) throws(AccessFailure) -> ClusterAccess {
    let current = try text(root, "current-context")
    guard let contextName = context ?? current else {
      throw AccessFailure("\(root.location): there is no current-context")
    }
    let context = try entry("contexts", contextName, "context")
    guard let clusterName = try text(context, "cluster") else {
      throw AccessFailure("\(context.location): the context '\(contextName)' has no cluster")
    }
    let cluster = try entry("clusters", clusterName, "cluster")
    guard let server = try text(cluster, "server"), !server.isEmpty else {
      throw AccessFailure("\(cluster.location): the cluster '\(clusterName)' has no server")
    }
    // `http+unix://%2Fpath` is a unix socket, as `kubectl proxy --unix-socket` has one.
    guard ["https://", "http://", "http+unix://"].contains(where: server.hasPrefix) else {
      throw AccessFailure("\(cluster.location): the server '\(server)' is no address of http or https")
    }
    if let proxy = cluster.member("proxy-url") {
      throw AccessFailure("\(proxy.location): a proxy-url cannot be used here")
    }
    var access = ClusterAccess(server: server, serverName: try text(cluster, "tls-server-name"))
    if let authorities = try secret(cluster, "certificate-authority") {
      access.trust = .authorities(authorities)
    }
    if try truth(cluster, "insecure-skip-tls-verify") { access.trust = .nothing }
    if let userName = try text(context, "user"), !userName.isEmpty {
      try add(entry("users", userName, "user"), userName, to: &access)
    }
    return access
  }

  /// Members of a user that ask for what is not done here, and what to do instead.
  private static let refused: [(String, String)] = [
    (
      "exec", "runs a program for its credentials, which the agent does not: give it a token or a certificate"
    ),
    ("auth-provider", "has an auth-provider, which is not supported: give it a token or a certificate"),
    ("as", "acts as another user, which is not supported"),
  ]

  private func add(_ user: DocumentValue, _ name: String, to access: inout ClusterAccess)
    throws(AccessFailure)
  {
    for (key, reason) in Self.refused {
      if let member = user.member(key) {
        throw AccessFailure("\(member.location): the user '\(name)' \(reason)")
      }
    }
    let certificates = try secret(user, "client-certificate")
    let key = try secret(user, "client-key")
    switch (certificates, key) {
    case (let certificates?, let key?): access.identity = .init(certificates: certificates, key: key)
    case (nil, nil): break
    default:
      throw AccessFailure(
        "\(user.location): the user '\(name)' has only one of client-certificate and client-key")
    }
    // As client-go has it, a token beside a file counts only where the file cannot be read; the file is exchanged.
    if let file = try text(user, "tokenFile"), !file.isEmpty {
      access.credential = .token(.file(path(file)))
    } else if let token = try text(user, "token"), !token.isEmpty {
      access.credential = .token(.value(Array(token.utf8)))
    } else if let userName = try text(user, "username"), !userName.isEmpty {
      access.credential = .basic(user: userName, password: try text(user, "password") ?? "")
    }
  }

  /// The content of an entry: `contexts: [{name: …, context: …}]`.
  private func entry(_ list: String, _ name: String, _ kind: String) throws(AccessFailure) -> DocumentValue {
    guard let entries = root.member(list), case .list(let entries) = entries.content else {
      throw AccessFailure("\(root.location): there are no \(list)")
    }
    for entry in entries {
      guard try text(entry, "name") == name else { continue }
      guard let content = entry.member(kind), case .object = content.content else {
        throw AccessFailure("\(entry.location): the \(kind) '\(name)' is empty")
      }
      return content
    }
    throw AccessFailure("\(root.location): there is no \(kind) '\(name)'")
  }

  private func text(_ value: DocumentValue, _ key: String) throws(AccessFailure) -> String? {
    guard let member = value.member(key) else { return nil }
    switch member.content {
    case .null: return nil
    case .scalar(let text, _): return text
    default: throw AccessFailure("\(member.location): \(key) must be a string")
    }
  }

  private func truth(_ value: DocumentValue, _ key: String) throws(AccessFailure) -> Bool {
    switch try text(value, key) {
    case nil, "false": return false
    case "true": return true
    default:
      throw AccessFailure("\(value.member(key)?.location ?? value.location): \(key) must be true or false")
    }
  }

  /// The bytes in `key-data`, else the file that `key` names.
  private func secret(_ value: DocumentValue, _ key: String) throws(AccessFailure) -> SecretSource? {
    if let data = try text(value, "\(key)-data"), !data.isEmpty {
      guard let bytes = Base64.decode(data) else {
        throw AccessFailure(
          "\(value.member("\(key)-data")?.location ?? value.location): \(key)-data is no Base64")
      }
      return .value(bytes)
    }
    return try text(value, key).flatMap { $0.isEmpty ? nil : .file(path($0)) }
  }

  /// A path as the file means it: relative to the file.
  private func path(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = name.lastIndex(of: "/") else { return path }
    return name[...slash] + path
  }
}

extension DocumentValue {
  /// The value of a key; nil where there is none, or where this is no object.
  fileprivate func member(_ key: String) -> DocumentValue? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }
}
