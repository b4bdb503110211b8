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

  /// The comment, each line ended. Names and paths of the input are escaped: none of them is markup, a mention or the end of
  /// a cell.
  public static func text(_ diff: ConnectivityDiff, old: String, new: String) -> String {
    var lines: [MarkdownText] = [
      "### netpolc: \(diff.summary)", "", "Policies of \(code(old)) compared with \(code(new)).",
    ]
    if !diff.reviewChanges.isEmpty {
      lines += ["", "**The settings of the review change**; those of the old revision were used:", ""]
      for change in diff.reviewChanges {
        let place: MarkdownText = change.location.map { " \(code($0.description))" } ?? ""
        lines.append("- \(change.words)\(place)")
      }
    }
    if !diff.isolation.isEmpty {
      lines += ["", "| | pods | direction | policies |", "|---|---|---|---|"]
      for change in diff.isolation.prefix(limit) {
        let word: MarkdownText = change.isIsolated ? "isolated" : "**released**"
        let policies = change.policies.map { code($0.policy.description) }.joined(separator: ", ")
        lines.append(
          "| \(word) | \(change.pods.description) | \(change.direction.rawValue.lowercased()) | \(policies) |"
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
    let lists: [(MarkdownText, [String])] = [
      ("**On the host network now, where no policy applies**", diff.ontoHostNetwork.map(\.name)),
      ("New", diff.pods.appeared), ("Gone", diff.pods.vanished),
      ("Renamed", diff.pods.renamed.map { "\($0.from) → \($0.to)" }),
      ("At another address, compared as gone and new", diff.pods.readdressed),
    ]
    for (word, names) in lists where !names.isEmpty {
      lines += ["", "\(word): \(Counting.first(10, of: names))."]
    }
    for omission in diff.omissions { lines += ["", "Not compared: \(omission)."] }
    if let ruleset = diff.ruleset, !ruleset.isEmpty { lines += ["", "Ruleset: \(ruleset.summary)."] }
    return lines.map { $0.text + "\n" }.joined()
  }

  private static func row(_ change: ConnectionChange) -> MarkdownText {
    let kind = change.kind.rawValue
    let word: MarkdownText = change.kind == .narrowed ? "narrowed" : "**\(kind)**"
    return
      "| \(word)\(change.familyWords) | \(change.source.description) | \(change.destination.description) | \(change.beforeWords) | \(change.afterWords + change.remarks) |"
  }

  private static func witness(_ witness: PacketWitness) -> [MarkdownText] {
    ["- \(code(witness.description))"]
      + (witness.before.map { "  - before: \($0.words)" } + witness.after.map { "  - after: \($0.words)" })
  }

  private static func code(_ text: String) -> MarkdownText {
    MarkdownText(trusted: ForeignText(text).markdownCode)
  }
}
