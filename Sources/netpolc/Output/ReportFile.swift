import ArgumentParser
import Lowering
import Review

extension Compiled {
  /// Writes the page about who may talk to whom, whole or not at all.
  ///
  /// - Parameters:
  ///   - path: where it goes.
  ///   - proof: the ruleset's, which succeeded; nil where nothing was proved.
  /// - Throws: the exit status where the file cannot be written; what went wrong is told by then.
  func writeReport(to path: String, _ proof: Proof?) throws {
    let page = HTMLConnectivity(
      cluster, node: node,
      facts: [
        .init("netpolc", Netpolc.version),
        .init("subjects", node.map { "pods of node \($0)" } ?? "every pod"),
        .init("proof", proof?.promise ?? "not proved"),
        .init("policies", "sha256 \(digests.policies)"), .init("inventory", "sha256 \(digests.inventory)"),
      ])
    do { try OutputFile(path: path).write(page.text) } catch {
      StandardError.write("netpolc: error: \(error)\n")
      throw ExitCode(Status.trouble)
    }
  }
}
