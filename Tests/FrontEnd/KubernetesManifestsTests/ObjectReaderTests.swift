import Addresses
import Diagnostics
import Foundation
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Objects of an API server, one at a time", .bounded)
struct ObjectReaderTests {
  @Test("items of a typed list need not say their kind")
  func defaults() {
    let reader = ObjectReader()
    let pod = reader.read(
      #"{"metadata": {"name": "a", "namespace": "x", "labels": {"app": "web"}}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]}}"#
        .utf8, apiVersion: "v1", kind: "Pod")
    #expect(pod.diagnostics == [])
    #expect(pod.contents.pods.map(\.displayName) == ["x/a"])
    #expect(pod.contents.pods.first?.addresses.map(\.description) == ["10.0.0.1"])
    let policy = reader.read(
      #"{"metadata": {"name": "p"}, "spec": {"podSelector": {}}}"#.utf8, apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy")
    #expect(policy.diagnostics == [])
    #expect(policy.contents.policies.map(\.id.description) == ["default/p"])
    let namespace = reader.read(#"{"metadata": {"name": "x"}}"#.utf8, apiVersion: "v1", kind: "Namespace")
    #expect(namespace.contents.namespaces.map(\.name) == ["x"])
  }

  @Test("an object's own type counts, wherever it stands")
  func ownType() {
    let reader = ObjectReader()
    let node = reader.read(
      #"{"spec": {"podCIDRs": ["10.1.0.0/24"]}, "metadata": {"name": "n"}, "kind": "Node", "apiVersion": "v1"}"#
        .utf8,
      apiVersion: "v1", kind: "Pod")
    #expect(node.diagnostics == [])
    #expect(node.contents.nodes.map(\.podCIDRs.description) == ["[10.1.0.0/24]"])
    let untyped = reader.read(#"{"metadata": {"name": "n"}}"#.utf8)
    #expect(untyped.diagnostics.map(\.id) == ["missing-kind"])
  }

  @Test("a policy with an error gives none, and says why; the next object is read")
  func errors() {
    let reader = ObjectReader()
    let bad = reader.read(
      #"{"metadata": {"name": "p"}, "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 70000}]}]}}"#
        .utf8,
      name: "NetworkPolicy x/p", apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy")
    #expect(bad.hasErrors)
    #expect(bad.contents.policies.isEmpty)
    #expect(
      bad.diagnostics.map { "\($0.location?.file ?? "") \($0.field) \($0.id)" } == [
        "NetworkPolicy x/p spec.ingress[0].ports[0].port port-range"
      ])
    #expect(!reader.read(#"{"metadata": {"name": "x"}}"#.utf8, apiVersion: "v1", kind: "Namespace").hasErrors)
  }

  @Test(
    "any bytes give a reading",
    arguments: [
      "", " ", "null", "7", "[]", "[{}]", "{", "}", "{}", "{}{}", "\"", "{\"a\"", "{\"a\":", "{\"kind\": 7}",
      "{\"metadata\": null}", "{\"metadata\": []}", "{\"metadata\": {\"name\": null}}", "{\"items\": {}}",
      "{\"items\": null}",
      "{\"status\": {\"podIPs\": null, \"phase\": \"Odd\"}}",
      "{\"status\": {\"podIPs\": [null, 7, {}, {\"ip\": null}]}}",
      "{\"spec\": null, \"metadata\": {\"name\": \"a\", \"labels\": null}}",
      "{\"metadata\": {\"labels\": {\"a\": null}}}",
      "\u{feff}{}", "{\"metadata\": {\"name\": \"\\ud800\"}}",
      "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"code\": 410}",
    ])
  func anything(text: String) {
    let reader = ObjectReader()
    for kind in ["Pod", "Namespace", "Node", "NetworkPolicy", "Status"] {
      let version = kind == "NetworkPolicy" ? "networking.k8s.io/v1" : "v1"
      let reading = reader.read(text.utf8, apiVersion: version, kind: kind)
      #expect(reading.hasErrors || reading.contents.policies.count <= 1)
    }
    #expect(reader.read([0xff, 0xfe, 0x7b], kind: "Pod").hasErrors)
    #expect(reader.read([UInt8](repeating: 0x5b, count: 1 << 20), kind: "Pod").hasErrors)
  }

  @Test("cut and damaged objects end no reader", arguments: 0..<4)
  func damaged(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let object = Array(
      #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop","labels":{"app":"web","k":"\u00e9"}},"spec":{"nodeName":"n","containers":[{"ports":[{"name":"http","containerPort":80}]}]},"status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}}"#
        .utf8)
    let reader = ObjectReader()
    for cut in object.indices { _ = reader.read(object[..<cut]) }
    for _ in 0..<5_000 {
      var bytes = object
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = reader.read(bytes, apiVersion: "v1", kind: "Pod")
    }
    #expect(reader.read(object).contents.pods.count == 1)
  }
}
