#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The handling of SIGINT and SIGTERM as long as nothing has been changed.
enum Interruption {
  /// Read by a signal handler, so it is plain memory that is written once and never freed.
  nonisolated(unsafe) private static var message = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

  /// From now on SIGINT and SIGTERM end the program with status 2 and this message.
  static func announce(_ words: String) {
    let bytes = Array("netpolc: interrupted: \(words)\n".utf8)
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = copy.initialize(from: bytes)
    message = UnsafeBufferPointer(copy)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        // Nothing but what POSIX allows in a handler.
        _ = write(2, Interruption.message.baseAddress, Interruption.message.count)
        _exit(2)
      }
    }
  }
}
