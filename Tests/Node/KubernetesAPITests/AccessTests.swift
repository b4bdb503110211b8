import Documents
import KubernetesManifests
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Ways to an API server: kubeconfig files and service accounts", .bounded)
struct AccessTests {
  private func access(_ text: String, context: String? = nil) throws -> ClusterAccess {
    try Kubeconfig(ManifestSource(name: "/etc/kube/config", text: text)).access(context: context)
  }

  private func config(cluster: String = "server: https://10.0.0.1:6443", user: String) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: a
    contexts:
    - name: a
      context: { cluster: c, user: u }
    clusters:
    - name: c
      cluster: { \(cluster) }
    users:
    - name: u
      user: { \(user) }
    """
  }

  @Test("certificates, tokens and names")
  func usable() throws {
    let data = try access(
      config(
        cluster: "server: https://10.0.0.1:6443/, certificate-authority-data: Q0E=, tls-server-name: kube",
        user: "client-certificate-data: Y2VydA==, client-key-data: a2V5"))
    #expect(
      data
        == ClusterAccess(
          server: "https://10.0.0.1:6443", trust: .authorities(.value(Array("CA".utf8))),
          identity: .init(certificates: .value(Array("cert".utf8)), key: .value(Array("key".utf8))),
          serverName: "kube"))
    let files = try access(
      config(
        cluster: "server: https://h, certificate-authority: pki/ca.crt",
        user: "client-certificate: /abs/c.crt, client-key: c.key, tokenFile: token"))
    #expect(files.trust == .authorities(.file("/etc/kube/pki/ca.crt")))
    #expect(files.identity == .init(certificates: .file("/abs/c.crt"), key: .file("/etc/kube/c.key")))
    #expect(files.credential == .token(.file("/etc/kube/token")))
    #expect(try access(config(user: "token: abc")).credential == .token(.value(Array("abc".utf8))))
    #expect(
      try access(config(user: "username: n, password: p")).credential == .basic(user: "n", password: "p"))
    #expect(
      try access(config(cluster: "server: https://h, insecure-skip-tls-verify: true", user: "token: abc"))
        .trust
        == .nothing)
  }

  @Test("what cannot be used is refused with its place and a reason")
  func refused() {
    func message(_ text: String, context: String? = nil) -> String {
      do throws {
        _ = try access(text, context: context)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(config(user: "exec: { command: aws }"))
        == "/etc/kube/config:12:17: the user 'u' runs a program for its credentials, which the agent does not: give it a token or a certificate"
    )
    #expect(message(config(user: "auth-provider: { name: gcp }")).contains("has an auth-provider"))
    #expect(
      message(config(user: "client-key-data: a2V5")).contains("only one of client-certificate and client-key")
    )
    #expect(message(config(user: "token: abc"), context: "b").contains("there is no context 'b'"))
    #expect(
      message(config(cluster: "server: ftp://h", user: "token: a")).contains("no address of http or https"))
    #expect(
      message(config(cluster: "server: https://h, certificate-authority-data: '!'", user: "token: a"))
        .contains("certificate-authority-data is no Base64"))
    #expect(message("").contains("the file is empty"))
    #expect(message("[]").contains("a kubeconfig is an object"))
    #expect(message("current-context: a").contains("there are no contexts"))
    #expect(message("{").contains("/etc/kube/config:1"))
  }

  @Test("anchors and aliases, which kubectl takes too, mean the value again")
  func aliases() throws {
    let text = """
      current-context: &name a
      contexts:
      - name: *name
        context: &context { cluster: c, user: u }
      - { name: b, context: *context }
      clusters:
      - name: c
        cluster: &cluster
          server: &server https://10.0.0.1:6443
          tls-server-name: kube
      - { name: again, cluster: *cluster }
      users: &users
      - { name: u, user: { token: &token abc } }
      former: *users
      """
    let expected = ClusterAccess(
      server: "https://10.0.0.1:6443", credential: .token(.value(Array("abc".utf8))), serverName: "kube")
    #expect(try access(text) == expected)
    #expect(try access(text, context: "b") == expected)
  }

  @Test("aliases that do not end, that name nothing, and that make a file too large are refused")
  func badAliases() {
    func message(_ text: String) -> String {
      do throws {
        _ = try access(text)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message("a: &a [*a]") == #"/etc/kube/config:1:8: no value before has the anchor "a""#)
    #expect(message("a: *b\nb: &b 1") == #"/etc/kube/config:1:4: no value before has the anchor "b""#)
    #expect(message("a: &a 1\n---\nb: *a").contains(#":3:4: no value before has the anchor "a""#))
    #expect(message("a: &a { b: 1 }\nc: { <<: *a }").contains("YAML merge keys are not supported"))
    #expect(message("a: !!str &a 1").contains("YAML tags are not supported"))
    // Each line is nine times the one before.
    let lines = (1...20).map {
      "l\($0): &l\($0) [\(Array(repeating: "*l\($0 - 1)", count: 9).joined(separator: ","))]"
    }
    #expect(
      message((["l0: &l0 x"] + lines).joined(separator: "\n"))
        .contains("aliases stand for more than 10,000 values"))
  }

  @Test("a pod's service account")
  func pod() {
    #expect(ClusterAccess.inCluster([:]) == nil)
    let access = ClusterAccess.inCluster(
      ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"], directory: "/sa")
    #expect(
      access
        == ClusterAccess(
          server: "https://[fd00::1]:443", trust: .authorities(.file("/sa/ca.crt")),
          credential: .token(.file("/sa/token"))))
  }

  @Test("Base64")
  func base64() {
    for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm\n9vYg", "foob")] {
      #expect(Base64.decode(text) == Array(bytes.utf8), "\(text)")
    }
    for bad in ["Z", "Zg=x", "Zm9v!", "Zg==="] { #expect(Base64.decode(bad) == nil, "\(bad)") }
  }
}
