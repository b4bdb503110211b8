#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension JSONCursor {
  /// Shorter lists are read before a second processor has begun.
  private static let worthwhile = 1 << 22
  /// The distance behind an even share within which an entry is searched, in bytes.
  private static let search = 1 << 24

  /// Where entries seem to begin that part the rest of the list evenly among the processors: on a line of their own,
  /// as far in as the current one.
  public func guessedEntries() -> [Int] {
    let rest = map.count - position
    guard rest >= Self.worthwhile else { return [] }
    // The system reads a file for it: not to be asked for each object of a stream.
    let processors = min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 8)
    guard processors > 1 else { return [] }
    var lineStart = position
    while lineStart > 0, map.start[lineStart - 1] == UInt8(ascii: " ") { lineStart -= 1 }
    guard lineStart > 0, map.start[lineStart - 1] == UInt8(ascii: "\n"),
      map.start[position] == UInt8(ascii: "{")
    else { return [] }
    let layout = UnsafeBufferPointer(start: map.start + lineStart, count: position + 1 - lineStart)
    var starts: [Int] = []
    for part in 1..<processors {
      let from = max(position + rest / processors * part, starts.last ?? position)
      guard let start = lineStarting(with: layout, from: from) else { break }
      starts.append(start + layout.count - 1)
    }
    return starts
  }

  /// The start of the first line behind an offset that begins like this.
  private func lineStarting(with layout: UnsafeBufferPointer<UInt8>, from offset: Int) -> Int? {
    var place = offset
    let end = min(offset + Self.search, map.count)
    while place < end, let newline = memchr(map.start + place, Int32(UInt8(ascii: "\n")), end - place) {
      place = UnsafeRawPointer(newline) - UnsafeRawPointer(map.start) + 1
      let line = UnsafeBufferPointer(start: map.start + place, count: min(layout.count, map.count - place))
      if line.elementsEqual(layout) { return place }
    }
    return nil
  }
}
