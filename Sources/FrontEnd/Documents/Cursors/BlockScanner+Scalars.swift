extension BlockScanner {
  /// The scalar that begins at a byte, and the byte behind it; nil where libyaml has to read it.
  func scalar(at index: Int) -> (token: Token, after: Int)? {
    switch bytes[index] {
    case UInt8(ascii: "\""): doubleQuoted(index)
    case UInt8(ascii: "'"): singleQuoted(index)
    default: plain(index)
    }
  }

  private func doubleQuoted(_ index: Int) -> (token: Token, after: Int)? {
    var notation = Notation.quoted
    var stop = index + 1
    while stop < end {
      switch bytes[stop] {
      case UInt8(ascii: "\""):
        let token = Token(
          event: .scalar, position: index, notation: notation, start: index + 1, count: stop - index - 1)
        return (token, stop + 1)
      case UInt8(ascii: "\n"): return nil
      case UInt8(ascii: "\\"):
        guard stop + 1 < end, Self.escaped(bytes[stop + 1]) != nil else { return nil }
        notation = .escaped
        stop += 2
      default: stop += 1
      }
    }
    return nil
  }

  private func singleQuoted(_ index: Int) -> (token: Token, after: Int)? {
    var notation = Notation.quoted
    var stop = index + 1
    while stop < end, bytes[stop] != UInt8(ascii: "\n") {
      guard bytes[stop] == UInt8(ascii: "'") else {
        stop += 1
        continue
      }
      guard stop + 1 < end, bytes[stop + 1] == UInt8(ascii: "'") else {
        let token = Token(
          event: .scalar, position: index, notation: notation, start: index + 1, count: stop - index - 1)
        return (token, stop + 1)
      }
      notation = .doubled
      stop += 2
    }
    return nil
  }

  /// Words up to a colon before a blank, a comment or the end of the line.
  private func plain(_ index: Int) -> (token: Token, after: Int)? {
    guard beginsPlain(index) else { return nil }
    var stop = index
    while stop < end {
      let byte = bytes[stop]
      if byte > UInt8(ascii: ":") {
        stop += 1
        continue
      }
      if byte == UInt8(ascii: "\n") { break }
      if byte == UInt8(ascii: ":"), isBlank(stop + 1) { break }
      if byte == UInt8(ascii: "#"), bytes[stop - 1] == UInt8(ascii: " ") { break }
      stop += 1
    }
    var last = stop
    while bytes[last - 1] == UInt8(ascii: " ") { last -= 1 }
    // The comment's sign counts as one only behind a blank, so what is behind the scalar begins at the blank.
    let after = stop < end && bytes[stop] == UInt8(ascii: ":") ? stop : last
    let token = Token(event: .scalar, position: index, notation: .plain, start: index, count: last - index)
    return (token, after)
  }

  private func beginsPlain(_ index: Int) -> Bool {
    switch bytes[index] {
    case UInt8(ascii: "-"): !isBlank(index + 1)
    case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"),
      UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""),
      UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
      false
    default: true
    }
  }

  /// A text of whole lines behind `|` or `|-`, which are indented deeper than the container.
  mutating func scanLiteral(_ index: Int) -> Bool {
    guard let outer = containers.last, outer.awaitsValue else { return false }
    var header = index + 1
    let isStripped = header < end && bytes[header] == UInt8(ascii: "-")
    if isStripped { header += 1 }
    while header < end, bytes[header] == UInt8(ascii: " ") { header += 1 }
    guard header < end, bytes[header] == UInt8(ascii: "\n") else { return false }
    let start = header + 1
    let indent = spaces(at: start, atMost: end)
    let first = start + indent
    guard indent > outer.indent, first < end, bytes[first] != UInt8(ascii: "\n") else { return false }
    var (line, stop) = (start, start)
    while line < end {
      let content = line + spaces(at: line, atMost: indent)
      guard content < end else {
        line = end
        break
      }
      if bytes[content] != UInt8(ascii: "\n") {
        guard content - line == indent else { break }
        stop = content
        while stop < end, bytes[stop] != UInt8(ascii: "\n") { stop += 1 }
        line = min(stop + 1, end)
      } else {
        line = content + 1
      }
    }
    containers[containers.count - 1].awaitsValue = false
    scanned.append(
      Token(
        event: .scalar, position: index, notation: .literal, start: start, count: stop - start,
        indent: indent,
        keepsLastBreak: !isStripped && stop < end))
    cursor = line
    return true
  }

  private func spaces(at start: Int, atMost limit: Int) -> Int {
    var index = start
    while index < end, index - start < limit, bytes[index] == UInt8(ascii: " ") { index += 1 }
    return index - start
  }
}
