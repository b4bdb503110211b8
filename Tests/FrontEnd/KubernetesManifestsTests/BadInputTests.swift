import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Bad input: a clear message, no crash, nothing read", .bounded)
struct BadInputTests {
  private func bytes(_ bytes: [UInt8], name: String) -> [String] {
    let read = ManifestReader().read([ManifestSource(name: name, bytes: bytes)])
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(contents.policies.isEmpty)
    return diagnostics.map { "\($0.location?.description ?? "-") \($0.message) [\($0.id)]" }
  }

  @Test(arguments: [
    (#"{"apiVersion": "v1", "kind": "Pod""#, "j.json:1:35 the document ends too early [json-syntax]"),
    (#"{"apiVersion": "v1", "kind": "Po"#, "j.json:1:30 the string does not end [json-syntax]"),
    (#"{"apiVersion": "v1" "kind": 1}"#, "j.json:1:21 expected ',' or '}' [json-syntax]"),
    (#"{"a": [1, 2}"#, "j.json:1:12 expected ',' or ']' [json-syntax]"),
    (#"{"a": "x\q"}"#, "j.json:1:9 not an escape of JSON [json-syntax]"),
    (#"{"a": "\u12g4"}"#, "j.json:1:8 not an escape of JSON [json-syntax]"),
    (#"{"a": 01}"#, "j.json:1:7 expected a value [json-syntax]"),
    (#"{"a": tru}"#, "j.json:1:7 expected a value [json-syntax]"),
    (#"{a: 1}"#, "j.json:1:2 expected a key in double quotes [json-syntax]"),
    (#"{"a" 1}"#, "j.json:1:6 expected ':' [json-syntax]"),
    (#"{"a": 1,}"#, "j.json:1:9 expected a key in double quotes [json-syntax]"),
    ("{\"a\": \"x\ny\"}", "j.json:1:7 the string does not end on its line [json-syntax]"),
    ("{\"a\": \"x\u{01}y\"}", "j.json:1:9 a control character in a string must be escaped [json-syntax]"),
    ("", "j.json:1:1 no objects here [no-objects]"),
    (" \n", "j.json:1:1 no objects here [no-objects]"),
  ])
  func brokenJSON(_ text: String, _ expected: String) {
    #expect(bytes(Array(text.utf8), name: "j.json") == [expected])
  }

  @Test(arguments: [
    ("", "y.yaml:1:1 no objects here [no-objects]"),
    ("# nothing\n---\n---\n", "y.yaml:1:1 no objects here [no-objects]"),
    ("a: [1,\n", "y.yaml:2:1 while parsing a flow node: did not find expected node content [yaml-syntax]"),
    (
      "a:\n\tb: 1\n",
      "y.yaml:2:1 while scanning for the next token: found character that cannot start any token [yaml-syntax]"
    ),
    ("a: \u{01}\n", "y.yaml:1:4 control characters are not allowed [yaml-syntax]"),
    (
      "? [a]\n: b\n", "y.yaml:1:3 a key must be a plain or quoted word, not a list or an object [yaml-syntax]"
    ),
    (
      "just words\n",
      "y.yaml:1:1 a document must be an object with apiVersion and kind, not a string [wrong-type]"
    ),
  ])
  func brokenYAML(_ text: String, _ expected: String) {
    #expect(bytes(Array(text.utf8), name: "y.yaml") == [expected])
  }

  @Test(arguments: ["x.json", "x.yaml", "x"])
  func notUTF8(_ name: String) {
    let text = Array("{\"a\":\n \"".utf8) + [0xc3, 0x28] + Array("\"}".utf8)
    #expect(bytes(text, name: name) == ["\(name):2:3 the text is not UTF-8 [invalid-utf8]"])
  }

  @Test func binary() {
    let noise = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    for name in ["b", "b.yaml", "b.json"] { #expect(bytes(noise, name: name).count == 1) }
    for name in ["u", "u.yaml", "u.json"] {
      for mark in [[0xff, 0xfe, 0x61, 0x00], [0xfe, 0xff, 0x00, 0x61]] as [[UInt8]] {
        #expect(
          bytes(mark, name: name) == [
            "\(name):1:1 the text is UTF-16, not UTF-8: save it as UTF-8 [invalid-utf8]"
          ])
      }
    }
  }

  @Test(arguments: ["x.json", "x.yaml"])
  func aHundredMegabytesOfNesting(_ name: String) {
    let found = bytes([UInt8](repeating: UInt8(ascii: "["), count: 100_000_000), name: name)
    #expect(found.last?.hasSuffix("nested deeper than 512 levels [nesting-too-deep]") == true)
    let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
    #expect(bytes(objects, name: name).last?.hasSuffix("[nesting-too-deep]") == true)
  }

  @Test func nestingInAPolicy() {
    let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    let (contents, _, diagnostics) = reading(policy("x: \(deep)"))
    #expect(contents.policies.isEmpty)
    #expect(diagnostics.contains { $0.hasSuffix("nested deeper than 64 levels [nesting-too-deep]") })
  }

  @Test func aBombOfAliases() {
    var text = "a0: &a0 [x]\n"
    for level in 1...50 {
      text +=
        "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    let (contents, _, diagnostics) = reading("apiVersion: v1\nkind: ConfigMap\n" + text)
    #expect(diagnostics == [])
    #expect(contents.skipped == ["ConfigMap": 1])
    #expect(reading(policy("podSelector: *a")).contents.policies.isEmpty)
  }

  @Test func lineEndsAndMarks() {
    let text = policy("podSelector: {}\noops: 1")
    #expect(
      reading(text.replacing("\n", with: "\r\n")).diagnostics == [
        #"m.yaml:7:3 spec.oops unknown field "oops" [unknown-field]"#
      ])
    #expect(
      reading("\u{feff}" + text).diagnostics == [
        #"m.yaml:7:3 spec.oops unknown field "oops" [unknown-field]"#
      ])
    #expect(reading("\u{feff}" + policy("podSelector: {}")).contents.policies.count == 1)
    #expect(
      reading("# Größe, 漢字\n" + text).diagnostics == [
        #"m.yaml:8:3 spec.oops unknown field "oops" [unknown-field]"#
      ])
    #expect(
      reading(policy("podSelector: {matchLabels: {ä: b}, oops: 1}")).diagnostics.last
        == #"m.yaml:6:39 spec.podSelector.oops unknown field "oops" [unknown-field]"#)
  }

  @Test func readingGoesOnAfterASyntaxError() {
    let text = "a: [\n---\n" + policy("oops: 1") + "---\nb: ]\n---\n" + policy("ouch: 1")
    #expect(
      reading(text).diagnostics.map { $0.split(separator: " ")[0] } == [
        "m.yaml:2:1", "m.yaml:8:3", "m.yaml:10:4", "m.yaml:17:3",
      ])
  }

  @Test func jsonPositionsAcrossWindows() {
    let filler = (0..<60_000).map { "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"n\": \($0)}\n" }
      .joined()
    let bad =
      #"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": {"oops": 1}}"#
    let (contents, _, diagnostics) = reading(filler + bad, name: "w.json")
    #expect(contents.skipped == ["Secret": 60_000])
    #expect(diagnostics == [#"w.json:60001:101 spec.oops unknown field "oops" [unknown-field]"#])
    let minified = reading(filler.replacing("\n", with: "") + bad, name: "w.json")
    #expect(minified.contents.skipped == ["Secret": 60_000])
    #expect(minified.diagnostics.count == 1)
  }
}
