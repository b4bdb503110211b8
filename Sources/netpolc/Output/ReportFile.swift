import ArgumentParser
import Lowering
import Review

extension Compiled {
  /// Writes the page about who may talk to whom, whole or not at all.
  ///
  /// Policies are told as they are, also where `isPlain` is false: modes of enforcement are not on the page.
  func writeReport(to path: String, isProven: Bool, isPlain: Bool) throws {
    let proof =
      !isProven
      ? "not proved"
      : isPlain
        ? "the ruleset does what the policies say, for every packet"
        : "the ruleset does what the policies say, but for what its modes of enforcement change"
    let page = HTMLConnectivity(
      cluster, node: node,
      facts: [
        .init("netpolc", Netpolc.version),
        .init("subjects", node.map { "pods of node \($0)" } ?? "every pod"),
        .init("proof", proof),
        .init("policies", "sha256 \(digests.policies)"), .init("inventory", "sha256 \(digests.inventory)"),
      ])
    do { try OutputFile(path: path).write(page.text) } catch {
      StandardError.write("netpolc: error: \(error)\n")
      throw ExitCode(Status.trouble)
    }
  }
}
