import Connectivity
import PolicyTrace
import Wording

/// The parts that both pages have. What depends on data is filled in by the script.
enum PageParts {
  /// The box for words, and what it found.
  static func search(_ label: String, more: String = "") -> String {
    """
    <div class="tools" role="search">
    <input type="search" id="filter" aria-label="\(label)" placeholder="Filter: a pod, a namespace, a policy, a port, an address" autocomplete="off" spellcheck="false">
    \(more)<span id="shown" class="dim" role="status"></span>
    </div>
    <noscript><p class="notice">This page draws its tables with a script of its own, and no script may run here.</p></noscript>

    """
  }

  /// The legend of the cells' appearance.
  struct Key {
    let look: String
    var sign = ""
    let words: String
  }

  /// The looks of cells that change nothing.
  static let legend = [
    Key(look: "all", words: "all traffic"), Key(look: "some", words: "some traffic"),
    Key(look: "none", words: "nothing"),
    Key(look: "self", words: "a pod and itself, or no common address family"),
  ]

  /// In place of a matrix that no browser could hold.
  static func tooMany(_ matrix: ConnectivityMatrix) -> String {
    guard matrix.rows.isEmpty, !matrix.classes.isEmpty else { return "" }
    return
      "<p class=\"notice\">\(matrix.classes.count) classes are too many for a matrix: take one node, or some namespaces.</p>\n"
  }

  /// The matrix, and a form that asks about one pair.
  static func matrix(_ title: String, legend: [Key], more: String = "") -> String {
    let entries = legend.map {
      "<span class=\"key\"><i class=\"cell \($0.look)\">\($0.sign)</i> \($0.words)</span>"
    }
    .joined(separator: "\n")
    return """
      <section aria-labelledby="matrix" id="matrix-part"><h2 id="matrix">\(title)</h2>
      <p class="legend">\(entries)</p>
      <div class="row" id="levels" hidden>
      <span role="group" aria-label="Rows and columns"><button type="button" id="by-namespace">Namespaces</button><button type="button" id="by-class">Classes</button></span>
      \(more)<span id="scope"></span>
      </div>
      <div class="matrix" id="grid"></div>
      <p class="dim" id="grid-note" role="status"></p>
      <form class="row" id="pair" aria-label="One pair">
      <label>from <input list="ends" id="pair-from" autocomplete="off" spellcheck="false"></label>
      <label>to <input list="ends" id="pair-to" autocomplete="off" spellcheck="false"></label>
      <button>Why?</button><span id="pair-note" class="dim" role="status"></span>
      <datalist id="ends"></datalist>
      </form>
      </section>

      """
  }

  /// A table whose rows the script fills in as far as they are looked at.
  static func table(_ id: String, _ title: String, _ columns: [String]) -> String {
    let head = columns.map { "<th scope=\"col\">\($0)</th>" }.joined()
    return """
      <section aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="\(id)"><table>
      <thead><tr>\(head)</tr></thead>
      <tbody id="\(id)-rows"></tbody></table></div>
      <button type="button" class="more" id="\(id)-more" hidden></button></section>

      """
  }

  /// Where the cause of a cell is shown.
  static let cause = """
    <aside id="cause" aria-labelledby="cause-title" hidden>
    <button type="button" id="cause-close" aria-label="Close">×</button>
    <div id="cause-body"></div>
    </aside>

    """
}
