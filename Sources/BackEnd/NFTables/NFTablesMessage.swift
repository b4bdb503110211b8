/// One message of libnftables about a script.
public struct NFTablesMessage: Sendable, Hashable, CustomStringConvertible {
  /// The severity of a message.
  public enum Severity: String, Sendable, Hashable {
    /// The transaction was refused.
    case error
    /// The transaction went on.
    case warning
  }

  /// A place in the script: a line and its columns, counted from 1 in bytes.
  public struct Place: Sendable, Hashable {
    /// The line, from 1.
    public let line: Int
    /// The first and the last column, from 1.
    public let columns: ClosedRange<Int>

    /// Creates a place in a script.
    public init(line: Int, columns: ClosedRange<Int>) {
      self.line = line
      self.columns = columns
    }
  }

  /// True where the transaction was refused for it.
  public let severity: Severity
  /// The message in libnftables' own words: `Could not process rule: No such file or directory`.
  public let text: String
  /// Where in the script, if libnftables says so.
  public let place: Place?

  /// Creates a message.
  public init(_ severity: Severity, _ text: String, at place: Place? = nil) {
    self.severity = severity
    self.text = text
    self.place = place
  }

  /// `line:column: error: text`.
  public var description: String {
    let prefix = place.map { "\($0.line):\($0.columns.lowerBound): " } ?? ""
    return "\(prefix)\(severity.rawValue): \(text)"
  }

  /// The messages in what libnftables wrote while it read the file `path`. Quoted source lines and carets are
  /// left out: who has the script can draw better ones.
  package static func parse(_ output: String, path: String) -> [NFTablesMessage] {
    var messages: [NFTablesMessage] = []
    for line in output.split(separator: "\n") {
      if let message = located(line, path: path) ?? unlocated(line) { messages.append(message) }
    }
    return messages
  }

  /// Reads `path:line:first-last: Error: text`.
  private static func located(_ line: Substring, path: String) -> NFTablesMessage? {
    guard line.hasPrefix(path) else { return nil }
    let parts = line.dropFirst(path.count).split(
      separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].isEmpty, let row = Int(parts[1]) else { return nil }
    let bounds = parts[2].split(separator: "-")
    guard bounds.count == 2, let first = Int(bounds[0]), let last = Int(bounds[1]), first <= last else {
      return nil
    }
    // Line 0 is what libnftables says of objects that it made itself.
    let place = row > 0 ? Place(line: row, columns: first...last) : nil
    return titled(parts[3].drop { $0 == " " }, at: place)
  }

  /// Reads messages without a place of the script: `netlink: Error: …`, `internal:0:0-0: Error: …`, and the
  /// bare line that libnftables writes for users without permission.
  private static func unlocated(_ line: Substring) -> NFTablesMessage? {
    if line.hasSuffix("(you must be root)") { return NFTablesMessage(.error, String(line)) }
    for origin in ["", "netlink: ", "internal:0:0-0: "] where line.hasPrefix(origin) {
      if let message = titled(line.dropFirst(origin.count), at: nil) { return message }
    }
    return nil
  }

  private static func titled(_ text: Substring, at place: Place?) -> NFTablesMessage? {
    for (title, severity) in [("Error: ", Severity.error), ("Warning: ", .warning)]
    where text.hasPrefix(title) {
      return NFTablesMessage(severity, String(text.dropFirst(title.count)), at: place)
    }
    return nil
  }
}
