import ArgumentParser
import Lowering
import Review

extension Compiled {
  /// Writes the page about who may talk to whom, whole or not at all.
  func writeReport(to path: String, isProven: Bool) throws {
    let page = HTMLConnectivity(
      cluster, node: node,
      facts: [
        .init("netpolc", Netpolc.version),
        .init("subjects", node.map { "pods of node \($0)" } ?? "every pod"),
        .init("proof", isProven ? "the ruleset does what the policies say, for every packet" : "not proved"),
        .init("policies", "sha256 \(digests.policies)"), .init("inventory", "sha256 \(digests.inventory)"),
      ])
    do { try OutputFile(path: path).write(page.text) } catch {
      StandardError.write("netpolc: error: \(error)\n")
      throw ExitCode(Status.trouble)
    }
  }
}
