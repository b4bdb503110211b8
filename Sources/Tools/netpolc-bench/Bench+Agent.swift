import Addresses
import ArgumentParser
import ClusterGenerator
import Glibc
import LinuxNet
import NFTables
import NIOCore
import PolicyModel

extension Bench {
  /// Measures the node agent as a process: in sync with a cluster, plain and over TLS, single events, a stream of them, and the CNI
  /// plugin.
  func agent() throws -> [Figure] {
    guard let agent = program("netpolc-agent"), let plugin = program("netpolc-cni") else {
      StandardErrorText.write(
        "netpolc-bench: agent: left out, since netpolc-agent or netpolc-cni is not built beside this program\n"
      )
      return []
    }
    guard let peer = try Self.peer(contents, node) else {
      throw ValidationError("no pod is a peer on \(node)")
    }
    let own = contents.pods.first { pod in
      pod.node == node && !pod.hostNetwork && !pod.isFinished
        && contents.policies.contains {
          $0.id.namespace == pod.namespace && $0.subjects.pods.matches(pod.labels)
        }
    }
    guard let own else { throw ValidationError("no pod of \(node) is isolated") }
    let directory = try temporaryDirectory()
    let bodies = served()
    var figures: [Figure] = []
    for isSecure in [false, true] {
      let certificate = isSecure ? try Self.certificate(in: directory) : nil
      let server = try StreamServer("\(directory)/api.sock", bodies: bodies, certificate: certificate)
      defer { server.end() }
      let (node, runs, count) = (node, runs, shape.pods)
      figures += try NetworkNamespace().run {
        let run = try AgentRun(server, directory: directory, programs: (agent, plugin), node: node)
        defer { run.end() }
        var figures = try run.measureSync(pods: count, runs: runs)
        if isSecure {
          figures += try run.measureEvents(peer)
          figures += try run.measureStream(peer)
          figures += try run.measurePlugin(like: own)
        }
        return figures
      }
    }
    return figures
  }

  /// The lists as a server sends them.
  private func served() -> [String: ByteBuffer] {
    let generated = GeneratedCluster(shape)
    var bodies: [String: ByteBuffer] = [:]
    for (file, path, apiVersion, kind) in [
      ("pods", "/api/v1/pods", "v1", "Pod"), ("namespaces", "/api/v1/namespaces", "v1", "Namespace"),
      ("nodes", "/api/v1/nodes", "v1", "Node"),
      (
        "policies", "/apis/networking.k8s.io/v1/networkpolicies", "networking.k8s.io/v1", "NetworkPolicy"
      ),
    ] {
      let objects = CompactObjects(list: generated.text(of: file, .json))
      bodies[path] = StreamServer.body(of: objects.all, apiVersion: apiVersion, kind: kind)
    }
    return bodies
  }

  private static func certificate(in directory: String) throws -> (chain: String, key: String) {
    let made = Child.run(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout \(directory)/key.pem -out \(directory)/chain.pem 2> /dev/null"
    )
    guard made.status == 0 else { throw ValidationError("openssl makes no certificate") }
    return ("\(directory)/chain.pem", "\(directory)/key.pem")
  }
}
