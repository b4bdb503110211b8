import ArgumentParser
import Lowering
import NodeCompiler
import PolicyModel
import RulesetText
import Wording

extension CompiledRuleset {
  /// The ruleset in a format.
  func text(_ format: RulesetFormat) -> String {
    switch format {
    case .nft: printed.text
    case .json: json
    }
  }

  /// A ruleset whose files are written, and not yet in their places.
  struct Prepared: ~Copyable {
    /// The text for standard output; nil where files are written.
    fileprivate let text: String?
    fileprivate var map: OutputFile.Prepared?
    fileprivate var ruleset: OutputFile.Prepared?

    /// Puts the files in their places, or writes to standard output.
    consuming func commit() throws {
      if let text {
        guard StandardOutput.write(text) else { throw ExitCode(Status.trouble) }
      }
      try OutputFile.telling { () throws(OutputFile.Failure) in
        if let map = map.take() { try map.commit() }
        if let ruleset = ruleset.take() { try ruleset.commit() }
      }
    }
  }

  /// Writes the ruleset's text to standard output, or to a file with its map beside it.
  func write(_ text: String, to path: String?, isProven: Bool) throws {
    try prepare(text, for: path, isProven: isProven).commit()
  }

  /// A text of the ruleset, ready to be put in its place: standard output, or a file with its map beside it.
  func prepare(_ text: String, for path: String?, isProven: Bool) throws -> Prepared {
    guard let path, path != "-" else { return Prepared(text: text, map: nil, ruleset: nil) }
    let map = map(of: text, isProven: isProven)
    // A map is of a ruleset: both appear, or neither.
    return try OutputFile.telling { () throws(OutputFile.Failure) in
      let besides = try OutputFile(path: RulesetMap.path(for: path)).prepare(map)
      return Prepared(text: nil, map: besides, ruleset: try OutputFile(path: path).prepare(text))
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
