import ArgumentParser
import Glibc
import JSONText
import Logging
import Wording

/// The form of log lines.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// Writes a line an entry to standard error.
struct LineLogHandler: LogHandler {
  let format: LogFormat
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  init(format: LogFormat) { self.format = format }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let line = line(event.level, "\(event.message)", metadata.merging(event.metadata ?? [:]) { $1 })
    LogOutput.write(line) { lost in
      self.line(.warning, "nobody read the log for a while", ["lost": "\(lost) lines"])
    }
  }

  private func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
    let all = metadata.sorted { $0.key < $1.key }
    var line: String
    switch format {
    case .text:
      line = "\(Self.time) \(level) \(message)"
      for (key, value) in all { line += " \(key)=\(ForeignText("\(value)").quoted)" }
    case .json:
      var writer = JSONWriter()
      writer.object { writer in
        for (key, value) in [
          ("time", Self.time), ("level", "\(level)"), ("message", message),
        ] {
          writer.key(key)
          writer.string(value)
        }
        for (key, value) in all {
          writer.key(key)
          writer.string("\(value)")
        }
      }
      line = writer.text.split(separator: "\n").joined()
    }
    return line + "\n"
  }

  /// The time in UTC, as RFC 3339 has it.
  private static var time: String {
    var now = time_t()
    Glibc.time(&now)
    var parts = tm()
    gmtime_r(&now, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return
      "\(1900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}
