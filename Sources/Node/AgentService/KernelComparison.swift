import Assembler
import Enforcement
import KernelProgram
import KernelReader
import NFTables
import Ruleset

/// The comparison of the program that the kernel executes with the one that a table is assembled to.
enum KernelComparison {
  /// The result of a comparison, with words where it is not equality.
  enum Outcome: Equatable {
    /// They are the same.
    case same
    /// They differ; where.
    case different(String)
    /// The kernel's program cannot be read; why.
    case unread(String)
  }

  /// Compares a table, without marker, with the kernel's. O(rules and elements).
  ///
  /// - Returns: the outcome, and what the kernel executes, without marker, where it is the same.
  static func run(_ table: Table) -> (outcome: Outcome, program: KernelTable?) {
    let reading: KernelReader.Reading
    do throws(KernelReader.Failure) { reading = try KernelReader.read(.netpolc) } catch {
      return (.unread("\(error)"), nil)
    }
    guard var found = reading.table else { return (.different("the table is gone"), nil) }
    found.chains.removeAll {
      RevisionMarker(chain: $0.name) != nil && $0.hook == nil && $0.rules.isEmpty && $0.unknown.isEmpty
    }
    let wanted = Assembler.assemble(table)
    if found == wanted { return (.same, found) }
    if let unknown = found.everythingUnknown.first {
      return (.different("what is not known: \(unknown)"), nil)
    }
    return (.different(difference(found, wanted)), nil)
  }

  private static func difference(_ found: KernelTable, _ wanted: KernelTable) -> String {
    let sets = names(found.sets, wanted.sets, by: \.name)
    let chains = names(found.chains, wanted.chains, by: \.name)
    var parts: [String] = []
    if !chains.isEmpty { parts.append("chains \(chains.prefix(3).joined(separator: ", "))") }
    if !sets.isEmpty { parts.append("sets \(sets.prefix(3).joined(separator: ", "))") }
    return parts.isEmpty ? "the table's flags" : parts.joined(separator: "; ")
  }

  /// The names of what is different, ascending.
  private static func names<Part: Hashable>(
    _ found: [Part], _ wanted: [Part], by name: (Part) -> String
  ) -> [String] {
    Set(Set(found).symmetricDifference(wanted).map(name)).sorted()
  }
}
