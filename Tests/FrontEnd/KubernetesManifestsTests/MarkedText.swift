import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel

/// Text with marks (`1️⃣`, `2️⃣` …) at the places where findings are expected.
struct MarkedText {
  let text: String
  /// Line and column of each mark, in the order of the text.
  let places: [(mark: String, line: Int, column: Int)]

  static let marks = ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣"]

  init(_ marked: String) {
    var lines: [String] = []
    var places: [(String, Int, Int)] = []
    for (number, line) in marked.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var plain = ""
      for character in line {
        if Self.marks.contains(String(character)) {
          places.append((String(character), number + 1, plain.utf8.count + 1))
        } else {
          plain.append(character)
        }
      }
      lines.append(plain)
    }
    text = lines.joined(separator: "\n")
    self.places = places
  }
}

/// The findings about marked text, each as `mark field: message [id]`; a place without a mark shows as
/// `line:column`.
func findings(_ marked: String, name: String = "p.yaml", inventoryOnly: Bool = false) -> [String] {
  let input = MarkedText(marked)
  let diagnostics = ManifestReader(inventoryOnly: inventoryOnly).read([
    ManifestSource(name: name, text: input.text)
  ]).diagnostics
  return diagnostics.map { diagnostic in
    let place = diagnostic.location.map { location in
      input.places.first { $0.line == location.line && $0.column == location.column }?.mark
        ?? "\(location.line):\(location.column)"
    }
    let field = diagnostic.field.isEmpty ? "" : "\(diagnostic.field): "
    let severity = diagnostic.severity == .error ? "" : "\(diagnostic.severity.rawValue): "
    return "\(place ?? "-") \(severity)\(field)\(diagnostic.message) [\(diagnostic.id)]"
  }
}

/// What text holds, and the findings as text.
func reading(
  _ text: String, name: String = "m.yaml", namespace: String = "default"
) -> (contents: ManifestContents, networkPolicies: [NetworkPolicy], diagnostics: [String]) {
  let read = ManifestReader(defaultNamespace: namespace).read([
    ManifestSource(name: name, text: text)
  ])
  return (
    read.contents, read.networkPolicies,
    read.diagnostics.map { "\($0.location?.description ?? "-") \($0.field) \($0.message) [\($0.id)]" }
  )
}

/// A policy named `p` with the given lines as its `spec`.
func policy(_ spec: String) -> String {
  """
  apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata:
    name: p
  spec:

  """
    + spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n")
    + "\n"
}
