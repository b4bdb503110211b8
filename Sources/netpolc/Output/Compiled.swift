import ArgumentParser
import Lowering
import PolicyModel
import Ruleset
import RulesetText

/// A ruleset with the words around it, ready to be written or applied.
struct Compiled {
  let cluster: Cluster
  let lowered: LoweredRuleset
  let digests: InputDigests
  let node: String?

  /// A ruleset of a cluster; its digests are worked out where nobody knows them yet.
  init(cluster: Cluster, lowered: LoweredRuleset, node: String?, digests: InputDigests? = nil) {
    self.cluster = cluster
    self.lowered = lowered
    self.node = node
    self.digests = digests ?? InputDigests(cluster)
  }

  /// The text that replaces the table, with where each line comes from.
  var printed: PrintedRuleset {
    NFTPrinter.printed(replacing: lowered.table, annotations: annotations)
  }

  /// The same with what was printed for other nodes.
  func printed(reusing sets: inout PrintedSets) -> PrintedRuleset {
    NFTPrinter.printed(replacing: lowered.table, annotations: annotations, reusing: &sets)
  }

  private var annotations: Annotations {
    var annotations = lowered.annotations
    annotations.header = Header(cluster: cluster, lowered: lowered, digests: digests, node: node).lines
    return annotations
  }

  /// The ruleset in a format.
  func text(_ format: RulesetFormat) -> String {
    switch format {
    case .nft: printed.text
    case .json: JSONPrinter.replacing(lowered.table)
    }
  }

  /// Writes the ruleset to standard output, or to a file with its map beside it.
  func write(_ format: RulesetFormat, to path: String?, isProven: Bool) throws {
    try write(text(format), to: path, isProven: isProven)
  }

  /// Writes the ruleset's text likewise.
  func write(_ text: String, to path: String?, isProven: Bool) throws {
    guard let path, path != "-" else {
      guard StandardOutput.write(text) else { throw ExitCode(Status.trouble) }
      return
    }
    do {
      let map = MapFile(
        provenance: lowered.provenance, digests: digests, ruleset: text, node: node, isProven: isProven,
        modes: RecordedModes(lowered.modes))
      // A map is of a ruleset: both appear, or neither.
      let besides = try OutputFile(path: MapFile.path(for: path)).prepare(map.text)
      let ruleset = try OutputFile(path: path).prepare(text)
      try besides.commit()
      try ruleset.commit()
    } catch {
      StandardError.write("netpolc: error: \(error)\n")
      throw ExitCode(Status.trouble)
    }
  }

  /// One line about what was made.
  func summary(warnings: Int) -> String {
    let counts = lowered.counts
    let words = [
      Plural.of(cluster.policies.count, "policy"),
      "\(counts.isolated) of \(Plural.of(counts.subjects, "pod")) isolated",
      Plural.of(counts.classes, "class"),
      Plural.of(counts.rules, "rule"), Plural.of(counts.elements, "element"),
    ].joined(separator: ", ")
    return "netpolc: \(words)" + (warnings > 0 ? "; \(Plural.of(warnings, "warning"))" : "") + "\n"
  }
}
