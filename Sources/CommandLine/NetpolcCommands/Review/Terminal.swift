import Synchronization
import Wording

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The kind of reader at standard output and standard error.
enum Terminal {
  /// The use of colours.
  enum ColourChoice: String, CaseIterable {
    /// Where a terminal reads, unless the environment says otherwise.
    case auto
    case always
    case never
  }

  private static let choice = Mutex(ColourChoice.auto)
  private static let quiet = Mutex(false)
  private static let summary = Mutex(false)

  /// Takes over what the command line says.
  static func use(_ colour: ColourChoice, isQuiet: Bool, isSummary: Bool) {
    choice.withLock { $0 = colour }
    quiet.withLock { $0 = isQuiet }
    summary.withLock { $0 = isSummary }
  }

  /// True where a report as text is its numbers only.
  static var isSummary: Bool { summary.withLock { $0 } }

  /// True where only errors are printed, and the exit status is the answer.
  static var isQuiet: Bool { quiet.withLock { $0 } }

  /// Colours and the width of a terminal; plain and unlimited for a file or a pipe.
  static var style: TerminalStyle {
    let colour = hasColour(1)
    guard isatty(1) == 1 else { return TerminalStyle(colour: colour) }
    var size = winsize()
    let width = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 80
    return TerminalStyle(colour: colour, width: width)
  }

  /// True where a descriptor gets colours: `--color`, else `NO_COLOR` and `FORCE_COLOR`, which count unless they are empty
  /// (and `FORCE_COLOR=0` is none), else where a terminal that knows colours reads.
  static func hasColour(_ descriptor: Int32) -> Bool {
    switch choice.withLock({ $0 }) {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if variable("NO_COLOR") != nil { return false }
    if let forced = variable("FORCE_COLOR") { return forced != "0" }
    return isatty(descriptor) == 1 && variable("TERM") != "dumb"
  }

  private static func variable(_ name: String) -> String? {
    let text = getenv(name).map { String(cString: $0) }
    return text?.isEmpty == true ? nil : text
  }
}
