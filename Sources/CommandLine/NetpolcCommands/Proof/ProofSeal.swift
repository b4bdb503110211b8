import ArgumentParser
import Digest
import Lowering
import NodeCompiler
import PolicyModel
import Proving
import RulesetText

/// The digests that a map file carries: which ruleset was proved, and against what.
///
/// They tie the three together, so that a node or a reviewer can see that the text in hand is the one that was
/// proved. They are no signature: a writer of the ruleset can also write the map. `verify` therefore proves the
/// ruleset again.
struct ProofSeal {
  /// The map file.
  let path: String
  /// The content of the seal.
  let seal: RulesetSeal
  /// The modes that it says.
  let modes: EnforcementModes

  /// Reads a map file. What cannot be read ends the command with status 2.
  init(path: String) throws {
    self.path = path
    let text = try InputFile(path: path).text()
    do throws(ReadFailure) {
      seal = try RulesetSeal(reading: text)
      guard let modes = EnforcementModes(options: seal.modes.map { Substring($0) }) else {
        throw RulesetSeal.unknownModes
      }
      self.modes = modes
    } catch {
      StandardError.write("netpolc: error: \(path):\(error)\n")
      throw ExitCode(Status.trouble)
    }
  }

  /// The map beside a ruleset's file; nil where there is none.
  init?(beside ruleset: String) throws {
    let path = RulesetMap.path(for: ruleset)
    guard ruleset != "-", InputFile(path: path).exists else { return nil }
    try self.init(path: path)
  }

  /// Ends the command with status 2 where the ruleset is not the one that the map beside it is of: its modes would be those
  /// of another one.
  func requireRuleset(_ ruleset: String) throws {
    let found = SHA256.hex(try InputFile(path: ruleset).text())
    guard seal.ruleset != found else { return }
    StandardError.write(
      "netpolc: error: \(path) is of another ruleset than \(ruleset), which lies beside it: the map has the digest "
        + "\(seal.ruleset), the file \(found). Compile again, or remove the map\n")
    throw ExitCode(Status.trouble)
  }

  /// Ends the command with status 1 where a digest differs.
  func check(ruleset: String, _ digests: InputDigests, node: String?) throws {
    let check = SealCheck(
      seal, ruleset: SHA256.hex(try InputFile(path: ruleset).text()), policies: digests.policies,
      inventory: digests.inventory, node: node)
    for row in check.mismatches {
      StandardError.write(
        "netpolc: \(path): \(row.part): digest mismatch: the map has \(row.sealed ?? "none"), the input has "
          + "\(row.found)\n")
    }
    if !check.mismatches.isEmpty { throw ExitCode(Status.finding) }
    StandardError.write(
      "netpolc: \(path) is about this ruleset, these policies and this inventory; its verdict: "
        + "\(seal.verdict ?? "none")\n")
  }
}
