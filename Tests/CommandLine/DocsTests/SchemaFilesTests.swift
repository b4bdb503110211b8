import Foundation
import TestSupport
import Testing

@Suite("the JSON schemas explain themselves", .bounded)
struct SchemaFilesTests {
  static let folder = Fixtures.package.appending(path: "docs/schemas")
  static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? [])
    .sorted()

  /// The paths of properties that have no description and refer to no definition.
  private func silent(_ schema: ParsedJSON, _ path: String) -> [String] {
    var found: [String] = []
    if case .object(let properties) = schema["properties"] {
      for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
        if property["description"] == nil, property["$ref"] == nil { found.append("\(path).\(name)") }
        found += silent(property, "\(path).\(name)")
      }
    }
    for key in ["items", "additionalProperties"] {
      if let inner = schema[key] { found += silent(inner, "\(path)[]") }
    }
    for key in ["oneOf", "anyOf"] {
      if case .array(let choices) = schema[key] { found += choices.flatMap { silent($0, path) } }
    }
    if case .object(let definitions) = schema["$defs"] {
      found += definitions.sorted { $0.key < $1.key }.flatMap { silent($0.value, "#\($0.key)") }
    }
    return found
  }

  @Test("each has an id, a title, and a description of every property", arguments: names)
  func described(name: String) throws {
    let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    let schema = try ParsedJSON(parsing: text)
    let short = name.replacing(".schema.json", with: "")
    #expect(schema["$id"] == .string("urn:netpolc:schema:v1:\(short)"))
    #expect(schema["title"] != nil)
    #expect(silent(schema, "") == [])
  }

  @Test("there are some")
  func some() { #expect(Self.names.count >= 7) }
}
