import Addresses
import Connectivity
import Diagnostics
public import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability
public import Wording

/// A difference as text for a terminal.
public struct TextDiff {
  private let diff: ConnectivityDiff
  private let style: TerminalStyle

  /// A text of a difference.
  public init(_ diff: ConnectivityDiff, style: TerminalStyle = TerminalStyle()) {
    self.diff = diff
    self.style = style
  }

  /// The text, each line ended.
  public var text: String {
    var lines = [diff.summary]
    for change in diff.reviewChanges {
      lines += [
        "",
        style.paint("REVIEW  ", .red) + " "
          + style.wrapped(ForeignText(Self.words(change)).visible, indent: 9),
      ]
    }
    for change in diff.isolation { lines += ["", heading(change)] + details(change) }
    for change in diff.allChanges { lines += ["", heading(change)] + details(change) }
    lines += pods() + omissions() + ruleset()
    return lines.map { $0 + "\n" }.joined()
  }

  private static func words(_ change: ReviewChange) -> String {
    "\(change.words)\(change.location.map { " (\($0))" } ?? ""): the old revision's settings were used"
  }

  private func heading(_ change: ConnectionChange) -> String {
    let (word, paint): (String, TerminalStyle.Paint) =
      switch change.kind {
      case .widened: ("WIDENED ", .red)
      case .narrowed: ("NARROWED", .magenta)
      case .changed: ("CHANGED ", .yellow)
      }
    return style.paint(word, paint) + " " + style.wrapped(ForeignText(change.words).visible, indent: 9)
  }

  private func details(_ change: ConnectionChange) -> [String] {
    let witness = change.witness
    let before = witness.before.filter { !witness.after.contains($0) || witness.before == witness.after }
    let after = witness.after.filter { !witness.before.contains($0) }
    return [detail("witness", witness.description)]
      + causes("before", witness.allowedBefore, before) + causes("after", !witness.allowedBefore, after)
  }

  private func causes(_ label: String, _ allowed: Bool, _ causes: [Cause]) -> [String] {
    let verdict = allowed ? "allowed" : "denied"
    if causes.isEmpty { return [detail(label, verdict)] }
    return causes.enumerated().map { index, cause in
      detail(
        index == 0 ? label : "",
        "\(index == 0 ? verdict : String(repeating: " ", count: verdict.count)): \(cause.words)")
    }
  }

  private func detail(_ label: String, _ words: String) -> String {
    let padded = label + String(repeating: " ", count: max(0, 8 - label.count))
    return "  " + style.paint(padded, .dim) + style.wrapped(ForeignText(words).visible, indent: 10)
  }

  private func heading(_ change: IsolationChange) -> String {
    let word = change.isIsolated ? style.paint("ISOLATED", .magenta) : style.paint("RELEASED", .red)
    let words = "\(change.pods.description): \(change.direction.rawValue.lowercased())"
    return word + " " + style.wrapped(ForeignText(words).visible, indent: 9)
  }

  private func details(_ change: IsolationChange) -> [String] {
    let label = change.isIsolated ? "by" : "was by"
    let sources = change.policies.map { "\($0.policy) (\($0.origin.location))" }
    return [detail(label, Counting.first(3, of: sources))]
  }

  private func pods() -> [String] {
    let lists = [
      ("NEW     ", diff.pods.appeared, ""), ("GONE    ", diff.pods.vanished, ""),
      ("RENAMED ", diff.pods.renamed.map { "\($0.from) → \($0.to)" }, ""),
      ("MOVED   ", diff.pods.readdressed, ", at another address: not compared"),
    ]
    let lines = lists.filter { !$0.1.isEmpty }.map { word, names, more in
      let words = "\(Counting.first(6, of: names)) (\(Counting.of(names.count, "pod"))\(more))"
      return style.paint(word, .cyan) + " " + style.wrapped(ForeignText(words).visible, indent: 9)
    }
    return lines.isEmpty ? [] : [""] + lines
  }

  private func omissions() -> [String] {
    guard !diff.omissions.isEmpty else { return [] }
    return [""]
      + diff.omissions.map {
        style.paint("SKIPPED ", .yellow) + " " + style.wrapped(ForeignText($0).visible, indent: 9)
      }
  }

  private func ruleset() -> [String] {
    guard let ruleset = diff.ruleset else { return [] }
    let where_ = ruleset.node.map { " of node \($0)" } ?? ""
    if ruleset.isEmpty { return ["", "RULESET\(where_): stays as it is"] }
    return ["", "RULESET\(where_): \(ruleset.summary)"]
      + ruleset.parts.map { part in
        let sign = part.fate == .added ? "+" : part.fate == .removed ? "-" : "~"
        return "  \(sign) \(part.kind) \(part.name): \(part.words)"
      }
  }
}
