public import Diagnostics
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One input, in memory: a name for people and the bytes.
public struct ManifestSource: Sendable {
  /// The name for messages: a path, `<stdin>`, or `REV:PATH`. A name that ends in `.json` is read as JSON,
  /// one in `.yaml` or `.yml` as YAML; for any other name the content decides.
  public let name: String
  /// The bytes of the source.
  public let bytes: SourceBytes
  /// True where it was found in a directory, so that having no objects is only worth a warning.
  public let isPartOfDirectory: Bool

  /// A source of the given bytes, which are copied.
  public init(name: String, bytes: some Collection<UInt8>) {
    self.init(name: name, bytes: SourceBytes(bytes))
  }

  /// A source of the given text.
  public init(name: String, text: String) {
    self.init(name: name, bytes: SourceBytes(text.utf8))
  }

  /// A source of bytes that are already in place.
  init(name: String, bytes: SourceBytes, isPartOfDirectory: Bool = false) {
    self.name = name
    self.bytes = bytes
    self.isPartOfDirectory = isPartOfDirectory
  }

  /// The whole source as text. Bytes that are no UTF-8 become U+FFFD. O(n).
  public var text: String {
    String(decoding: UnsafeRawBufferPointer(start: bytes.start, count: bytes.count), as: UTF8.self)
  }

  /// The number of bytes.
  public var count: Int { bytes.count }

  /// A line of the source without its end, by number from 1; nil where there is none, or where it is too long to
  /// quote. O(n) in the size of the source.
  public func line(_ number: Int) -> String? { lines([number])[number] }

  /// The lines of places, or of a very long line a window around the place, each with the number of the line's bytes before
  /// the window. O(n) in the size of the source, in one pass.
  public func excerpts(
    _ places: some Sequence<SourceLocation>
  ) -> [SourceLocation: (text: String, skipped: Int)] {
    let map = SourceMap(self)
    var found: [SourceLocation: (text: String, skipped: Int)] = [:]
    var (offset, line) = (0, 1)
    for place in Set(places).sorted(by: { $0.line < $1.line }) {
      while line < place.line, offset < map.count {
        offset = map.nextLine(after: offset)
        line += 1
      }
      guard line == place.line, offset < map.count else { continue }
      found[place] = map.excerpt(at: offset + max(0, place.column - 1))
    }
    return found
  }

  /// The most lines of an entry that are quoted.
  private static let mostLines = 14

  /// The entries that begin at some places, whole: the line of the place, and those behind it that are indented at least as far
  /// as the entry. Of a long one the first lines. O(n) in the size of the source.
  public func entries(_ places: some Sequence<SourceLocation>) -> [SourceLocation: String] {
    let places = Array(places)
    let wanted = places.flatMap { $0.line..<($0.line + Self.mostLines + 1) }
    let lines = self.lines(wanted)
    var found: [SourceLocation: String] = [:]
    for place in places {
      guard let first = lines[place.line] else { continue }
      var entry = [first]
      var next = place.line + 1
      while let line = lines[next] {
        let indent = line.utf8.prefix { $0 == UInt8(ascii: " ") }.count
        // An entry of a flow list, or of a list that is indented less, ends with its line.
        guard indent >= place.column - 1, indent < line.utf8.count, place.column > 1 else { break }
        if entry.count == Self.mostLines {
          entry.append(String(repeating: " ", count: indent) + "…")
          break
        }
        entry.append(line)
        next += 1
      }
      found[place] = entry.joined(separator: "\n")
    }
    return found
  }

  /// Lines of the source likewise, in one pass. O(n) in the size of the source.
  public func lines(_ numbers: some Sequence<Int>) -> [Int: String] {
    let map = SourceMap(self)
    var found: [Int: String] = [:]
    var (offset, line) = (0, 1)
    for number in Set(numbers).sorted() {
      while line < number, offset < map.count {
        offset = map.nextLine(after: offset)
        line += 1
      }
      guard line == number, offset < map.count else { continue }
      found[number] = map.line(at: offset)
    }
    return found
  }
}

