import ArgumentParser
import Diagnostics
import KubernetesManifests
import Ruleset
import RulesetText
import TableLayout

/// A ruleset in a file: nft text or libnftables' JSON.
struct RulesetFile {
  /// The file, or `-` for standard input.
  let path: String

  /// The table `inet netpolc` of the file. Whatever cannot be read ends the command with status 2.
  func table() throws -> Table {
    let text = try InputFile(path: path).text()
    do throws(ReadFailure) {
      let isJSON = text.utf8.first { ![0x20, 0x0a, 0x0d, 0x09].contains($0) } == UInt8(ascii: "{")
      let ruleset = isJSON ? try JSONReader.read(text) : try NFTReader.read(text)
      if let table = ruleset.tables.first(where: { $0.family == .inet && $0.name == TableLayout.tableName }) {
        return table
      }
      StandardError.write("netpolc: error: \(path): no table inet \(TableLayout.tableName) in this ruleset\n")
      throw ReadFailure(line: 0, column: 0, message: "")
    } catch {
      guard error.line > 0 else { throw ExitCode(Status.trouble) }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      StandardError.report([
        Diagnostic(
          .error, id: "ruleset-syntax",
          at: SourceLocation(file: path, line: error.line, column: error.column),
          error.message, sourceLine: error.line <= lines.count ? String(lines[error.line - 1]) : nil)
      ])
      throw ExitCode(Status.trouble)
    }
  }
}
