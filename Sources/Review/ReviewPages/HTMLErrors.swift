public import Diagnostics
import Wording

/// A page in place of one that could not be made: the errors of the input.
public enum HTMLErrors {
  /// The page, which needs nothing else.
  ///
  /// - Parameter findings: the findings, in reading order; those that are no errors stand behind.
  /// - Returns: the page's text.
  public static func text(_ findings: [Diagnostic]) -> String {
    let errors = findings.filter { $0.severity == .error }
    let title = "netpolc: \(Counting.of(errors.count, "error")), nothing was compared"
    let rest = findings.filter { $0.severity != .error }
    let items = Diagnostic.folded(errors + rest).map { item($0.finding, $0.others) }
    return PageTemplate(PackageResources.errors_html).filled([
      "title": HTMLText(foreign: title), "style": HTMLText(trusted: style), "items": .concatenated(items),
    ]).text
  }

  private static var style: String { String(decoding: PackageResources.page_css, as: UTF8.self) }

  private static func item(_ finding: Diagnostic, _ others: Int) -> HTMLText {
    var item: HTMLText = "<li><span class=\"tag \(finding.severity == .error ? "widened" : "changed")\">"
    item += "\(finding.severity.rawValue)</span> "
    if let location = finding.location { item += "<code>\(location.description)</code> " }
    if !finding.field.isEmpty { item += "<code>\(finding.field)</code> " }
    item += "\(finding.message) <span class=\"dim\">[\(finding.id)]</span>"
    if others > 0 { item += ", and \(others) more like this" }
    if let line = finding.sourceLine, !line.isEmpty { item += "<pre>\(line)</pre>" }
    return item + "</li>\n"
  }
}