/// The bytes of a source: written once, then only read, by any thread.
public final class SourceBytes: @unchecked Sendable {
  /// The first byte.
  public let start: UnsafePointer<UInt8>
  /// The number of bytes.
  let count: Int
  private let storage: UnsafeMutableRawPointer

  /// The bytes as text; what is no UTF-8 is replaced.
  var text: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }

  /// A number that is equal for equal bytes, and for others hardly ever; another one in each run of the program. O(n).
  var digest: Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(start: start, count: count))
    return hasher.finalize()
  }

  /// From this size on huge pages pay.
  private static let large = 1 << 25

  /// A copy of `bytes`.
  init(_ bytes: some Collection<UInt8>) {
    let size = bytes.count
    let storage = UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 64)
    UnsafeMutableRawBufferPointer(start: storage, count: size).copyBytes(from: bytes)
    self.storage = storage
    start = UnsafePointer(storage.assumingMemoryBound(to: UInt8.self))
    count = size
  }

  /// Everything that a descriptor still gives, in one buffer of the right size where the size is known.
  ///
  /// A copy rather than a map: a mapped file that another program truncates kills its reader.
  init?(reading descriptor: Int32, expecting expected: Int) {
    var capacity = max(expected + 1, 1 << 16)
    var storage = UnsafeMutableRawPointer.allocate(
      byteCount: capacity, alignment: capacity < Self.large ? 64 : 1 << 21)
    #if os(Linux)
      // Fewer page faults: half the time of reading a large inventory.
      if capacity >= Self.large { _ = madvise(storage, capacity, MADV_HUGEPAGE) }
    #endif
    var filled = 0
    if expected >= Self.large {
      filled = Self.readParts(of: descriptor, expected, into: storage)
      lseek(descriptor, off_t(filled), SEEK_SET)
    }
    while true {
      if filled == capacity {
        let larger = Self.allocate(capacity * 2)
        larger.copyMemory(from: storage, byteCount: filled)
        storage.deallocate()
        storage = larger
        capacity *= 2
      }
      let got = read(descriptor, storage + filled, min(capacity - filled, 1 << 30))
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        let fault = errno
        storage.deallocate()
        errno = fault
        return nil
      }
      filled += got
    }
    self.storage = storage
    start = UnsafePointer(storage.assumingMemoryBound(to: UInt8.self))
    count = filled
  }

  /// Reads so many bytes of a file on all processors: half of the time goes into new pages.
  ///
  /// - Returns: how many bytes there are from the start without a gap.
  private static func readParts(of descriptor: Int32, _ size: Int, into storage: UnsafeMutableRawPointer)
    -> Int
  {
    let count = (size + large - 1) / large
    let ends = Mutex([Int](repeating: 0, count: count))
    nonisolated(unsafe) let storage = storage
    DispatchQueue.concurrentPerform(iterations: count) { part in
      var filled = part * large
      let end = min(filled + large, size)
      while filled < end {
        let got = pread(descriptor, storage + filled, end - filled, off_t(filled))
        if got < 0, errno == EINTR { continue }
        if got <= 0 { break }
        filled += got
      }
      ends.withLock { $0[part] = filled }
    }
    let filled = ends.withLock { $0 }
    let short = filled.indices.first { filled[$0] < min(($0 + 1) * large, size) }
    return short.map { filled[$0] } ?? size
  }

  /// Room for so many bytes. A large file on pages of the usual size costs a fault for every four kilobytes, which
  /// is a good part of the time that reading takes.
  private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
    #if os(Linux)
      let hugePage = 1 << 21
      if capacity >= 4 * hugePage {
        let storage = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: hugePage)
        madvise(storage, capacity, MADV_HUGEPAGE)
        return storage
      }
    #endif
    return UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
  }

  deinit { storage.deallocate() }
}
