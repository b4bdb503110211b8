import Addresses
import Connectivity
import Diagnostics
public import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// A difference as a comment of a pull request: a table, then the witnesses folded away.
public enum MarkdownDiff {
  /// The number of changes that a table shows; a comment has a limit of 65,536 characters.
  static let limit = 100

  /// The comment, each line ended.
  public static func text(_ diff: ConnectivityDiff, old: String, new: String) -> String {
    var lines = [
      "### netpolc: \(escaped(diff.summary))", "", "Policies of \(code(old)) compared with \(code(new)).",
    ]
    if !diff.reviewChanges.isEmpty {
      lines += ["", "**The settings of the review change**; those of the old revision were used:", ""]
      lines += diff.reviewChanges.map {
        "- \(escaped($0.words))\($0.location.map { " " + code($0.description) } ?? "")"
      }
    }
    if !diff.isolation.isEmpty {
      lines += ["", "| | pods | direction | policies |", "|---|---|---|---|"]
      for change in diff.isolation.prefix(limit) {
        let policies = change.policies.map { code($0.policy.description) }.joined(separator: ", ")
        lines.append(
          "| \(change.isIsolated ? "isolated" : "**released**") | \(escaped(change.pods.description)) | \(change.direction.rawValue.lowercased()) | \(policies) |"
        )
      }
    }
    if !diff.allChanges.isEmpty {
      lines += ["", "| | from | to | before | now |", "|---|---|---|---|---|"]
      lines += diff.allChanges.prefix(limit).map(row)
      if diff.allChanges.count > limit {
        lines.append("\n… and \(diff.allChanges.count - limit) more changes.")
      }
      lines += ["", "<details><summary>Witnesses and causes</summary>", ""]
      for change in diff.allChanges.prefix(limit) { lines += witness(change.witness) }
      lines += ["", "</details>"]
    }
    for (word, names) in [
      ("New", diff.pods.appeared), ("Gone", diff.pods.vanished),
      ("Renamed", diff.pods.renamed.map { "\($0.from) → \($0.to)" }),
      ("At another address, not compared", diff.pods.readdressed),
    ] where !names.isEmpty {
      lines += ["", "\(word): \(escaped(Counting.first(10, of: names)))."]
    }
    for omission in diff.omissions { lines += ["", "Not compared: \(escaped(omission))."] }
    if let ruleset = diff.ruleset, !ruleset.isEmpty {
      lines += ["", "Ruleset: \(ruleset.summary)."]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func row(_ change: ConnectionChange) -> String {
    let word = change.kind == .narrowed ? "narrowed" : "**\(change.kind.rawValue)**"
    return
      "| \(word)\(change.familyWords) | \(escaped(change.source.description)) | \(escaped(change.destination.description)) | \(escaped(change.before.words)) | \(escaped(change.after.words + change.remarks)) |"
  }

  private static func witness(_ witness: PacketWitness) -> [String] {
    ["- \(code(witness.description))"]
      + (witness.before.map { "  - before: \(escaped($0.words))" }
        + witness.after.map { "  - after: \(escaped($0.words))" })
  }

  private static func code(_ text: String) -> String {
    "`\(ForeignText(text).visible.split(separator: "`").joined(separator: "'"))`"
  }

  /// Text that means nothing to Markdown, HTML, or a mention.
  private static func escaped(_ text: String) -> String {
    ForeignText(text).visible.reduce(into: "") { result, character in
      switch character {
      case "|", "*", "_", "`", "[", "]", "\\", "#", "~": result += "\\\(character)"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "@": result += "&#64;"
      default: result.append(character)
      }
    }
  }
}
