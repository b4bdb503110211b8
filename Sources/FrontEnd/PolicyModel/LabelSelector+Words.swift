extension LabelSelector {
  /// Reads what `kubectl -l` takes: `app=web,tier!=db,env in (a,b),zone notin (c),owner,!legacy`; nil for anything else.
  /// `==` is `=`. Labels of the forms that the API server accepts are not asked for: others match no pod.
  public init?(words text: Substring) {
    var requirements: [Requirement] = []
    for part in Self.parts(of: text) {
      guard let requirement = Requirement(words: part) else { return nil }
      requirements.append(requirement)
    }
    guard !requirements.isEmpty else { return nil }
    self.init(requirements)
  }

  /// The text between commas, but those in brackets.
  private static func parts(of text: Substring) -> [Substring] {
    var parts: [Substring] = []
    var (start, depth) = (text.startIndex, 0)
    for index in text.indices {
      switch text[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case "," where depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    return parts + [text[start...]]
  }
}

extension LabelSelector.Requirement {
  fileprivate init?(words part: Substring) {
    let text = Self.trimmed(part)
    if let open = text.firstIndex(of: "(") {
      guard text.last == ")" else { return nil }
      let head = text[..<open].split(separator: " ")
      let values = text[text.index(after: open)...].dropLast()
        .split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
      let relations: [Substring: LabelSelector.Operator] = ["in": .isIn, "notin": .notIn]
      guard head.count == 2, Self.isKey(head[0]), let relation = relations[head[1]],
        values.allSatisfy(Self.isValue)
      else { return nil }
      self.init(String(head[0]), relation, values.map(String.init))
      return
    }
    if let equals = text.firstIndex(of: "=") {
      var (key, value) = (text[..<equals], text[text.index(after: equals)...])
      let isNot = key.last == "!"
      if isNot { key.removeLast() } else if value.first == "=" { value.removeFirst() }
      (key, value) = (Self.trimmed(key), Self.trimmed(value))
      guard Self.isKey(key), Self.isValue(value) else { return nil }
      self.init(String(key), isNot ? .notIn : .isIn, [String(value)])
      return
    }
    let isNot = text.first == "!"
    let key = Self.trimmed(isNot ? text.dropFirst() : text)
    guard Self.isKey(key) else { return nil }
    self.init(String(key), isNot ? .doesNotExist : .exists)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }

  private static func isValue(_ text: Substring) -> Bool {
    text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  private static func isKey(_ text: Substring) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && isValue($0) }
  }
}
