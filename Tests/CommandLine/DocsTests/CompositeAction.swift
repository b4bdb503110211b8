import Foundation
import Documents
import KubernetesManifests
import TestSupport

/// A composite action of GitHub, as far as its steps are shell scripts: what GitHub's runner makes of it.
struct CompositeAction {
  /// A step that runs a script.
  struct Step {
    let script: String
    /// Variables, whose values may hold expressions: `${{ inputs.policies }}`.
    let environment: [(name: String, value: String)]
    let shell: String
  }

  /// The inputs with their defaults, nil where there is none.
  let inputs: [(name: String, fallback: String?)]
  let steps: [Step]

  /// What is wrong with an action's file.
  struct Fault: Error {
    let description: String
  }

  /// Reads `action.yml` below the package's directory.
  init(_ path: String) throws {
    let text = try String(contentsOf: Fixtures.package.appending(path: path), encoding: .utf8)
    let (documents, diagnostics) = DocumentValue.documents(in: ManifestSource(name: path, text: text))
    guard let document = documents.first, diagnostics.isEmpty else {
      throw Fault(description: "\(diagnostics)")
    }
    inputs = document["inputs"].members.map { ($0.key, $0.value["default"].text) }
    guard document["runs"]["using"].text == "composite" else { throw Fault(description: "not composite") }
    steps = document["runs"]["steps"].entries.map { step in
      Step(
        script: step["run"].text ?? "",
        environment: step["env"].members.map { ($0.key, Optional($0.value).text ?? "") },
        shell: step["shell"].text ?? "")
    }
  }

  /// The text with each expression replaced; one that has no value ends the test.
  static func expand(_ text: String, _ values: [String: String]) throws -> String {
    var unknown: String?
    let expanded = text.replacing(#/\$\{\{ *([a-z._-]+) *\}\}/#) { match in
      let name = String(match.1)
      if values[name] == nil { unknown = name }
      return values[name] ?? ""
    }
    if let unknown { throw Fault(description: "no value for \(unknown)") }
    return expanded
  }
}

extension DocumentValue? {
  /// The members of an object, otherwise none.
  var members: [DocumentValue.Member] {
    if case .object(let members) = self?.content { members } else { [] }
  }

  /// The entries of a list, otherwise none.
  var entries: [DocumentValue] {
    if case .list(let entries) = self?.content { entries } else { [] }
  }

  /// The text of a scalar, otherwise nil.
  var text: String? {
    if case .scalar(let text, _) = self?.content { text } else { nil }
  }

  /// A member of an object.
  subscript(_ key: String) -> DocumentValue? { members.first { $0.key == key }?.value }
}

extension DocumentValue {
  /// A member of an object.
  subscript(_ key: String) -> DocumentValue? { Optional(self)[key] }
}
