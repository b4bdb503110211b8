import ArgumentParser
import Digest
import JSONText
import Lowering

/// The digests that a map file carries: which ruleset was proved, and against what.
///
/// They tie the three together, so that a node or a reviewer can tell that the text in hand is the one that was
/// proved. They are no signature: whoever can write the ruleset can write the map. `verify` therefore proves the
/// ruleset anew and trusts nobody.
struct ProofSeal {
  /// The map file.
  let path: String

  /// Ends the command, with status 1 where a digest differs and with status 2 where the map cannot be read.
  func check(ruleset: String, _ digests: InputDigests, node: String?) throws {
    var scanner = JSONScanner(try InputFile(path: path).text())
    let map: JSONValue
    do throws(JSONFailure) {
      map = try scanner.value()
    } catch {
      StandardError.write("netpolc: error: \(path): offset \(error.offset): \(error.message)\n")
      throw ExitCode(Status.trouble)
    }
    guard map["apiVersion"]?.string == "netpolc/v1", map["kind"]?.string == "RulesetMap" else {
      StandardError.write("netpolc: error: \(path): not a map file of netpolc/v1\n")
      throw ExitCode(Status.trouble)
    }
    let text = try InputFile(path: ruleset).text()
    let rows = [
      ("ruleset", map["ruleset"]?["sha256"]?.string, SHA256.hex(text)),
      ("policies", map["inputs"]?["policies"]?.string, digests.policies),
      ("inventory", map["inputs"]?["inventory"]?.string, digests.inventory),
      ("node", map["inputs"]?["node"]?.string ?? "", node ?? ""),
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
        + "\(map["proof"]?["verdict"]?.string ?? "none")\n")
  }
}
