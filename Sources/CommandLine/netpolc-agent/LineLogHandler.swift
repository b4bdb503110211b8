import ArgumentParser
import Glibc
import JSONText
import Logging

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
    let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    var line: String
    switch format {
    case .text:
      line = "\(Self.time) \(event.level) \(event.message)"
      for (key, value) in all { line += " \(key)=\"\(Self.harmless("\(value)"))\"" }
    case .json:
      var writer = JSONWriter()
      writer.object { writer in
        for (key, value) in [
          ("time", Self.time), ("level", "\(event.level)"), ("message", "\(event.message)"),
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
    line += "\n"
    _ = line.withUTF8 { write(2, $0.baseAddress, $0.count) }
  }

  private static func harmless(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\"" || ($0.asciiValue ?? 32) < 32 ? " " : $0 })
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
