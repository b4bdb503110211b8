import Addresses
import Diagnostics
import PolicyModel
import Reachability

/// A difference as one page that needs nothing else: a matrix of the groups that changes part, and every change with
/// its cause.
public struct HTMLDiff {
  private let diff: ConnectivityDiff
  private let old: String
  private let new: String

  /// A page of a difference between two revisions of the given names.
  public init(_ diff: ConnectivityDiff, old: String, new: String) {
    (self.diff, self.old, self.new) = (diff, old, new)
  }

  /// The page.
  public var text: String {
    HTML.page(title: "netpolc: \(old) and \(new)", body: body, script: Self.script)
  }

  private var body: String {
    """
    <header>
    <h1>\(HTML.escaped(diff.summary))</h1>
    <p class="dim">Policies of <code>\(HTML.escaped(old))</code> compared with <code>\(HTML.escaped(new))</code>.</p>
    </header>
    <main>
    \(tools)\(matrix)\(isolation)\(changes)\(pods)\(ruleset)</main>
    """
  }

  private var tools: String {
    guard !diff.changes.isEmpty else { return "" }
    let kinds = ConnectionChange.Kind.allCases.map { kind in
      """
      <label><input type="checkbox" class="kind" value="\(kind.rawValue)" checked> \(kind.rawValue) (\(diff.count(kind)))</label>

      """
    }.joined()
    return """
      <div class="tools" role="search">
      <input type="search" id="filter" aria-label="Filter changes" placeholder="Filter: a pod, a namespace, a port, an address">
      \(kinds)<span id="shown" class="dim" role="status"></span>
      </div>

      """
  }

  private var matrix: String {
    let sources = Self.unique(diff.changes.map(\.source.description))
    let destinations = Self.unique(diff.changes.map(\.destination.description))
    guard !sources.isEmpty else { return "" }
    var cells: [[String]: [(index: Int, change: ConnectionChange)]] = [:]
    for (index, change) in diff.changes.enumerated() {
      cells[[change.source.description, change.destination.description], default: []].append((index, change))
    }
    let head = destinations.map { "<th scope=\"col\">\(HTML.escaped($0))</th>" }.joined()
    let rows = sources.map { source in
      let row = destinations.map { destination -> String in
        guard let found = cells[[source, destination]] else { return "<td></td>" }
        let kind = Set(found.map(\.change.kind)).count == 1 ? found[0].change.kind : .changed
        let links = found.map { index, change in
          "<a href=\"#c\(index)\">\(HTML.escaped(change.before.words)) → \(HTML.escaped(change.after.words))</a>"
        }.joined(separator: "<br>")
        return "<td class=\"\(kind.rawValue)\">\(links)</td>"
      }.joined()
      return "<tr><th scope=\"row\">\(HTML.escaped(source))</th>\(row)</tr>\n"
    }.joined()
    return """
      <section aria-labelledby="matrix"><h2 id="matrix">Who reaches whom</h2>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="matrix"><table>
      <thead><tr><th scope="col">from \\ to</th>\(head)</tr></thead>
      <tbody>
      \(rows)</tbody></table></div></section>

      """
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

  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  private static let script = """
    'use strict';
    const filter = document.getElementById('filter');
    const changes = [...document.querySelectorAll('.change')];
    const texts = changes.map(change => change.textContent.toLowerCase());
    function show() {
      const words = filter.value.toLowerCase().split(/\\s+/).filter(word => word);
      const kinds = new Set([...document.querySelectorAll('.kind:checked')].map(box => box.value));
      let count = 0;
      changes.forEach((change, index) => {
        const fits = kinds.has(change.dataset.kind) && words.every(word => texts[index].includes(word));
        change.hidden = !fits;
        if (fits) count += 1;
      });
      document.getElementById('shown').textContent = count + ' of ' + changes.length + ' shown';
    }
    function open() {
      const target = location.hash && document.getElementById(location.hash.slice(1));
      if (!target) return;
      target.hidden = false; target.open = true; target.querySelector('summary').focus();
    }
    if (filter) {
      filter.addEventListener('input', show);
      document.querySelectorAll('.kind').forEach(box => box.addEventListener('change', show));
      show();
    }
    window.addEventListener('hashchange', open);
    window.addEventListener('beforeprint', () => changes.forEach(change => { change.open = true; }));
    open();
    """
}
