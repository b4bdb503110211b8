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
    var lines: [PlainText] = ["\(diff.summary)"]
    for change in diff.reviewChanges { lines += ["", entry("REVIEW  ", .red, Self.words(change))] }
    for change in diff.ontoHostNetwork {
      lines += [
        "", entry("HOSTNET ", .red, "\(change.name): on the host network now, where no policy applies"),
      ]
    }
    for change in diff.isolation { lines += ["", heading(change)] + details(change) }
    for change in diff.allChanges { lines += ["", heading(change)] + details(change) }
    lines += pods() + omissions() + ruleset()
    return lines.ended
  }

  /// A line that begins with a word in a colour.
  private func entry(_ word: PlainText, _ paint: TerminalStyle.Paint, _ words: String) -> PlainText {
    "\(style.paint(word, paint)) \(style.wrapped(PlainText(foreign: words, atLineStart: false), indent: 9))"
  }

  private static func words(_ change: ReviewChange) -> String {
    "\(change.words)\(change.location.map { " (\($0))" } ?? ""): the old revision's settings were used"
  }

  private func heading(_ change: ConnectionChange) -> PlainText {
    switch change.kind {
    case .widened: entry("WIDENED ", .red, change.words)
    case .narrowed: entry("NARROWED", .magenta, change.words)
    case .changed: entry("CHANGED ", .yellow, change.words)
    }
  }

  private func details(_ change: ConnectionChange) -> [PlainText] {
    let witness = change.witness
    let before = witness.before.filter { !witness.after.contains($0) || witness.before == witness.after }
    let after = witness.after.filter { !witness.before.contains($0) }
    return [detail("witness", witness.description)]
      + causes("before", witness.allowedBefore, before) + causes("after", !witness.allowedBefore, after)
  }

  private func causes(_ label: String, _ allowed: Bool, _ causes: [Cause]) -> [PlainText] {
    let verdict = allowed ? "allowed" : "denied"
    if causes.isEmpty { return [detail(label, verdict)] }
    return causes.enumerated().map { index, cause in
      detail(
        index == 0 ? label : "",
        "\(index == 0 ? verdict : String(repeating: " ", count: verdict.count)): \(cause.words)")
    }
  }

  private func detail(_ label: String, _ words: String) -> PlainText {
    let padded = PlainText(trusted: label + String(repeating: " ", count: max(0, 8 - label.count)))
    return
      "  \(style.paint(padded, .dim))\(style.wrapped(PlainText(foreign: words, atLineStart: label.isEmpty), indent: 10))"
  }

  private func heading(_ change: IsolationChange) -> PlainText {
    let words = "\(change.pods.description): \(change.direction.rawValue.lowercased())"
    return change.isIsolated ? entry("ISOLATED", .magenta, words) : entry("RELEASED", .red, words)
  }

  private func details(_ change: IsolationChange) -> [PlainText] {
    let label = change.isIsolated ? "by" : "was by"
    let sources = change.policies.map { "\($0.policy) (\($0.origin.location))" }
    return [detail(label, Counting.first(3, of: sources))]
  }

  private func pods() -> [PlainText] {
    let lists: [(PlainText, [String], String)] = [
      ("NEW     ", diff.pods.appeared, ""), ("GONE    ", diff.pods.vanished, ""),
      ("RENAMED ", diff.pods.renamed.map { "\($0.from) → \($0.to)" }, ""),
      ("MOVED   ", diff.pods.readdressed, " at other addresses: compared as gone and new"),
    ]
    let lines = lists.filter { !$0.1.isEmpty }.map { word, names, more in
      entry(word, .cyan, "\(Counting.first(6, of: names)) (\(Counting.of(names.count, "pod"))\(more))")
    }
    return lines.isEmpty ? [] : [""] + lines
  }

  private func omissions() -> [PlainText] {
    diff.omissions.isEmpty ? [] : [""] + diff.omissions.map { entry("SKIPPED ", .yellow, $0) }
  }

  private func ruleset() -> [PlainText] {
    guard let ruleset = diff.ruleset else { return [] }
    let where_: PlainText = ruleset.node.map { " of node \($0)" } ?? ""
    if ruleset.isEmpty { return ["", "RULESET\(where_): stays as it is"] }
    return ["", "RULESET\(where_): \(ruleset.summary)"]
      + ruleset.parts.map { part -> PlainText in
        let sign = part.fate == .added ? "+" : part.fate == .removed ? "-" : "~"
        return "  \(sign) \(part.kind) \(part.name): \(part.words)"
      }
  }
}
