import ArgumentParser
import Diagnostics
import Lowering
import NodeCompiler
import PolicyModel
import RulesetText
import Proving
import Verification
import Wording

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `compile --all-nodes -o DIR`: a ruleset and its map for every node, from one preparation.
struct AllNodes {
  let cluster: Cluster
  let format: RulesetFormat
  let directory: String
  let isVerified: Bool

  /// The nodes that the inventory has, as objects or as places of pods, ascending.
  var names: [String] { Set(cluster.nodes.map(\.name) + cluster.pods.compactMap(\.node)).sorted() }

  /// Writes `NODE.nft` (or `NODE.json`) and `NODE.map.json` for each node. Each file appears whole or not at all; the
  /// first error ends the work, and files that are written already stay.
  func write(modes: (String) throws -> EnforcementModes) throws {
    let names = names
    for name in names where name.isEmpty || name.hasPrefix(".") || name.contains("/") || name.contains("\0") {
      throw ValidationError("node \"\(name)\" cannot be the name of a file.")
    }
    let modes = Dictionary(uniqueKeysWithValues: try names.map { ($0, try modes($0)) })
    guard mkdir(directory, 0o777) == 0 || errno == EEXIST else {
      StandardError.write("netpolc: error: \(directory): \(String(cString: strerror(errno)))\n")
      throw ExitCode(Status.trouble)
    }
    let digests = InputDigests(cluster)
    try Progress.during("compiling nodes", of: names.count) { progress in
      try NodeRulesets.forEach(
        of: names, Lowerer(cluster), modes: { modes[$0] ?? EnforcementModes() }, state: { PrintedSets() }
      ) { node, lowered, sets in
        let compiled = CompiledRuleset(cluster: cluster, lowered: lowered, node: node, digests: digests)
        if isVerified {
          // One line for all of them is enough where all is well.
          let proof = compiled.proof()
          if !proof.result.isProven { try proof.requireOwn() }
        }
        try compiled.write(
          format == .nft ? compiled.printed(reusing: &sets).text : compiled.text(format),
          to: "\(directory)/\(node).\(format.rawValue)", isProven: isVerified)
        progress.step()
      }
    }
    StandardError.write(
      "netpolc: \(Counting.of(cluster.policies.count, "policy")), rulesets of \(Counting.of(names.count, "node")) in \(directory)\(isVerified ? ", each proven" : "")\n"
    )
  }
}
