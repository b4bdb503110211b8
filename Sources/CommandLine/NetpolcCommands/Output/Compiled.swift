import ArgumentParser
import Lowering
import PolicyModel
import Ruleset
import RulesetText
import Wording

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

  /// A ruleset whose files are written, and not yet in their places.
  struct Prepared: ~Copyable {
    /// What goes to standard output; nil where files are written.
    fileprivate let text: String?
    fileprivate var map: OutputFile.Prepared?
    fileprivate var ruleset: OutputFile.Prepared?

    /// Puts the files in their places, or writes to standard output.
    consuming func commit() throws {
      if let text {
        guard StandardOutput.write(text) else { throw ExitCode(Status.trouble) }
      }
      try Compiled.telling { () throws(OutputFile.Failure) in
        if let map = map.take() { try map.commit() }
        if let ruleset = ruleset.take() { try ruleset.commit() }
      }
    }
  }

  /// Writes the ruleset's text to standard output, or to a file with its map beside it.
  func write(_ text: String, to path: String?, isProven: Bool) throws {
    try prepare(text, for: path, isProven: isProven).commit()
  }

  /// The ruleset in a format, ready to be put in its place: standard output, or a file with its map beside it.
  func prepare(_ format: RulesetFormat, for path: String?, isProven: Bool) throws -> Prepared {
    try prepare(text(format), for: path, isProven: isProven)
  }

  private func prepare(_ text: String, for path: String?, isProven: Bool) throws -> Prepared {
    guard let path, path != "-" else { return Prepared(text: text, map: nil, ruleset: nil) }
    let map = MapFile(
      provenance: lowered.provenance, digests: digests, ruleset: text, node: node, isProven: isProven,
      modes: lowered.modes)
    // A map is of a ruleset: both appear, or neither.
    return try Self.telling { () throws(OutputFile.Failure) in
      let besides = try OutputFile(path: MapFile.path(for: path)).prepare(map.text)
      return Prepared(text: nil, map: besides, ruleset: try OutputFile(path: path).prepare(text))
    }
  }

  /// Does something with files; where that fails, tells why and ends the command with status 2.
  static func telling<Result: ~Copyable>(_ body: () throws(OutputFile.Failure) -> Result) throws -> Result {
    do throws(OutputFile.Failure) { return try body() } catch {
      StandardError.write("netpolc: error: \(error)\n")
      throw ExitCode(Status.trouble)
    }
  }

  /// One line about what was made.
  func summary(warnings: Int) -> String {
    let counts = lowered.counts
    let words = [
      Counting.of(cluster.policies.count, "policy"),
      "\(counts.isolated) of \(Counting.of(counts.subjects, "pod")) isolated",
      Counting.of(counts.classes, "class"),
      Counting.of(counts.rules, "rule"), Counting.of(counts.elements, "element"),
    ].joined(separator: ", ")
    return "netpolc: \(words)" + (warnings > 0 ? "; \(Counting.of(warnings, "warning"))" : "") + "\n"
  }
}
