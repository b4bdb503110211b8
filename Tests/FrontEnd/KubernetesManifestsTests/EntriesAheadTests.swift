import Diagnostics
import Foundation
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

/// Long lists in kubectl's layout are read by several processors, from guessed places on. Here each is read a second
/// time with a tab before its first entry, where nothing can be guessed: everything must be the same.
@Suite("A long list is read in parts, and nobody can tell", .bounded)
struct EntriesAheadTests {
  private static let padding = String(repeating: "x", count: 9_000)

  private static func pod(_ number: Int, spec: String = "\"nodeName\": \"n1\"") -> String {
    """
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "annotations": {"padding": "\(padding)"},
                    "labels": {"app": "an-application-of-some-length", "number": "\(number)"},
                    "name": "pod-\(number)",
                    "namespace": "shop"
                },
                "spec": {\(spec)},
                "status": {"phase": "Running", "podIP": "10.0.\(number / 250).\(number % 250)"}
            }
    """
  }

  private static func list(_ entries: [String], before: String = "", after: String = "\"kind\": \"List\"")
    -> String
  {
    """
    {
        "apiVersion": "v1",\(before)
        "items": [
    \(entries.joined(separator: ",\n"))
        ],
        \(after)
    }

    """
  }

  private static let pods = (0..<1_000).map { pod($0) }

  private static func replacing(_ number: Int, _ entry: String) -> [String] {
    var entries = pods
    entries[number] = entry
    return entries
  }

  static let cases: [(name: String, text: String)] = [
    ("as kubectl prints it", list(pods)),
    (
      "of a kind that comes first",
      list(pods, before: "\n    \"kind\": \"PodList\",", after: "\"metadata\": {}")
    ),
    ("with a mistake in the first half", list(replacing(100, pod(100, spec: "\"nodeName\": 7")))),
    ("with a mistake in the second half", list(replacing(900, pod(900, spec: "\"nodeName\": 7")))),
    ("with an entry that is none", list(replacing(900, "        7"))),
    (
      "with a policy without its fields",
      list(replacing(900, "        {\"kind\": \"NetworkPolicy\", \"apiVersion\": \"networking.k8s.io/v1\"}"))
    ),
    (
      "with a kind that comes late",
      list(
        replacing(
          900, "        {\"metadata\": {\"name\": \"late\"}, \"kind\": \"Pod\", \"apiVersion\": \"v1\"}"))
    ),
    ("with other kinds", list(replacing(900, "        {\"kind\": \"Service\", \"apiVersion\": \"v1\"}"))),
    ("cut off", String(list(pods).dropLast(2_000_000))),
    ("with text that is no JSON in the first half", list(replacing(100, "        {\"a\": \\}"))),
    ("with text that is no JSON in the second half", list(replacing(900, "        {\"a\": \\}"))),
    ("behind another", list(Array(pods[..<500])) + list(Array(pods[500...]))),
    (
      "of which one entry holds what looks like entries",
      list([pod(0), pod(1, spec: "\"volumes\": [\n" + pods[2...].joined(separator: ",\n") + "\n]")])
    ),
  ]

  /// The rows are numbered: a log with their texts has 120 MB.
  @Test("read in parts and in one go", arguments: cases.indices)
  func parts(row: Int) throws {
    let (name, text) = Self.cases[row]
    let first = try #require(text.range(of: "[\n        {"))
    var apart = text
    apart.replaceSubrange(first, with: "[\n       \t{")
    let (parts, whole) = (Self.read(text), Self.read(apart))
    #expect(parts.diagnostics == whole.diagnostics, "\(name)")
    #expect(parts.contents.pods == whole.contents.pods, "\(name)")
    #expect(parts.contents.policies == whole.contents.policies, "\(name)")
    #expect(parts.networkPolicies == whole.networkPolicies, "\(name)")
    #expect(parts.contents.skipped == whole.contents.skipped, "\(name)")
  }

  private static func read(_ text: String) -> ManifestReading {
    ManifestReader().read([ManifestSource(name: "pods.json", text: text)])
  }
}
