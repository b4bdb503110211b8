import Addresses
import Connectivity
public import Diagnostics
public import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// A difference as one page that needs nothing else: a matrix of the groups that changes part, and every change with
/// its cause.
public struct HTMLDiff {
  private let diff: ConnectivityDiff
  private let meanings: RevisionMeanings
  private let names: (old: String, new: String)
  private let quote: Quotation
  /// Up to so many classes the matrix has all of them.
  private static let fewClasses = 100

  /// A page of a difference between two revisions.
  ///
  /// - Parameters:
  ///   - diff: the difference.
  ///   - meanings: the two revisions, from which the difference was made.
  ///   - names: the revisions as a person named them.
  ///   - quote: the lines behind places in the policies' sources.
  public init(
    _ diff: ConnectivityDiff, of meanings: RevisionMeanings, names: (old: String, new: String),
    quote: @escaping Quotation = { _ in [:] }
  ) {
    (self.diff, self.meanings, self.names, self.quote) = (diff, meanings, names, quote)
  }

  /// The page. O(classes²), beside reading the policies.
  public var text: String {
    let matrix = ConnectivityMatrix(meanings.sides, limit: HTMLConnectivity.mostClasses)
    let outside = OutsideChanges(diff.allChanges, matrix)
    var page = PageData(matrix, kept: kept(matrix, outside), PodDescriber(meanings.sides[1].cluster))
    let data = page.text(quote) { $0.writeOutside(outside) }
    return Page.text(
      title: "netpolc: \(names.old) and \(names.new)", body: body(matrix), data: data, script: .difference)
  }

  private func body(_ matrix: ConnectivityMatrix) -> HTMLText {
    PageTemplate(PackageResources.difference_html).filled([
      "summary": HTMLText(foreign: diff.summary), "old": HTMLText(foreign: names.old),
      "new": HTMLText(foreign: names.new), "search": PageParts.search("Filter changes", more: kinds),
      "notice": PageParts.tooMany(matrix),
      "matrix": PageParts.matrix(
        "Who reaches whom", legend: Self.legend + PageParts.legend, more: Self.all),
      "isolation": settings + isolation, "changes": changes, "pods": pods, "ruleset": ruleset,
      "cause": PageParts.cause,
    ])
  }

  private static let all: HTMLText =
    "<label><input type=\"checkbox\" id=\"unchanged\"> unchanged pairs too</label>\n"

  private var kinds: HTMLText {
    .concatenated(
      ConnectionChange.Kind.allCases.map { kind in
        "<label><input type=\"checkbox\" class=\"kind\" value=\"\(kind.rawValue)\" checked> \(kind.rawValue) (\(diff.allChanges.count { $0.kind == kind }))</label>\n"
      })
  }

  private static let legend = [
    PageParts.Key(look: "widened", sign: "+", words: "widened"),
    PageParts.Key(look: "narrowed", sign: "−", words: "narrowed"),
    PageParts.Key(look: "changed", sign: "±", words: "both ways"),
  ]

  /// Unless they are few, only classes that take part in a change of the matrix.
  private func kept(_ matrix: ConnectivityMatrix, _ outside: OutsideChanges) -> [Int] {
    guard matrix.classes.count > Self.fewClasses, !matrix.rows.isEmpty else {
      return Array(matrix.classes.indices)
    }
    let isChanged = matrix.cells.marks.map { $0 != .same }
    var taking = Array(repeating: false, count: matrix.classes.count)
    for (sender, row) in matrix.rows.enumerated() {
      for (receiver, cell) in row.enumerated() where isChanged[Int(cell)] {
        taking[sender] = true
        taking[receiver] = true
      }
    }
    for index in outside.entries.flatMap(\.classes) { taking[index] = true }
    return taking.indices.filter { taking[$0] }
  }

