#if canImport(Glibc)
  import Glibc
#endif

/// Lines out of chunks that end anywhere: a watch sends one event a line.
struct LineSplitter {
  /// A line longer than this is no event: an object in etcd has 1.5 MB at most, by default.
  static let longest = 64 << 20

  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// Up to where there is no end of line.
  private var looked = 0

  /// True where bytes of a line without its end wait.
  var hasPart: Bool { start < buffer.count }

  /// Adds a chunk.
  mutating func append(_ chunk: UnsafeRawBufferPointer) {
    if start > 0, start == buffer.count || start > 1 << 20 {
      buffer.removeSubrange(..<start)
      looked -= start
      start = 0
    }
    buffer.append(contentsOf: chunk)
  }

  /// The next line without its end; nil until more bytes come. Empty lines are left out. A line that is kept while more is added
  /// costs a copy of all that waits.
  mutating func next() -> ArraySlice<UInt8>? {
    while looked < buffer.count {
      let from = looked
      let end = buffer.withUnsafeBytes { bytes -> Int? in
        guard let base = bytes.baseAddress,
          let found = memchr(base + from, Int32(UInt8(ascii: "\n")), bytes.count - from)
        else { return nil }
        return UnsafeRawPointer(found) - base
      }
      guard let end else {
        looked = buffer.count
        return nil
      }
      let line = start..<end
      start = end + 1
      looked = start
      if !line.isEmpty { return buffer[line] }
    }
    return nil
  }

  /// True where the line that waits is longer than any event.
  var isTooLong: Bool { buffer.count - start > Self.longest }
}
