import ArgumentParser
import Lowering
import NodeCompiler
import PolicyModel
import Proving
import ReviewPages

extension CompiledRuleset {
  /// Writes the page about who may talk to whom; it is in its place once it is committed.
  ///
  /// - Parameters:
  ///   - path: where it goes.
  ///   - whole: the cluster with the workloads that stand for pods to come.
  ///   - proof: the ruleset's, which succeeded; nil where nothing was proved.
  ///   - quotations: the policies' sources.
  /// - Returns: the file, written and not yet in its place.
  /// - Throws: the exit status where the file cannot be written; the error is printed by then.
  func prepareReport(
    at path: String, of whole: Cluster, _ proof: Proof?, _ quotations: Quotations
  ) throws -> OutputFile.Prepared {
    let page = HTMLConnectivity(
      whole, node: node,
      facts: [
        .init("netpolc", ProductVersion.current),
        .init("subjects", node.map { "pods of node \($0)" } ?? "every pod"),
        .init("proof", proof?.promise ?? "not proved"),
        .init("policies", "sha256 \(digests.policies)"), .init("inventory", "sha256 \(digests.inventory)"),
      ], quote: quotations.entries)
    return try OutputFile.telling { () throws(OutputFile.Failure) in
      try OutputFile(path: path).prepare(page.text)
    }
  }
}
