import ArgumentParser
import Assembler
import Diagnostics
import KernelProgram
import KernelReader
import KubernetesManifests
import NFTables
import Ruleset
import RulesetText
import TableLayout
import Verification

/// A ruleset in a file: nft text or libnftables' JSON.
///
/// libnftables and the kernel say what it means, in a network namespace of its own; where none is to be had, netpolc's own
/// reader, which takes only what is written as nft itself would write it.
struct RulesetFile {
  /// The file, or `-` for standard input.
  let path: String
  /// True where the file changes the table of this network namespace, so that it is loaded over a copy of it.
  var isOverLive = false

  /// The meaning of a file.
  struct Meaning {
    /// The table `inet netpolc`.
    var program: KernelTable
    /// The same table as it was read from the text, for people; empty where the text's own reader does not know it.
    var listing: Table
    /// Chains of other tables that can drop or change packets.
    var interference: [UndecidedReason] = []
  }

  /// The tables of the file. A text that cannot be read ends the command with status 2, one that says too much with 3.
  func meaning() throws -> Meaning {
    let text = try InputFile(path: path).text()
    let isJSON = text.utf8.first { ![0x20, 0x0a, 0x0d, 0x09].contains($0) } == UInt8(ascii: "{")
    let typed = Result { () throws(ReadFailure) in
      isJSON ? try JSONReader.read(text) : try NFTReader.read(text)
    }
    if let objection = isJSON ? CommandFilter.objection(toJSON: text) : CommandFilter.objection(to: text) {
      // A key twice is no JSON that anybody should trust.
      if isJSON, objection.message.hasSuffix("twice") { throw refuse(objection, text) }
      throw undecided(objection)
    }
    let listing = (try? typed.get())?.tables.first(where: Self.isOwn)
    #if os(Linux)
      let before = isOverLive ? try LiveTable().copy() : nil
      switch RulesetTrial.load(text, format: isJSON ? .json : .text, over: before) {
      case .loaded(let tables):
        let empty = Table(.inet, TableLayout.tableName)
        guard let program = tables.first(where: { $0.family == .inet && $0.name == TableLayout.tableName })
        else {
          // A table that the file deletes isolates nothing.
          if before != nil {
            return Meaning(program: KernelTable(.inet, TableLayout.tableName), listing: empty)
          }
          throw missing()
        }
        // Over a table that is there, a text of changes has no words for the rest.
        let isWhole = !isOverLive || listing.map { Assembler.assemble($0) == program } == true
        return Meaning(
          program: program, listing: isWhole ? listing ?? empty : empty,
          interference: tables.filter { $0 != program }.flatMap(\.interference))
      case .refused(let messages):
        let failures = messages.map { message in
          ReadFailure(
            line: message.place?.line ?? 1, column: message.place?.columns.lowerBound ?? 1,
            message: message.text)
        }
        // A resolver elsewhere may know the name.
        if let name = failures.first(where: { $0.message.hasPrefix("Could not resolve") }) {
          throw undecided(name)
        }
        // The words of a file that changes a table are about a table that the text's own reader does not see.
        if !isOverLive, case .failure(let failure) = typed { throw refuse(failure, text) }
        for failure in failures { _ = refuse(failure, text) }
        throw ExitCode(Status.trouble)
      case .failed(let why): throw undecided(ReadFailure(line: 1, column: 1, message: why))
      case .unavailable(let why) where isOverLive:
        throw undecided(
          ReadFailure(
            line: 1, column: 1,
            message:
              "no network namespace is to be had (\(why)) in which the file changes a copy of the table"))
      case .unavailable(let why):
        StandardError.write(
          "netpolc: note: no network namespace is to be had (\(why)); \(path) is read by netpolc itself\n")
      }
    #else
      if isOverLive {
        throw undecided(
          ReadFailure(
            line: 1, column: 1, message: "the effect of the file on the loaded table is known on Linux only"))
      }
    #endif
    let ruleset: Ruleset
    do throws(ReadFailure) { ruleset = try typed.get() } catch {
      throw error.isOfHostName ? undecided(error) : refuse(error, text)
    }
    guard let listing else { throw missing() }
    if let objection = isJSON
      ? CanonicalText.objection(toJSON: text, readAs: listing)
      : CanonicalText.objection(to: text, readAs: ruleset)
    {
      throw undecided(objection)
    }
    return Meaning(
      program: Assembler.assemble(listing), listing: listing,
      interference: ruleset.tables.filter { !Self.isOwn($0) }.flatMap { Assembler.assemble($0).interference })
  }

  private static func isOwn(_ table: Table) -> Bool {
    table.family == .inet && table.name == TableLayout.tableName
  }

  private func missing() -> ExitCode {
    StandardError.write("netpolc: error: \(path): no table inet \(TableLayout.tableName) in this ruleset\n")
    return ExitCode(Status.trouble)
  }

  private func undecided(_ objection: ReadFailure) -> ExitCode {
    StandardError.write(
      "netpolc: undecided: \(path):\(objection.line):\(objection.column): \(objection.message)\n"
        + "netpolc: \(path) is neither proven nor refuted\n")
    return ExitCode(Status.undecided)
  }

  private func refuse(_ failure: ReadFailure, _ text: String) -> ExitCode {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let isLine = (1...max(1, lines.count)).contains(failure.line)
    StandardError.report([
      Diagnostic(
        .error, id: "ruleset-syntax",
        at: SourceLocation(file: path, line: failure.line, column: failure.column),
        failure.message, sourceLine: isLine ? String(lines[failure.line - 1]) : nil)
    ])
    return ExitCode(Status.trouble)
  }
}