  private var settings: HTMLText {
    guard !diff.reviewChanges.isEmpty else { return "" }
    let items = diff.reviewChanges.map { change -> HTMLText in
      let place: HTMLText = change.location.map { " <span class=\"dim\">\($0.description)</span>" } ?? ""
      return "<li><span class=\"tag widened\">settings</span> \(change.words)\(place)</li>\n"
    }
    return
      "<section><h2>Settings of the review change</h2><p>Those of the old revision were used.</p><ul>\n\(HTMLText.concatenated(items))</ul></section>\n"
  }

  private var isolation: HTMLText {
    guard !diff.isolation.isEmpty else { return "" }
    let items = diff.isolation.map { change -> HTMLText in
      let word = change.isIsolated ? "isolated" : "released"
      let kind = change.isIsolated ? "narrowed" : "widened"
      let policies = change.policies.map { "\($0.policy) (\($0.origin.location))" }.joined(separator: ", ")
      return
        "<li><span class=\"tag \(kind)\">\(word)</span> \(change.pods.description), \(change.direction.rawValue.lowercased()) <span class=\"dim\">\(policies)</span></li>\n"
    }
    return "<section><h2>Isolation</h2><ul>\n\(HTMLText.concatenated(items))</ul></section>\n"
  }

  private var changes: HTMLText {
    guard !diff.allChanges.isEmpty else { return "" }
    let template = PageTemplate(PackageResources.change_html)
    let items = diff.allChanges.enumerated().map { index, change in
      return template.filled([
        "number": "\(index)", "kind": HTMLText(foreign: change.kind.rawValue),
        "destination": HTMLText(foreign: change.destination.description),
        "source": HTMLText(foreign: change.source.description),
        "families": HTMLText(foreign: change.familyWords),
        "before": HTMLText(foreign: change.beforeWords),
        "after": HTMLText(foreign: change.afterWords + change.remarks),
        "witness": HTMLText(foreign: change.witness.description),
        "causes-before": causes(change.witness.before, change.witness.allowedBefore),
        "causes-after": causes(change.witness.after, !change.witness.allowedBefore),
        "from": words(change.source), "to": words(change.destination),
      ])
    }
    return "<section><h2>Changes</h2>\n\(HTMLText.concatenated(items))</section>\n"
  }

  private func causes(_ causes: [Cause], _ allowed: Bool) -> HTMLText {
    let verdict: HTMLText = allowed ? "<strong>allowed</strong>" : "<strong>denied</strong>"
    return ([verdict] + causes.map { HTMLText(foreign: $0.words) }).joined(separator: "<br>")
  }

  private func words(_ group: EndpointGroup) -> HTMLText {
    switch group {
    case .pods(_, let names): HTMLText(foreign: Counting.first(200, of: names))
    case .outside(let blocks): HTMLText(foreign: Counting.first(200, of: blocks.map(\.description)))
    }
  }

  private var pods: HTMLText {
    let lists = [
      ("on the host network now, where no policy applies", diff.ontoHostNetwork.map(\.name)),
      ("new", diff.pods.appeared), ("gone", diff.pods.vanished),
      ("renamed", diff.pods.renamed.map { "\($0.from) → \($0.to)" }),
      ("at another address, compared as gone and new", diff.pods.readdressed),
      ("not compared", diff.omissions),
    ].filter { !$0.1.isEmpty }
    guard !lists.isEmpty else { return "" }
    let items = lists.map { "<li>\($0.0): \(Counting.first(50, of: $0.1))</li>\n" as HTMLText }
    return
      "<section><h2>Pods that come and go</h2><ul>\n\(HTMLText.concatenated(items))</ul></section>\n"
  }

  private var ruleset: HTMLText {
    guard let ruleset = diff.ruleset, !ruleset.isEmpty else { return "" }
    let rows = ruleset.parts.map { part -> HTMLText in
      "<tr><td>\(part.fate.rawValue)</td><td>\(part.kind)</td><td><code>\(part.name)</code></td><td>+\(part.added) −\(part.removed)</td></tr>\n"
    }
    return PageTemplate(PackageResources.ruleset_html).filled(["rows": .concatenated(rows)])
  }
}
