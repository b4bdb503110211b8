import Addresses
import ArgumentParser
import BenchmarkReference
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
    let reading = try seconds(ofReading: bodies["/api/v1/pods"])
    var figures = Measured()
    for isSecure in [false, true] {
      let (node, runs, count) = (node, runs, shape.pods)
      figures.append(
        try NetworkNamespace().run {
          Child.run("ip link set lo up")
          let certificate = isSecure ? try Self.certificate(in: directory) : nil
          let server = try StreamServer(bodies, certificate: certificate)
          defer { server.end() }
          let run = try AgentRun(server, directory: directory, programs: (agent, plugin), node: node)
          defer { run.end() }
          var figures = Measured()
          let how = isSecure ? "TLS" : "plain"
          figures.add("sync, \(how)") { try run.measureSync(pods: count, runs: runs, reading: reading) }
          figures.add("events of a peer, \(how)") {
            try run.measureEvents("a peer's event, \(how)", like: peer, from: 0xc612_0000)
          }
          figures.add("events of own pods, \(how)") {
            try run.measureEvents("an own pod's event, \(how)", like: own, from: 0xc612_8000)
          }
          if !isSecure {
            figures.add("quiet events") {
              try run.measureQuietEvents("a peer's event", like: peer, from: 0xc613_0000)
            }
          }
          if isSecure {
            figures.add("stream") { try run.measureStream(peer) }
            figures.add("plugin") { try run.measurePlugin(like: own) }
          }
          return figures
        })
    }
    figures.add("a pod that goes") { try selected() }
    return try figures.result()
  }

  /// The seconds in which simdjson reads the pods of a body, of three times the least.
  private func seconds(ofReading body: ByteBuffer?) throws -> Double {
    let path = "\(try temporaryDirectory())/compact.json"
    // The bodies' objects once more, as a list.
    let list = CompactObjects(list: GeneratedCluster(shape).text(of: "pods", .json)).all
    guard let file = fopen(path, "w"), body != nil else { throw ValidationError("no file of pods") }
    fputs(#"{"kind":"List","items":["#, file)
    for (place, object) in list.enumerated() {
      if place > 0 { fputs(",", file) }
      _ = object.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) }
    }
    fputs("]}", file)
    fclose(file)
    defer { unlink(path) }
    var counts = reference_counts()
    let least = try Gauge.least(of: 3) {
      guard reference_read_pods(path, &counts) else {
        throw ValidationError("the reference cannot read \(path)")
      }
    }
    return least.seconds
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
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout \(directory)/key.pem -out \(directory)/chain.pem 2> /dev/null"
    )
    guard made.status == 0 else { throw ValidationError("openssl makes no certificate") }
    return ("\(directory)/chain.pem", "\(directory)/key.pem")
  }
}
