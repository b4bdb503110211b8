/// A JSON value in memory, for small ones that are looked at from several sides.
public indirect enum JSONValue: Sendable, Hashable {
  /// Keys and values, in the order written.
  case object([Member])
  /// An array: `[…]`.
  case array([JSONValue])
  /// A string: `"…"`.
  case string(String)
  /// A whole number; a fraction is refused when it is read.
  case integer(Int64)
  /// `true` or `false`.
  case bool(Bool)
  /// The literal `null`.
  case null

  /// A key and its value.
  public struct Member: Sendable, Hashable {
    /// The key of the member.
    public let key: String
    /// The value of the member.
    public let value: JSONValue

    /// A key and its value.
    public init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value of the key, if this is an object that has it.
  public subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The string, if this is one.
  public var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  /// The number, if this is a whole one.
  public var integer: Int64? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  /// The items, if this is an array.
  public var array: [JSONValue]? {
    guard case .array(let items) = self else { return nil }
    return items
  }

  /// The only key and its value, if this is an object of one: a tag and what it holds.
  public var tagged: Member? {
    guard case .object(let members) = self, members.count == 1 else { return nil }
    return members.first
  }
}

extension JSONScanner {
  /// A value of any kind.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func value(depth: Int = 0) throws(JSONFailure) -> JSONValue {
    guard depth < Self.depthLimit else { throw failure("nested too deeply") }
    var first = true
    switch try kind() {
    case .object:
      var members: [JSONValue.Member] = []
      try openObject()
      while let key = try nextKey(first: &first) {
        members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
      }
      return .object(members)
    case .array:
      var items: [JSONValue] = []
      try openArray()
      while try nextItem(first: &first) { items.append(try value(depth: depth + 1)) }
      return .array(items)
    case .string: return .string(try string())
    case .number: return .integer(try integer())
    case .bool: return .bool(try bool())
    case .null:
      try null()
      return .null
    }
  }
}
