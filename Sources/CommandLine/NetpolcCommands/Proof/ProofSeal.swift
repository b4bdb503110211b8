import ArgumentParser
import Digest
import Lowering
import PolicyModel
import RulesetText

/// The digests that a map file carries: which ruleset was proved, and against what.
///
/// They tie the three together, so that a node or a reviewer can tell that the text in hand is the one that was
/// proved. They are no signature: whoever can write the ruleset can write the map. `verify` therefore proves the
/// ruleset anew and trusts nobody.
struct ProofSeal {
  /// The map file.
  let path: String
  /// What it says.
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
    let path = MapFile.path(for: ruleset)
    guard ruleset != "-", InputFile(path: path).exists else { return nil }
    try self.init(path: path)
  }

  /// Ends the command with status 1 where a digest differs.
  func check(ruleset: String, _ digests: InputDigests, node: String?) throws {
    let rows = [
      ("ruleset", seal.ruleset, SHA256.hex(try InputFile(path: ruleset).text())),
      ("policies", seal.policies, digests.policies),
      ("inventory", seal.inventory, digests.inventory),
      ("node", seal.node ?? "", node ?? ""),
    ]
    var differs = false
    for (what, sealed, found) in rows where sealed != found {
      differs = true
      StandardError.write(
        "netpolc: \(path): \(what): not the one that was proved: \(sealed ?? "nothing") there, \(found) here\n"
      )
    }
    if differs { throw ExitCode(Status.finding) }
    StandardError.write(
      "netpolc: \(path) is about this ruleset, these policies and this inventory; its verdict: "
        + "\(seal.verdict ?? "none")\n")
  }
}
