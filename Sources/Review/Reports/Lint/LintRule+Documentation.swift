import Diagnostics
public import PolicyLint

extension LintRule {
  /// All pages as one Markdown document: `docs/lint.md`.
  public static var documentation: String {
    """
    # Rules of `netpolc lint`

    Written by the program; `netpolc lint --explain ID` prints one. A warning makes the exit status 1, a note does not.
    A policy's annotation `\(Linter.annotation): "id: reason"` (several parted by `;`) suppresses a rule for it;
    `--ignore id` leaves a rule out.


    """
      + all.map { "## \($0.id)\n\n*\($0.severity.rawValue)*: \($0.title).\n\n\($0.explanation)\n" }.joined(
        separator: "\n")
  }
}
