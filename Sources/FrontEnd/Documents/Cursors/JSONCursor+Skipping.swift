import JSONText

extension JSONCursor {
  /// Moves over the rest of the object or array whose start was the last event, and checks it all the same.
  ///
  /// - Throws: where the source stops being JSON.
  public mutating func skipContainer() throws(SyntaxFault) {
    let outside = depth - 1
    while depth > outside {
      if !skipMembers(outside) { _ = try next() }
    }
  }

  /// Moves over tokens of the window without an event for each, as long as they are right and stand outside of the last
  /// container; false where `next` must look at the next one: at the window's end, at escapes, and at what is wrong.
  private mutating func skipMembers(_ outside: Int) -> Bool {
    guard let tokens = self.tokens else { return false }
    let (bytes, open, shift) = (self.bytes, self.open, windowStart)
    // The tokens of a member, and the one behind it.
    let last = tokenCount - 5
    var (index, depth) = (tokenIndex, self.depth)
    var expectation = self.expectation
    defer { (tokenIndex, self.depth, self.expectation) = (index, depth, expectation) }
    while index <= last {
      var at = shift + Int(tokens[index])
      var place = index
      var needsKey = false
      switch (expectation, bytes[at]) {
      case (.commaOrEnd, UInt8(ascii: "}")) where open[depth], (.firstKey, UInt8(ascii: "}")),
        (.commaOrEnd, UInt8(ascii: "]")) where !open[depth], (.firstElement, UInt8(ascii: "]")):
        position = at
        depth -= 1
        expectation = depth == 0 ? .document : .commaOrEnd
        index += 1
        if depth == outside { return true }
        continue
      case (.commaOrEnd, UInt8(ascii: ",")):
        place += 1
        at = shift + Int(tokens[place])
        needsKey = open[depth]
      case (.firstKey, _): needsKey = true
      case (.firstElement, _), (.value, _): break
      default: return false
      }
      if needsKey {
        let colon = shift + Int(tokens[place + 1])
        guard isPlainString(at, before: colon), bytes[colon] == UInt8(ascii: ":") else { return false }
        place += 2
        at = shift + Int(tokens[place])
      }
      switch bytes[at] {
      case UInt8(ascii: "\""):
        guard isPlainString(at, before: shift + Int(tokens[place + 1])) else { return false }
        expectation = .commaOrEnd
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < deepestNesting else { return false }
        depth += 1
        open[depth] = bytes[at] == UInt8(ascii: "{")
        expectation = open[depth] ? .firstKey : .firstElement
      default:
        var end = shift + Int(tokens[place + 1])
        while JSONTokens.isSpace(bytes[end - 1]) { end -= 1 }
        guard JSONTokens.isAtom(UnsafeBufferPointer(start: bytes + at, count: end - at)) else { return false }
        expectation = .commaOrEnd
      }
      index = place + 1
    }
    return false
  }

  /// True where a string without escapes begins at an offset and ends before the next token.
  @inline(__always)
  private mutating func isPlainString(_ at: Int, before next: Int) -> Bool {
    guard bytes[at] == UInt8(ascii: "\"") else { return false }
    var end = next
    while JSONTokens.isSpace(bytes[end - 1]) { end -= 1 }
    return end - at >= 2 && bytes[end - 1] == UInt8(ascii: "\"") && !hasBackslash(at + 1, end - 1)
  }
}
