import Foundation

/// A JSON value as Foundation reads it, for tests that look into documents: nothing shared with what wrote them.
public enum ParsedJSON: Decodable, Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([ParsedJSON])
  case object([String: ParsedJSON])

  /// Reads a text.
  public init(parsing text: String) throws {
    self = try JSONDecoder().decode(ParsedJSON.self, from: Data(text.utf8))
  }

  /// Reads what a decoder holds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([ParsedJSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: ParsedJSON].self))
    }
  }

  /// The member of an object; nil for anything else.
  public subscript(key: String) -> ParsedJSON? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[key]
    }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The entry of an array; nil for anything else.
  public subscript(place: Int) -> ParsedJSON? {
    get {
      guard case .array(let entries) = self, entries.indices.contains(place) else { return nil }
      return entries[place]
    }
    set {
      guard case .array(var entries) = self, let newValue else { return }
      entries[place] = newValue
      self = .array(entries)
    }
  }

  fileprivate var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

/// A JSON schema with the keywords that draft 4 and draft 2020-12 share in meaning. `format` is an annotation and says
/// nothing; a keyword that is not known is a complaint, never passed over.
public struct JSONSchema: Sendable {
  private let root: ParsedJSON

  /// The schema of a text.
  public init(_ text: String) throws { root = try ParsedJSON(parsing: text) }

  /// What is wrong with a document, each with its path; nothing for a valid one.
  public func complaints(about document: ParsedJSON) -> [String] { check(document, root, "$") }

  private static let annotations: Set<String> = [
    "$schema", "$defs", "definitions", "id", "$id", "title", "description", "default", "format",
  ]

  private func check(_ value: ParsedJSON, _ schema: ParsedJSON, _ path: String) -> [String] {
    guard case .object(let keywords) = schema else {
      return schema == .bool(true) ? [] : ["\(path): nothing is allowed here"]
    }
    // In draft 4 what stands beside a reference is ignored; neither draft's schemas here say anything beside it.
    if let reference = keywords["$ref"] {
      guard let target = resolve(reference) else { return ["\(path): no schema \(reference)"] }
      return check(value, target, path)
    }
    return keywords.sorted { $0.key < $1.key }.flatMap { keyword, argument in
      Self.annotations.contains(keyword) ? [] : complaints(value, keyword, argument, keywords, path)
    }
  }

  private func resolve(_ reference: ParsedJSON) -> ParsedJSON? {
    guard case .string(let text) = reference, text.hasPrefix("#") else { return nil }
    return text.split(separator: "/").dropFirst().reduce(root as ParsedJSON?) { $0?[String($1)] }
  }

  private func complaints(
    _ value: ParsedJSON, _ keyword: String, _ argument: ParsedJSON, _ beside: [String: ParsedJSON],
    _ path: String
  ) -> [String] {
    func unless(_ holds: Bool, _ words: String) -> [String] { holds ? [] : ["\(path): \(words)"] }
    switch (keyword, argument, value) {
    case ("type", _, _):
      let names: [ParsedJSON] = if case .array(let names) = argument { names } else { [argument] }
      return unless(names.contains { Self.isOf($0, value) }, "is \(value.typeName), not \(argument)")
    case ("enum", .array(let values), _): return unless(values.contains(value), "\(value) is not listed")
    case ("const", _, _): return unless(value == argument, "\(value) is not \(argument)")
    case ("required", .array(let keys), .object(let members)):
      return keys.flatMap { key in
        guard case .string(let key) = key else { return unless(false, "bad schema") }
        return unless(members[key] != nil, "\(key) is missing")
      }
    case ("properties", .object(let schemas), .object(let members)):
      return members.sorted { $0.key < $1.key }.flatMap { key, member in
        schemas[key].map { check(member, $0, "\(path).\(key)") } ?? []
      }
    case ("additionalProperties", _, .object(let members)):
      return members.sorted { $0.key < $1.key }.filter { beside["properties"]?[$0.key] == nil }
        .flatMap { check($0.value, argument, "\(path).\($0.key)") }
    case ("items", _, .array(let entries)):
      return entries.enumerated().flatMap { check($1, argument, "\(path)[\($0)]") }
    case ("minItems", .number(let limit), .array(let entries)):
      return unless(entries.count >= Int(limit), "\(entries.count) entries, fewer than \(limit)")
    case ("maxItems", .number(let limit), .array(let entries)):
      return unless(entries.count <= Int(limit), "\(entries.count) entries, more than \(limit)")
    case ("uniqueItems", .bool(true), .array(let entries)):
      return unless(Set(entries).count == entries.count, "an entry stands twice")
    case ("minimum", .number(let limit), .number(let number)):
      return unless(number >= limit, "\(number) is less than \(limit)")
    case ("maximum", .number(let limit), .number(let number)):
      return unless(number <= limit, "\(number) is more than \(limit)")
    case ("pattern", .string(let pattern), .string(let text)):
      let matches = (try? Regex(pattern)).map { text.contains($0) }
      return unless(matches ?? false, "\(text) does not match \(pattern)")
    case ("anyOf", .array(let schemas), _):
      return unless(schemas.contains { check(value, $0, path).isEmpty }, "fits none of the alternatives")
    case ("oneOf", .array(let schemas), _):
      let fitting = schemas.count { check(value, $0, path).isEmpty }
      return unless(fitting == 1, "fits \(fitting) of the alternatives")
    case ("required", .array, _), ("properties", .object, _), ("additionalProperties", _, _), ("items", _, _),
      ("minItems", .number, _), ("maxItems", .number, _), ("uniqueItems", .bool, _), ("minimum", .number, _),
      ("maximum", .number, _), ("pattern", .string, _):
      return []
    default: return unless(false, "the keyword \(keyword) is not understood")
    }
  }

  private static func isOf(_ type: ParsedJSON, _ value: ParsedJSON) -> Bool {
    if type == .string("integer"), case .number(let number) = value { return number.rounded() == number }
    return type == .string(value.typeName)
  }
}
