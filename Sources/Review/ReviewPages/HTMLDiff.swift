import Addresses
import Connectivity
public import Diagnostics
public import PolicyDiff
public import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// A difference as one page that needs nothing else: a matrix of the groups that changes part, and every change with
/// its cause.
public struct HTMLDiff {
  private let diff: ConnectivityDiff
  private let old: Revision
  private let new: Revision
  private let node: String?
  private let quote: Quotation
  /// Up to so many classes the matrix has all of them.
  private static let fewClasses = 100

  /// One side of the difference.
  public struct Revision: Sendable {
    let name: String
    let cluster: Cluster

    /// Policies and inventory, and what a person calls them.
    public init(name: String, cluster: Cluster) { (self.name, self.cluster) = (name, cluster) }
  }

  /// A page of a difference between two revisions.
  ///
  /// - Parameters:
  ///   - diff: the difference.
  ///   - old: the revision before.
  ///   - new: the revision after.
  ///   - node: only this node's pods are isolated; nil: all pods are.
  ///   - quote: the lines behind places in the policies' sources.
  public init(
    _ diff: ConnectivityDiff, from old: Revision, to new: Revision, node: String? = nil,
    quote: @escaping Quotation = { _ in [:] }
  ) {
    (self.diff, self.old, self.new, self.node, self.quote) = (diff, old, new, node, quote)
  }

  /// The page. O(classes²), beside reading the policies.
  public var text: String {
    let clusters = Cluster.withStandIns([old.cluster, new.cluster])
    let matrix = ConnectivityMatrix(clusters, node: node, limit: HTMLConnectivity.mostClasses)
    var page = PageData(matrix, kept: kept(matrix), PodDescriber(clusters[1]))
    let data = page.text(quote) { _ in }
    return HTML.page(
      title: "netpolc: \(old.name) and \(new.name)", body: body(matrix), data: data,
      scripts: [PageScript.data, PageScript.cause, PageScript.grid, PageScript.matrix, PageScript.difference])
  }

  private func body(_ matrix: ConnectivityMatrix) -> String {
    """
    <header>
    <h1>\(HTML.escaped(diff.summary))</h1>
    <p class="dim">Policies of <code>\(HTML.escaped(old.name))</code> compared with <code>\(HTML.escaped(new.name))</code>.</p>
    </header>
    \(PageParts.search("Filter changes", more: kinds))\
    <main>
    \(PageParts.tooMany(matrix))\
    \(PageParts.matrix("Who reaches whom", legend: Self.legend + PageParts.legend, more: Self.all))\
    \(isolation)\(changes)\(pods)\(ruleset)</main>
    \(PageParts.cause)
    """
  }

  private static let all = "<label><input type=\"checkbox\" id=\"unchanged\"> unchanged pairs too</label>\n"

  private var kinds: String {
    ConnectionChange.Kind.allCases.map { kind in
      """
      <label><input type="checkbox" class="kind" value="\(kind.rawValue)" checked> \(kind.rawValue) (\(diff.count(kind)))</label>

      """
    }.joined()
  }

  private static let legend = [
    PageParts.Key(look: "widened", sign: "+", words: "widened"),
    PageParts.Key(look: "narrowed", sign: "−", words: "narrowed"),
    PageParts.Key(look: "changed", sign: "±", words: "both ways"),
  ]

  /// Unless they are few, only classes that take part in a change of the matrix.
  private func kept(_ matrix: ConnectivityMatrix) -> [Int] {
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
    return taking.indices.filter { taking[$0] }
  }

  private var isolation: String {
    guard !diff.isolation.isEmpty else { return "" }
    let items = diff.isolation.map { change in
      let word = change.isIsolated ? "isolated" : "released"
      let kind = change.isIsolated ? "narrowed" : "widened"
      let policies = change.policies.map { "\($0.policy) (\($0.origin.location))" }.joined(separator: ", ")
      return
        "<li><span class=\"tag \(kind)\">\(word)</span> \(HTML.escaped(change.pods.description)), \(change.direction.rawValue.lowercased()) <span class=\"dim\">\(HTML.escaped(policies))</span></li>\n"
    }.joined()
    return "<section><h2>Isolation</h2><ul>\n\(items)</ul></section>\n"
  }

  private var changes: String {
    guard !diff.changes.isEmpty else { return "" }
    let items = diff.changes.enumerated().map { index, change in
      let families = change.families.count == 1 ? (change.families == [.ipv4] ? " (IPv4)" : " (IPv6)") : ""
      return """
        <details id="c\(index)" class="change" data-kind="\(change.kind.rawValue)">
        <summary><span class="tag \(change.kind.rawValue)">\(change.kind.rawValue)</span> \(HTML.escaped(change.destination.description)) ← \(HTML.escaped(change.source.description))\(families): <code>\(HTML.escaped(change.before.words))</code> → <code>\(HTML.escaped(change.after.words))</code></summary>
        <div><dl>
        <dt>witness</dt><dd><code>\(HTML.escaped(change.witness.description))</code></dd>
        <dt>before</dt><dd>\(causes(change.witness.before, change.witness.allowedBefore))</dd>
        <dt>after</dt><dd>\(causes(change.witness.after, !change.witness.allowedBefore))</dd>
        <dt>from</dt><dd>\(names(change.source))</dd>
        <dt>to</dt><dd>\(names(change.destination))</dd>
        </dl></div>
        </details>

        """
    }.joined()
    return "<section><h2>Changes</h2>\n\(items)</section>\n"
  }

  private func causes(_ causes: [Cause], _ allowed: Bool) -> String {
    (["<strong>\(allowed ? "allowed" : "denied")</strong>"] + causes.map { HTML.escaped($0.words) })
      .joined(separator: "<br>")
  }

  private func names(_ group: EndpointGroup) -> String {
    switch group {
    case .pods(_, let names): HTML.escaped(Counting.first(200, of: names))
    case .outside(let blocks): HTML.escaped(Counting.first(200, of: blocks.map(\.description)))
    }
  }

  private var pods: String {
    let lists = [
      ("new", diff.pods.appeared), ("gone", diff.pods.vanished),
      ("at another address", diff.pods.readdressed),
    ].filter { !$0.1.isEmpty }
    guard !lists.isEmpty else { return "" }
    let items = lists.map { "<li>\($0.0): \(HTML.escaped(Counting.first(50, of: $0.1)))</li>\n" }.joined()
    return "<section><h2>Pods that are not compared</h2><ul>\n\(items)</ul></section>\n"
  }

  private var ruleset: String {
    guard let ruleset = diff.ruleset, !ruleset.isEmpty else { return "" }
    let rows = ruleset.parts.map {
      "<tr><td>\($0.fate.rawValue)</td><td>\($0.kind)</td><td><code>\(HTML.escaped($0.name))</code></td><td>+\($0.added) −\($0.removed)</td></tr>\n"
    }.joined()
    return """
      <section><h2>Ruleset</h2><div class="scroll"><table>
      <thead><tr><th scope="col">fate</th><th scope="col">kind</th><th scope="col">name</th><th scope="col">rules or elements</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></div></section>

      """
  }
}
