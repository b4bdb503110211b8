import CSimdjson
public import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns byte offsets of one source into lines and columns.
///
/// Offsets are asked for in nearly ascending order, so it counts from the place it was asked for last: a whole
/// file costs one pass, and a file without diagnostics or objects none.
public final class SourceMap {
  /// The source's name.
  public let name: String
  /// The content after a byte order mark.
  public let start: UnsafePointer<UInt8>
  /// The number of bytes in the content.
  public let count: Int
  private let bytes: SourceBytes
  private var knownOffset = 0
  private var knownLine = 1
  private var knownLineStart = 0
  /// The place asked for last, whose names the next one shares.
  private var knownLocation: SourceLocation?
  /// Longer lines are not quoted.
  private static let longestQuoted = 1 << 16
  /// The first comment about a template is looked for in so many bytes.
  private static let headOfTemplates = 1 << 14
  /// Of a longer line so many bytes on either side are.
  private static let window = 200

  /// The places of a source.
  public init(_ source: ManifestSource) {
    name = source.name
    bytes = source.bytes
    let hasMark =
      bytes.count >= 3 && bytes.start[0] == 0xef && bytes.start[1] == 0xbb && bytes.start[2] == 0xbf
    start = bytes.start + (hasMark ? 3 : 0)
    count = bytes.count - (hasMark ? 3 : 0)
  }

  /// The content after a byte order mark.
  public var content: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// The source with its bytes.
  public var source: ManifestSource { ManifestSource(name: name, bytes: bytes) }

  /// The line and column of an offset; beyond the end is the end.
  public func location(_ offset: Int) -> SourceLocation {
    move(to: min(max(offset, 0), count))
    let (column, template) = (knownOffset - knownLineStart + 1, template(at: offset))
    if let earlier = knownLocation, earlier.template == template {
      return SourceLocation(besides: earlier, line: knownLine, column: column)
    }
    let location = SourceLocation(file: name, line: knownLine, column: column, template: template)
    knownLocation = location
    return location
  }

  /// The file that a comment `# Source: FILE`, as Helm writes it before each document, names last before an offset; nil
  /// where there is none. A source whose beginning has no such comment has none at all.
  private func template(at offset: Int) -> String? {
    if templates.isEmpty { return nil }
    var (low, high) = (0, templates.count)
    while low < high {
      let middle = (low + high) / 2
      if templates[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : templates[low - 1].name
  }

  private lazy var templates: [(offset: Int, name: String)] = {
    let mark = Array("# Source: ".utf8)
    var found: [(offset: Int, name: String)] = []
    var lineStart = 0
    while lineStart < count {
      let searched = found.isEmpty ? min(count, Self.headOfTemplates) : count
      guard lineStart < searched else { break }
      let newline = memchr(start + lineStart, Int32(UInt8(ascii: "\n")), searched - lineStart)
      guard newline != nil || searched == count else { break }
      let end = newline.map { UnsafeRawPointer($0) - UnsafeRawPointer(start) } ?? count
      let line = UnsafeBufferPointer(start: start + lineStart, count: end - lineStart)
      if line.starts(with: mark) {
        let name = String(decoding: line.dropFirst(mark.count), as: UTF8.self)
        found.append((lineStart, String(name.reversed().drop { $0.isWhitespace }.reversed())))
      }
      lineStart = end + 1
    }
    return found
  }()

  /// The text of the line that holds an offset, without its end; nil when it is too long to quote.
  public func line(at offset: Int) -> String? {
    move(to: min(max(offset, 0), count))
    let from = knownLineStart
    var end = from
    while end < count, start[end] != UInt8(ascii: "\n") {
      end += 1
      if end - from > Self.longestQuoted { return nil }
    }
    if end > from, start[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: UnsafeBufferPointer(start: start + from, count: end - from), as: UTF8.self)
  }

  /// The text of the line that holds an offset, and the number of its bytes that stand before the text: none, but for a line
  /// that is too long to quote, of which a window around the offset is.
  public func excerpt(at offset: Int) -> (text: String, skipped: Int) {
    if let line = line(at: offset) { return (line, 0) }
    let target = min(max(offset, 0), count)
    var from = max(knownLineStart, target - Self.window)
    // A character is not cut.
    while from > knownLineStart, start[from] & 0xc0 == 0x80 { from -= 1 }
    var end = min(count, target + Self.window)
    while end < count, start[end] & 0xc0 == 0x80 { end += 1 }
    if let newline = (target..<end).first(where: { start[$0] == UInt8(ascii: "\n") }) { end = newline }
    let bytes = UnsafeBufferPointer(start: start + from, count: end - from)
    return (String(decoding: bytes, as: UTF8.self), from - knownLineStart)
  }

  private func move(to offset: Int) {
    let lines =
      offset >= knownOffset ? newlines(knownOffset, offset) : -newlines(offset, knownOffset)
    knownOffset = offset
    guard lines != 0 else { return }
    knownLine += lines
    var lineStart = offset
    while lineStart > 0, start[lineStart - 1] != UInt8(ascii: "\n") { lineStart -= 1 }
    knownLineStart = lineStart
  }

  /// The offset behind the next line feed; the end of the content where there is none.
  func nextLine(after offset: Int) -> Int {
    guard let found = memchr(start + offset, Int32(UInt8(ascii: "\n")), count - offset) else { return count }
    return UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
  }

  private func newlines(_ from: Int, _ to: Int) -> Int { json_count_line_feeds(start + from, to - from) }
}
