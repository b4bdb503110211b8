/// A text that is safe at its sink: literals are the program's own, every string that is interpolated is foreign and
/// escaped.
///
/// ```swift
/// let line: PlainText = "skipped \(path)\n"          // a control character in `path` appears as its escape
/// let cell: MarkdownText = "**\(name)** | \(cell)"   // a text of the same sink is taken as it is
/// ```
public struct EscapedText<Sink: TextSink>: Sendable, Hashable {
  /// The text to write to the sink.
  public private(set) var text: String

  /// The empty text.
  public init() { text = "" }

  /// A text that already is what the sink takes: for the program's own markup, never for an input.
  public init(trusted text: String) { self.text = text }

  /// A foreign text, escaped; `atLineStart` says that nothing but space stands before it where it is written.
  public init(foreign: String, atLineStart: Bool = true) {
    text = Sink.foreign(foreign, atLineStart: atLineStart)
  }

  /// True where nothing but space stands on the last line.
  private var isAtLineStart: Bool {
    for byte in text.utf8.reversed() where byte != UInt8(ascii: " ") { return byte == UInt8(ascii: "\n") }
    return true
  }

  fileprivate mutating func append(foreign: String) {
    text += Sink.foreign(foreign, atLineStart: isAtLineStart)
  }

  /// Both texts, one after the other.
  public static func + (left: EscapedText, right: EscapedText) -> EscapedText {
    EscapedText(trusted: left.text + right.text)
  }

  /// Appends a text of the same sink.
  public static func += (left: inout EscapedText, right: EscapedText) { left.text += right.text }
}

extension EscapedText: ExpressibleByStringInterpolation {
  /// The pieces of an interpolated literal.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var result: EscapedText

    /// Room for a text of about the literal's length.
    public init(literalCapacity: Int, interpolationCount: Int) {
      result = EscapedText()
      result.text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    /// Appends a piece of the program's own text.
    public mutating func appendLiteral(_ literal: String) { result.text += Sink.own(literal) }

    /// Appends a foreign text, escaped.
    public mutating func appendInterpolation(_ foreign: String) { result.append(foreign: foreign) }

    /// Appends a foreign text, escaped.
    public mutating func appendInterpolation(_ foreign: some StringProtocol) {
      result.append(foreign: String(foreign))
    }

    /// Appends a foreign text, escaped.
    public mutating func appendInterpolation(_ foreign: ForeignText) { result.append(foreign: foreign.raw) }

    /// Appends a number.
    public mutating func appendInterpolation(_ number: some BinaryInteger) { result.text += String(number) }

    /// Appends a text that already is what the sink takes.
    public mutating func appendInterpolation(_ text: EscapedText) { result.text += text.text }

    /// Appends the description of a value, escaped like any foreign text: its parts may be names.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      result.append(foreign: value.description)
    }
  }

  /// The text of an interpolated literal.
  public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.result }

  /// The program's own text.
  public init(stringLiteral value: String) { text = Sink.own(value) }
}

extension Sequence {
  /// The texts, one after the other, with a separator of the program's own between them.
  public func joined<Sink>(separator: EscapedText<Sink>) -> EscapedText<Sink>
  where Element == EscapedText<Sink> {
    EscapedText(trusted: map(\.text).joined(separator: separator.text))
  }
}

/// Lines of plain text for a terminal, a log or a file.
public typealias PlainText = EscapedText<PlainSink>
/// The message of a workflow command of GitHub Actions.
public typealias GitHubMessage = EscapedText<GitHubMessageSink>
/// Markdown as GitHub renders it.
public typealias MarkdownText = EscapedText<MarkdownSink>
/// HTML text and attributes.
public typealias HTMLText = EscapedText<HTMLSink>
