import Wording

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The kind of reader at standard output.
enum Terminal {
  /// Colours and the width of a terminal; plain and unlimited for a file or a pipe.
  static var style: TerminalStyle {
    guard isatty(1) == 1 else { return TerminalStyle() }
    var size = winsize()
    let width = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 80
    let isDumb = getenv("TERM").map { String(cString: $0) } == "dumb"
    return TerminalStyle(colour: getenv("NO_COLOR") == nil && !isDumb, width: width)
  }
}
