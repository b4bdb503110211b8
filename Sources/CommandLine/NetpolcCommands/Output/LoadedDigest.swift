import Digest
import Ruleset
import RulesetText

/// The digest of a table as the kernel holds it, the same however its elements and objects are ordered.
enum LoadedDigest {
  /// The digest as hexadecimal digits, without the marker of the revision.
  static func of(_ table: Table) -> String { SHA256.hex(NFTPrinter.print(Ruleset([table.normalized()]))) }
}
