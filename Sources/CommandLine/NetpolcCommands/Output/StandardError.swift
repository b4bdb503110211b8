import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Everything for people goes here; standard output is for rulesets and reports.
struct StandardError {
  /// True where standard error gets colours.
  static var hasColour: Bool { Terminal.hasColour(2) }

  /// True where a terminal reads standard error.
  static var isTerminal: Bool { isatty(2) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb" }

  /// Writes a text as it is.
  static func write(_ text: String) { StandardOutput.write(text, descriptor: 2) }

  /// Writes findings, in reading order.
  static func report(_ diagnostics: [Diagnostic]) {
    write(
      DiagnosticRenderer(colour: hasColour).render(
        Terminal.isQuiet ? diagnostics.filter { $0.severity == .error } : diagnostics))
  }
}

/// Standard output, and how to write to any descriptor in full.
struct StandardOutput {
  /// Writes a report, unless only errors are wanted; false, with `errno` set, where that fails.
  static func report(_ text: String) -> Bool { Terminal.isQuiet ? true : write(text) }

  /// True where a text could not be written to standard output, which was told. A reader that went away is no failure.
  nonisolated(unsafe) private(set) static var hasFailed = false

  /// Writes a text to standard output in full; false, with `errno` set, where that fails. The failure is told.
  @discardableResult
  static func write(_ text: String) -> Bool {
    if write(text, descriptor: 1) { return true }
    let code = errno
    if code != EPIPE, !hasFailed {
      hasFailed = true
      StandardError.write(
        "netpolc: error: standard output: cannot write: \(String(cString: strerror(code)))\n")
    }
    errno = code
    return false
  }

  /// Writes a text in full; false, with `errno` set, where that fails.
  @discardableResult
  static func write(_ text: String, descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, !rest.isEmpty {
        #if canImport(Glibc)
          let written = Glibc.write(descriptor, base, rest.count)
        #else
          let written = Darwin.write(descriptor, base, rest.count)
        #endif
        if written < 0 {
          if errno == EINTR { continue }
          return false
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
      return true
    }
  }
}
