/// The members of a list and its items, one by one, out of chunks that end anywhere.
///
/// Only what was not yet handed out is kept: one item of a list of any length.
struct ListSplitter {
  /// A piece of a list.
  enum Piece: Equatable {
    /// An entry of `items`.
    case item([UInt8])
    /// The value of `metadata`.
    case metadata([UInt8])
    /// The list is complete.
    case end
  }

  /// Bytes that are no list.
  struct Failure: Error, Equatable {
    /// A clause: what is wrong.
    let message: String
  }

  private enum Place {
    case start, members, items, between, done
  }

  private var buffer: [UInt8] = []
  /// Up to where pieces were handed out.
  private var start = 0
  private var place = Place.start
  /// The value that is incomplete: up to where it was looked at, and how deep that is.
  private var partial: (looked: Int, depth: NestingDepth)?

  /// True where the list is complete.
  var isDone: Bool { place == .done }

  /// Adds a chunk.
  mutating func append(_ chunk: UnsafeRawBufferPointer) {
    if start > 0, start == buffer.count || start > 1 << 20 {
      buffer.removeSubrange(..<start)
      partial?.looked -= start
      start = 0
    }
    buffer.append(contentsOf: chunk)
  }

  /// The next piece; nil until more bytes come.
  ///
  /// - Throws: `Failure` where the bytes are no list.
  mutating func next() throws(Failure) -> Piece? {
    if buffer.count - start > LineSplitter.longest { throw Failure(message: "an item has more than 64 MB") }
    while true {
      switch place {
      case .done: return nil
      case .start:
        guard let byte = peek() else { return nil }
        guard byte == UInt8(ascii: "{") else { throw Failure(message: "this is no list") }
        start += 1
        place = .members
      case .members, .between:
        guard let byte = peek() else { return nil }
        if byte == UInt8(ascii: "}") {
          start += 1
          place = .done
          return .end
        }
        if byte == UInt8(ascii: ",") {
          start += 1
          continue
        }
        guard byte == UInt8(ascii: "\"") else { throw Failure(message: "a member of the list has no name") }
        switch try member() {
        case .waiting: return nil
        case .entered, .passed: continue
        case .metadata(let bytes): return .metadata(bytes)
        }
      case .items:
        guard let byte = peek() else { return nil }
        if byte == UInt8(ascii: ",") {
          start += 1
        } else if byte == UInt8(ascii: "]") {
          start += 1
          place = .between
        } else {
          guard let range = try value(from: start) else { return nil }
          defer { start = range.upperBound }
          return .item(Array(buffer[range]))
        }
      }
    }
  }

  private enum Member {
    case waiting, entered, passed
    case metadata([UInt8])
  }

  /// Reads a member's name, and its value unless that is the list of items.
  private mutating func member() throws(Failure) -> Member {
    let found = buffer.withUnsafeBufferPointer { bytes -> (isItems: Bool, isMetadata: Bool, value: Int)? in
      var walk = JSONWalk(bytes, from: start)
      guard let key = walk.string(), walk.take(":"), walk.peek() != nil else { return nil }
      return (walk.matches(key, "items"), walk.matches(key, "metadata"), walk.offset)
    }
    guard let found else { return .waiting }
    if found.isItems, buffer[found.value] == UInt8(ascii: "[") {
      start = found.value + 1
      place = .items
      return .entered
    }
    guard let range = try value(from: found.value) else { return .waiting }
    start = range.upperBound
    return found.isMetadata ? .metadata(Array(buffer[range])) : .passed
  }

  /// Where a value stands; nil where its end is not there yet.
  private mutating func value(from offset: Int) throws(Failure) -> Range<Int>? {
    switch buffer[offset] {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var (looked, depth) = partial ?? (offset, NestingDepth())
      partial = nil
      let end = buffer.withUnsafeBufferPointer { depth.end(in: $0, from: looked) }
      guard let end else {
        looked = buffer.count
        partial = (looked, depth)
        return nil
      }
      return offset..<end
    default:
      let range = buffer.withUnsafeBufferPointer { bytes in
        var walk = JSONWalk(bytes, from: offset)
        return walk.value()
      }
      if let range, range.upperBound < buffer.count { return range }
      // A number ends with what follows it.
      if range == nil, buffer[offset] != UInt8(ascii: "\"") {
        throw Failure(message: "a value is missing in the list")
      }
      return nil
    }
  }

  private mutating func peek() -> UInt8? {
    while start < buffer.count {
      switch buffer[start] {
      case 0x20, 0x0a, 0x0d, 0x09: start += 1
      default: return buffer[start]
      }
    }
    return nil
  }
}
