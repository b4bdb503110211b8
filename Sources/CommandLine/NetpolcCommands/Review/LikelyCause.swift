import Diagnostics
import Wording

/// Guesses at the one mistake behind many findings.
enum LikelyCause {
  /// The guesses, each a sentence without its period; none for most findings.
  static func of(_ findings: [Diagnostic]) -> [String] {
    let errors = findings.filter { $0.severity == .error }
    var causes: [String] = []
    if errors.contains(where: { $0.id == "policy-in-inventory" }) {
      causes.append(
        "policies are given as --inventory; name them as a PATH, and only pods, namespaces and nodes as --inventory"
      )
    }
    let twice = errors.filter {
      $0.id == "duplicate-key" && ["apiVersion", "kind", "metadata", "spec"].contains($0.field)
    }
    if !twice.isEmpty {
      let file = twice.compactMap(\.location).first.map { " in \($0.file)" } ?? ""
      causes.append("a line '---' between two objects is missing\(file)")
    }
    let wrongFile = errors.contains {
      $0.id == "bad-expectation" && $0.field == "kind" && $0.message.contains("Assertions")
    }
    if wrongFile {
      causes.append("FILE is not the file of expectations, which comes first: netpolc assert FILE PATH...")
    }
    if errors.contains(where: { $0.id == "unreadable" && namesPort($0) }) {
      causes.append(
        "a port stands where a PATH is expected; the order is netpolc explain SOURCE DESTINATION PORT PATH..."
      )
    }
    if errors.contains(where: { ($0.sourceLine ?? "").contains("{{") }) {
      causes.append(
        "this is a template of Helm, which is no manifest before it is rendered: give the output of 'helm template CHART'"
      )
    }
    return causes
  }

  /// True where the path that cannot be read is a port: `80`, `80/TCP`, `TCP/80`.
  private static func namesPort(_ finding: Diagnostic) -> Bool {
    let parts = finding.message.prefix { $0 != ":" }.split(separator: "/")
    guard (1...2).contains(parts.count), let number = parts.compactMap({ UInt16($0) }).first, number > 0
    else {
      return false
    }
    return parts.count == 1 || parts.contains { ["TCP", "UDP", "SCTP"].contains($0.uppercased()) }
  }
}
