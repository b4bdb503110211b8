import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

/// kubectl takes the last of two, other readers the first, and a reviewer sees whichever comes to their eyes.
@Suite("Keys written twice in an inventory are errors where they matter", .bounded)
struct TwiceTests {
  /// Objects with a key written twice at the mark, and the field that the error names.
  static let cases: [(json: String, field: String)] = [
    (#""kind": "Pod", "metadata": {"name": "a"}, 1️⃣"metadata": {"name": "b"}"#, "metadata"),
    (#""kind": "Pod", "metadata": {"name": "a", 1️⃣"name": "b"}"#, "metadata.name"),
    (#""kind": "Pod", "metadata": {"name": "a", "namespace": "x", 1️⃣"namespace": "y"}"#, "metadata.namespace"),
    (#""kind": "Pod", "metadata": {"labels": {"a": "b"}, "name": "a", 1️⃣"labels": {}}"#, "metadata.labels"),
    (#""kind": "Pod", "metadata": {"name": "a", "labels": {"a": "1", 1️⃣"a": "2"}}"#, "metadata.labels.a"),
    (
      #""kind": "Pod", "metadata": {"name": "a", "labels": {"b": "1", "a": "1", 1️⃣"b": "1"}}"#,
      "metadata.labels.b"
    ),
    (#""kind": "Pod", "metadata": {"name": "a", "labels": {"a": "1", 1️⃣"\u0061": "2"}}"#, "metadata.labels.a"),
    (
      #""kind": "Pod", "metadata": {"name": "a"}, "status": {"podIP": "10.0.0.1", "phase": "Running", 1️⃣"podIP": "10.0.0.2"}"#,
      "status.podIP"
    ),
    (
      #""kind": "Pod", "metadata": {"name": "a"}, "status": {"podIPs": [{"ip": "10.0.0.1", 1️⃣"ip": "10.0.0.2"}]}"#,
      "status.podIPs[0].ip"
    ),
    (
      #""kind": "Pod", "metadata": {"name": "a"}, "spec": {"hostNetwork": true, 1️⃣"hostNetwork": false}"#,
      "spec.hostNetwork"
    ),
    (
      #""kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{}, {"ports": [{"name": "x", "containerPort": 1, 1️⃣"containerPort": 2}]}]}"#,
      "spec.containers[1].ports[0].containerPort"
    ),
    (
      #""kind": "Node", "metadata": {"name": "n"}, "spec": {"podCIDR": null, 1️⃣"podCIDR": "10.0.0.0/24"}"#,
      "spec.podCIDR"
    ),
    (
      #""kind": "Node", "metadata": {"name": "n"}, "status": {"addresses": [], 1️⃣"addresses": []}"#,
      "status.addresses"
    ),
    (#""kind": "List", "items": [], 1️⃣"items": []"#, "items"),
    (#""items": [], 1️⃣"items": [], "kind": "List""#, "items"),
    (#""metadata": {"name": "a", 1️⃣"name": "b"}, "kind": "Pod""#, "metadata.name"),
  ]

  @Test("in JSON", arguments: cases)
  func json(_ text: String, _ field: String) throws {
    try expectTwice(#"{"apiVersion": "v1", \#(text)}"#, "i.json", field)
  }

  @Test("in YAML", arguments: cases)
  func yaml(_ text: String, _ field: String) throws {
    try expectTwice(#"{"apiVersion": "v1", \#(text)}"#, "i.yaml", field)
    // Lines in YAML's own style, far from the beginning and behind letters of several bytes.
    try expectTwice("# Größe\n---\n{\n  \"apiVersion\": \"v1\",\n  \(text)\n}\n", "i.yaml", field)
  }

  private func expectTwice(_ marked: String, _ name: String, _ field: String) throws {
    let key = field.split(separator: ".").last.map(String.init) ?? ""
    #expect(
      findings(marked, name: name) == ["1️⃣ \(field): the key \"\(key)\" is written twice [duplicate-key]"])
    let input = MarkedText(marked)
    let diagnostics = ManifestReader().read([ManifestSource(name: name, text: input.text)]).diagnostics
    let first = try #require(diagnostics.first?.notes.first)
    #expect(first.message == "first written here")
    let place = try #require(first.location)
    // The first one is the first of its name in the text up to the mark.
    let lines = input.text.split(separator: "\n", omittingEmptySubsequences: false)
    let found = lines[place.line - 1].utf8.dropFirst(place.column - 1)
    #expect(String(found)?.hasPrefix("\"\(key)\"") == true, "\(place)")
    let mark = try #require(input.places.first)
    #expect((place.line, place.column) < (mark.line, mark.column))
  }

  @Test("one key in two objects is no twin, nor is one in what does not matter")
  func others() {
    let pods = (1...3).map { number in
      #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p\#(number)", "labels": {"a": "1"}, "annotations": {"name": "x", "name": "y"}}, "spec": {"containers": [{"image": "a", "image": "b"}], "nodeName": "n"}, "status": {"podIPs": [{"ip": "10.0.0.\#(number)"}, {"ip": "fd00::\#(number)"}]}}"#
    }
    let list = #"{"apiVersion": "v1", "kind": "List", "items": [\#(pods.joined(separator: ","))]}"#
    let skipped = #"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "metadata": {}}"#
    #expect(findings("\(list)\n\(skipped)", name: "i.json") == [])
  }

  @Test("a policy's second kind and version tell the first")
  func types() throws {
    let text = """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: a}
      1️⃣kind: NetworkPolicy
      spec: {podSelector: {}}
      2️⃣apiVersion: networking.k8s.io/v1
      """
    #expect(
      findings(text) == [
        #"1️⃣ kind: the key "kind" is written twice [duplicate-key]"#,
        #"2️⃣ apiVersion: the key "apiVersion" is written twice [duplicate-key]"#,
      ])
    let source = ManifestSource(name: "p.yaml", text: MarkedText(text).text)
    let notes = ManifestReader().read([source]).diagnostics.flatMap(\.notes).map { $0.location?.line }
    #expect(notes == [2, 1])
  }
}
