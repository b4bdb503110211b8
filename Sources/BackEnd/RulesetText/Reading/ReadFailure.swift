/// The place and the reason at which a text is not a ruleset.
public struct ReadFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The column in bytes, from 1.
  public let column: Int
  /// The defect, and the text that was found.
  public let message: String
  /// True where a word that is no address stands in an address's place. nft would ask a resolver for a host of this name.
  public var isOfHostName = false

  /// A failure at a place.
  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// A failure at an offset of a text.
  init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    var line = 1
    var lineStart = 0
    for (index, byte) in bytes.prefix(offset).enumerated() where byte == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    self.init(line: line, column: offset - lineStart + 1, message: message)
  }

  /// The text `line:column: message`.
  public var description: String { "\(line):\(column): \(message)" }
}
