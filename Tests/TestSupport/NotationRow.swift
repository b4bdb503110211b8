import Foundation

/// A row of the tables of `Fixtures/manifests`: a way to write something, what kubectl makes of it, and what netpolc does.
public struct NotationRow: Sendable, CustomStringConvertible {
  /// Where it stands, or the format of a whole source.
  public let place: String
  /// As in the table, with escapes.
  public let written: String
  /// What the API server takes when kubectl sends it, or `refuses`.
  public let kubectl: String
  /// What is read, or the ids of the errors.
  public let netpolc: String

  /// The text itself, its escapes resolved.
  public var text: String {
    written.replacing("\\n", with: "\n").replacing("\\t", with: "\t").replacing("\\0", with: "\0")
      .replacing("\\uFEFF", with: "\u{feff}")
  }
  /// Where it stands and how it is written.
  public var description: String { "\(place): \(written)" }

  /// Whether netpolc refuses it.
  public var isRefused: Bool { Self.isRefusal(netpolc) }

  /// Whether netpolc refuses what kubectl takes.
  public var isStricter: Bool { kubectl != "refuses" && isRefused }

  /// Whether a cell holds ids of errors rather than a value in JSON.
  public static func isRefusal(_ cell: String) -> Bool {
    guard let first = cell.first, first.isLetter else { return false }
    return !["true", "false", "null"].contains(cell)
  }

  /// The rows of a table. What is written may hold bars itself.
  public static func table(_ name: String) -> [NotationRow] {
    let text = (try? Fixtures.text("manifests/\(name).txt")) ?? ""
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      return NotationRow(
        place: cells[0], written: cells[1..<(cells.count - 2)].joined(separator: "|"),
        kubectl: cells[cells.count - 2], netpolc: cells[cells.count - 1])
    }
  }
}
