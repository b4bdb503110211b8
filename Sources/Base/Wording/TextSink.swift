/// A place that text is written to, with its own characters of meaning.
public protocol TextSink: Sendable {
  /// A text of the program's own, for this sink.
  static func own(_ text: String) -> String

  /// A foreign text, for this sink: it stands for itself and means nothing else.
  ///
  /// - Parameters:
  ///   - text: the text as it came.
  ///   - atLineStart: whether nothing but space stands before it on its line.
  /// - Returns: what to write.
  static func foreign(_ text: String, atLineStart: Bool) -> String
}

extension TextSink {
  /// The program's own text as it is.
  public static func own(_ text: String) -> String { text }
}

/// Lines of plain text: a terminal, a log, a file.
///
/// CI services read workflow commands from the output of every program: GitHub Actions takes a line that begins with
/// `::` after space, and `##[` anywhere in a line.
public enum PlainSink: TextSink {
  /// The text with hidden characters escaped and without workflow commands.
  public static func foreign(_ text: String, atLineStart: Bool) -> String {
    let text = ForeignText(text).visible
    let isCommand = atLineStart && text.utf8.drop { $0 == UInt8(ascii: " ") }.starts(with: "::".utf8)
    // Nearly every text: reports write tens of thousands of them.
    if !isCommand, !text.utf8.contains(UInt8(ascii: "#")) { return text }
    var hashes = 0
    var isFirst = isCommand
    return text.mappingScalars { scalar in
      defer { hashes = scalar == "#" ? hashes + 1 : 0 }
      if isFirst, scalar == ":" {
        isFirst = false
        return "\\u{3a}"
      }
      return hashes >= 2 && scalar == "[" ? "\\u{5b}" : nil
    }
  }
}

/// The message of a workflow command of GitHub Actions.
public enum GitHubMessageSink: TextSink {
  /// The text with the characters that end a command encoded; a line feed becomes one of the annotation.
  public static func own(_ text: String) -> String {
    text.mappingScalars { scalar in
      switch scalar {
      case "%": "%25"
      case "\r": "%0D"
      case "\n": "%0A"
      default: nil
      }
    }
  }

  /// The text, hidden characters escaped, then encoded.
  public static func foreign(_ text: String, atLineStart: Bool) -> String { own(ForeignText(text).visible) }
}

/// The value of a property of a workflow command of GitHub Actions.
public enum GitHubPropertySink: TextSink {
  /// The text with the characters that end a property or a command encoded.
  public static func own(_ text: String) -> String {
    GitHubMessageSink.own(text).mappingScalars { $0 == ":" ? "%3A" : $0 == "," ? "%2C" : nil }
  }

  /// The text, hidden characters escaped, then encoded.
  public static func foreign(_ text: String, atLineStart: Bool) -> String { own(ForeignText(text).visible) }
}

/// Text of HTML elements and of attributes in quotes.
public enum HTMLSink: TextSink {
  /// The text, hidden characters escaped, without any markup.
  public static func foreign(_ text: String, atLineStart: Bool) -> String {
    ForeignText(text).visible.mappingScalars { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: nil
      }
    }
  }
}
