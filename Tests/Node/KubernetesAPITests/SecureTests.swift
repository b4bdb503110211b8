import KubernetesAPI
import ScriptedServer
import TestSupport
import Testing

@Suite("TLS: authorities, clients' certificates, rotation", .bounded, .onOwnThread)
struct SecureTests {
  private static func text(_ name: String) throws -> String {
    try Fixtures.text("kubernetes-api/certificates/\(name)")
  }

  static func identity(_ name: String, clients: Bool = false) throws -> ScriptedServer.Identity {
    .init(
      certificate: try text("\(name)-server.crt"), key: try text("\(name)-server.key"),
      clientAuthority: clients ? try text("\(name)-ca.crt") : nil)
  }

  private static func run(
    _ identity: ScriptedServer.Identity, _ change: (inout ClusterAccess) throws -> Void,
    until isDone: @escaping @Sendable (Follower, ScriptedServer, SimulatedCluster) async -> Bool
  ) async throws -> Follower {
    let cluster = SimulatedCluster()
    ConversationTests.fill(cluster, 3)
    let server = try await ScriptedServer.start(identity: identity) { try await cluster.answer($0, $1) }
    var access = ClusterAccess(server: server.address)
    try change(&access)
    let client = APIClient(access, timing: .short)
    let follower = await Follower.follow(.pods, client) { await isDone($0, server, cluster) }
    await client.shutdown()
    await server.shutdown()
    return follower
  }

  @Test("an authority that signed the server's certificate")
  func trusted() async throws {
    let follower = try await Self.run(
      Self.identity("one"),
      { $0.trust = .authorities(.file(Fixtures.path("kubernetes-api/certificates/one-ca.crt"))) }
    ) { follower, _, _ in follower.ended == 1 || !follower.failures.isEmpty }
    #expect(follower.failures == [])
    #expect(follower.objects.count == 3)
  }

  @Test("another authority is refused, in words")
  func wrongAuthority() async throws {
    let follower = try await Self.run(
      Self.identity("one"), { $0.trust = .authorities(.value(Array(try Self.text("two-ca.crt").utf8))) }
    ) { follower, _, _ in follower.ended == 1 || follower.failures.count == 2 }
    #expect(follower.ended == 0)
    #expect(
      follower.failures.first.map { "\($0)" }
        == "the connection to the API server is not trusted: no certificate authority that is trusted has signed the server's certificate"
    )
  }

  @Test("no authority at all is only without verification enough")
  func unverified() async throws {
    let follower = try await Self.run(Self.identity("one"), { $0.trust = .nothing }) { follower, _, _ in
      follower.ended == 1 || !follower.failures.isEmpty
    }
    #expect(follower.ended == 1)
  }

  @Test("a server name of its own")
  func serverName() async throws {
    let follower = try await Self.run(
      Self.identity("one"),
      {
        $0.trust = .authorities(.value(Array(try Self.text("one-ca.crt").utf8)))
        $0.serverName = "kubernetes.default.svc"
      }
    ) { follower, _, _ in follower.ended == 1 || !follower.failures.isEmpty }
    #expect(follower.ended == 1, "\(follower.failures)")
  }

  @Test("a server that wants a client's certificate", arguments: ["one", "two", ""])
  func clientCertificate(name: String) async throws {
    let follower = try await Self.run(
      Self.identity("one", clients: true),
      {
        $0.trust = .authorities(.value(Array(try Self.text("one-ca.crt").utf8)))
        if !name.isEmpty {
          $0.identity = .init(
            certificates: .value(Array(try Self.text("\(name)-client.crt").utf8)),
            key: .value(Array(try Self.text("\(name)-client.key").utf8)))
        }
      }
    ) { follower, _, _ in follower.ended == 1 || !follower.failures.isEmpty }
    #expect((follower.ended == 1) == (name == "one"), "\(follower.failures)")
  }

  @Test("an authority that is exchanged on disk together with the server's certificate")
  func rotation() async throws {
    let file = try TemporaryFile(Self.text("one-ca.crt"))
    let (second, authority) = (try Self.identity("two"), try Self.text("two-ca.crt"))
    let follower = try await Self.run(
      Self.identity("one"), { $0.trust = .authorities(.file(file.path)) }
    ) { follower, server, cluster in
      if follower.ended == 1, follower.failures.isEmpty {
        server.exchange(identity: second)
        await server.closeConnections()
      }
      if follower.failures.last.map({ "\($0)".contains("not trusted") }) == true {
        try? file.write(authority)
        cluster.put(.init(namespace: "a", name: "later"), in: ConversationTests.pods)
      }
      return follower.objects["a/later"] != nil
    }
    #expect(follower.ended == 1)
    #expect(follower.objects.count == 4)
  }

  @Test(
    "a client's certificate that is exchanged on disk, after the server took another authority for clients")
  func clientRotation() async throws {
    let certificate = try TemporaryFile(Self.text("one-client.crt"))
    let key = try TemporaryFile(Self.text("one-client.key"))
    var second = try Self.identity("one", clients: true)
    second.clientAuthority = try Self.text("two-ca.crt")
    let (next, new) = (
      second, (certificate: try Self.text("two-client.crt"), key: try Self.text("two-client.key"))
    )
    let follower = try await Self.run(
      Self.identity("one", clients: true),
      {
        $0.trust = .authorities(.value(Array(try Self.text("one-ca.crt").utf8)))
        $0.identity = .init(certificates: .file(certificate.path), key: .file(key.path))
      }
    ) { follower, server, cluster in
      if follower.ended == 1, follower.failures.isEmpty {
        server.exchange(identity: next)
        await server.closeConnections()
      }
      // The first failure is the connection's end; those after it are refusals of the former certificate.
      if follower.failures.count == 3, follower.objects["a/later"] == nil {
        try? certificate.write(new.certificate)
        try? key.write(new.key)
        cluster.put(.init(namespace: "a", name: "later"), in: ConversationTests.pods)
      }
      return follower.objects["a/later"] != nil
    }
    #expect(follower.lists == [.start])
    #expect(follower.objects.count == 4)
  }
}
