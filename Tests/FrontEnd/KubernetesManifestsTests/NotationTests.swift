import Addresses
import Diagnostics
import Foundation
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

/// The tables of `Fixtures/manifests`: how things can be written, what kubectl makes of them, and what netpolc does.
@Suite("Ways to write: read as kubectl would have it, or refused", .bounded)
struct NotationTests {
  static let notations = NotationRow.table("notations")
  static let documents = NotationRow.table("documents")

  @Test("a value", arguments: notations)
  func value(_ row: NotationRow) throws {
    let found = try #require(Self.read(row))
    #expect(found == row.netpolc)
    if !row.isRefused { #expect(found == row.kubectl, "it is read otherwise than kubectl has it") }
    // In an inventory labels are not validated, and an anchor on a value or a tag on a key is passed over.
    if row.place.hasPrefix("label") {
      let pod = Self.read(row, inInventory: true)
      #expect(pod == found || pod == row.kubectl || found == "invalid-label")
    }
  }

  @Test("a source", arguments: documents)
  func source(_ row: NotationRow) {
    var text = row.text
    for name in ["a", "b"] {
      let lines = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: \(name)}\n"
      let policy = lines + "spec: {podSelector: {}}\n"
      let json =
        #"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "\#(name)"}, "spec": {"podSelector": {}}}"#
      text = text.replacing("{\(name)}", with: policy)
        .replacing("{\(name):json}", with: json)
        .replacing("{\(name):crlf}", with: policy.replacing("\n", with: "\r\n"))
        .replacing("{\(name):cr}", with: policy.replacing("\n", with: "\r"))
        .replacing("{\(name):merge}", with: lines + "spec: {<<: *d}\n")
        .replacing("{\(name):twice}", with: json.replacing(#""spec""#, with: #""spec": {}, "spec""#))
        .replacing(
          "{\(name):indented}", with: policy.split(separator: "\n").map { "  \($0)\n" }.joined())
    }
    let read = ManifestReader().read([
      ManifestSource(name: "x.\(row.place)", text: text)
    ])
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    let ids = diagnostics.map(\.id).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    #expect((ids.isEmpty ? "\(contents.policies.count)" : ids.joined(separator: ", ")) == row.netpolc)
    if !ids.isEmpty { #expect(contents.policies.isEmpty) }
  }

  /// What is read of a row's value, as JSON, or the id of what is wrong.
  private static func read(_ row: NotationRow, inInventory: Bool = false) -> String? {
    func label(_ line: String) -> String {
      let line = line.replacing("\n", with: "\n      ")
      return inInventory
        ? "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    \(line)\n"
        : policy("podSelector:\n  matchLabels:\n    \(line)")
    }
    let json =
      #"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": \#(row.text)}]}]}}"#
    let (text, name): (String, String) =
      switch row.place {
      case "label value": (label("a: \(row.text)"), "x.yaml")
      case "label key": (label("\(row.text): x"), "x.yaml")
      case "port": (policy("podSelector: {}\ningress:\n- ports:\n  - port: \(row.text)"), "x.yaml")
      case "port (JSON)": (json, "x.json")
      case "hostNetwork":
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostNetwork: \(row.text)\n", "x.yaml")
      default: ("", "")
      }
    let read = ManifestReader().read([ManifestSource(name: name, text: text)])
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    if let first = diagnostics.first { return first.id }
    if row.place == "hostNetwork" {
      // Absent means false.
      return contents.pods.first.map {
        row.kubectl == "null" && !$0.hostNetwork ? "null" : "\($0.hostNetwork)"
      }
    }
    if row.place.hasPrefix("port") {
      switch contents.policies.first?.ingress?.first?.ports.entries.first?.ports {
      case .all: return "null"
      case .named(let name): return "\"\(name)\""
      case .range(let range): return range.lower == range.upper ? "\(range.lower)" : nil
      case nil: return nil
      }
    }
    let pairs =
      inInventory
      ? contents.pods.first?.labels.pairs.map { ($0.key, $0.value) }
      : contents.policies.first?.subjects.pods.requirements.map { ($0.key, $0.values.first ?? "") }
    guard let pair = pairs?.first, pairs?.count == 1 else { return nil }
    return "\"\(row.place == "label key" ? pair.0 : pair.1)\""
  }
}
