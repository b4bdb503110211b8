import ArgumentParser
import NodeCompiler
import PolicyDiff
import Reports
import ReviewPages
import Wording

/// The output formats of a difference.
enum DiffFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a terminal.
  case text
  /// For programs; its schema is docs/schemas/diff.schema.json.
  case json
  /// A comment of a pull request.
  case markdown
  /// A page that needs nothing else.
  case html
  /// SARIF 2.1.0, for code hosting services.
  case sarif
  /// Annotations of GitHub Actions.
  case github

  /// The format of errors of the input.
  var ofErrors: ErrorFormat { ErrorFormat(rawValue: rawValue) ?? .text }

  /// The difference in this format; a page goes on with the revisions where they are worked out already.
  func text(
    _ diff: ConnectivityDiff, _ command: Diff, _ pair: ReadingPair, _ meanings: RevisionMeanings?
  ) -> String {
    switch self {
    case .text:
      Terminal.isSummary ? ForeignText(diff.summary).line + "\n" : TextDiff(diff, style: Terminal.style).text
    case .json: JSONDiff.text(diff)
    case .markdown: MarkdownDiff.text(diff, old: command.old, new: command.new)
    case .html:
      HTMLDiff(
        diff, of: meanings ?? RevisionMeanings(pair.old, pair.new, node: command.node),
        names: (command.old, command.new), quote: pair.quotations.entries
      ).text
    case .sarif:
      SARIF.text(
        DiffFindings.findings(pair.atChangedLines(diff)), rules: DiffFindings.rules,
        version: ProductVersion.current)
    case .github: GitHubAnnotations.text(DiffFindings.findings(pair.atChangedLines(diff)))
    }
  }
}
