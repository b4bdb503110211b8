/// Each function returns false where libyaml has to read instead.
extension BlockScanner {
  /// Scans the next line that says something, or the end of the source, into `scanned`.
  mutating func scanLine() -> Bool {
    while true {
      var index = cursor
      while index < end, bytes[index] == UInt8(ascii: " ") { index += 1 }
      guard index < end else { return finish() }
      switch bytes[index] {
      case UInt8(ascii: "\n"): cursor = index + 1
      case UInt8(ascii: "#"): cursor = lineAfter(index)
      default: return scanContent(index, column: index - cursor)
      }
    }
  }

  private mutating func scanContent(_ first: Int, column: Int) -> Bool {
    if column == 0 {
      if bytes[first] == UInt8(ascii: "%") || isMarker(UInt8(ascii: "."), at: first) { return false }
      if isMarker(UInt8(ascii: "-"), at: first) { return startDocument(first) }
    }
    while let top = containers.last, top.indent > column { close(at: first) }
    var (index, column) = (first, column)
    while bytes[index] == UInt8(ascii: "-"), isBlank(index + 1) {
      guard startEntry(index, column) else { return false }
      guard let value = contentAfter(index + 1) else { return true }
      column += value - index
      index = value
    }
    return scanKeyOrEntry(index, column, isEntry: index > first)
  }

  /// A dash: an entry of the innermost list, or the first one of a list that begins here.
  private mutating func startEntry(_ index: Int, _ column: Int) -> Bool {
    if let top = containers.last, top.indent == column, top.isList {
      if top.awaitsValue { emptyValue() }
    } else {
      let isInColumnOfKey = containers.last?.indent == column
      guard takeValue() else { return false }
      containers.append(Container(isList: true, indent: column, isInColumnOfKey: isInColumnOfKey))
      scanned.append(Token(event: .arrayStart, position: index))
    }
    expectValue(at: index + 1)
    return containers.count < Self.deepest
  }

  /// A key with what stands behind it, or the scalar of an entry.
  private mutating func scanKeyOrEntry(_ index: Int, _ column: Int, isEntry: Bool) -> Bool {
    guard let (scalar, after) = scalar(at: index) else {
      return isEntry && scanValue(index)
    }
    guard after < end, bytes[after] == UInt8(ascii: ":"), isBlank(after + 1) else {
      return isEntry && put(scalar, after)
    }
    guard after - index < Self.longestKey else { return false }
    if let top = containers.last, top.indent == column, top.isInColumnOfKey { close(at: index) }
    if let top = containers.last, top.indent == column {
      guard !top.isList else { return false }
      if top.awaitsValue { emptyValue() }
    } else {
      guard takeValue() else { return false }
      containers.append(Container(isList: false, indent: column))
      scanned.append(Token(event: .objectStart, position: index))
    }
    var key = scalar
    key.event = .key
    scanned.append(key)
    expectValue(at: after + 1)
    guard containers.count < Self.deepest else { return false }
    guard let value = contentAfter(after + 1) else { return true }
    return scanValue(value)
  }

  /// A value on the line of its key or dash.
  private mutating func scanValue(_ index: Int) -> Bool {
    let isFollowed = index + 1 < end
    switch bytes[index] {
    case UInt8(ascii: "{") where isFollowed && bytes[index + 1] == UInt8(ascii: "}"):
      return putEmpty(.objectStart, .objectEnd, at: index)
    case UInt8(ascii: "[") where isFollowed && bytes[index + 1] == UInt8(ascii: "]"):
      return putEmpty(.arrayStart, .arrayEnd, at: index)
    case UInt8(ascii: "|"):
      return scanLiteral(index)
    default:
      guard let (token, after) = scalar(at: index) else { return false }
      return put(token, after)
    }
  }

  private mutating func put(_ token: Token, _ after: Int) -> Bool {
    guard takeValue(), contentAfter(after) == nil else { return false }
    scanned.append(token)
    return true
  }

  private mutating func putEmpty(_ start: Event, _ stop: Event, at index: Int) -> Bool {
    guard takeValue(), contentAfter(index + 2) == nil else { return false }
    scanned.append(Token(event: start, position: index))
    scanned.append(Token(event: stop, position: index + 1))
    return true
  }

  /// A `---` ends what is open; nothing else may stand on its line.
  private mutating func startDocument(_ index: Int) -> Bool {
    endDocument(at: index)
    (isExplicit, hasContent) = (true, false)
    return contentAfter(index + 3) == nil
  }

  private mutating func endDocument(at index: Int) {
    while !containers.isEmpty { close(at: index) }
    if isExplicit, !hasContent { scanned.append(Token(event: .scalar, position: index, notation: .plain)) }
  }

  private mutating func finish() -> Bool {
    endDocument(at: end)
    scanned.append(Token(event: .end, position: end))
    isFinished = true
    return true
  }

  // MARK: Containers

  /// The innermost container gets its value, or the document its root.
  private mutating func takeValue() -> Bool {
    guard let last = containers.indices.last else {
      guard !hasContent else { return false }
      hasContent = true
      return true
    }
    guard containers[last].awaitsValue else { return false }
    containers[last].awaitsValue = false
    return true
  }

  private mutating func expectValue(at mark: Int) {
    containers[containers.count - 1].awaitsValue = true
    containers[containers.count - 1].mark = mark
  }

  private mutating func emptyValue() {
    scanned.append(Token(event: .scalar, position: containers[containers.count - 1].mark, notation: .plain))
    containers[containers.count - 1].awaitsValue = false
  }

  private mutating func close(at index: Int) {
    if containers[containers.count - 1].awaitsValue { emptyValue() }
    let isList = containers.removeLast().isList
    scanned.append(Token(event: isList ? .arrayEnd : .objectEnd, position: index))
  }

  // MARK: Bytes

  /// The place of what follows on the line; nil, and the cursor at the next line, where only blanks and a comment do.
  mutating func contentAfter(_ start: Int) -> Int? {
    var index = start
    while index < end, bytes[index] == UInt8(ascii: " ") { index += 1 }
    guard index < end, bytes[index] != UInt8(ascii: "\n"), bytes[index] != UInt8(ascii: "#") || index == start
    else {
      cursor = lineAfter(index)
      return nil
    }
    return index
  }

  /// True for a space, the end of a line and the end of the source.
  func isBlank(_ index: Int) -> Bool {
    index >= end || bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\n")
  }

  private func isMarker(_ sign: UInt8, at index: Int) -> Bool {
    index + 3 <= end && bytes[index] == sign && bytes[index + 1] == sign && bytes[index + 2] == sign
      && isBlank(index + 3)
  }

  private func lineAfter(_ start: Int) -> Int {
    var index = start
    while index < end, bytes[index] != UInt8(ascii: "\n") { index += 1 }
    return min(index + 1, end)
  }
}
