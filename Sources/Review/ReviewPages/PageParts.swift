import Connectivity
import Wording

/// The parts that both pages have. What depends on data is filled in by the script.
enum PageParts {
  /// The box for words, and what it found.
  static func search(_ label: String, more: HTMLText = HTMLText()) -> HTMLText {
    PageTemplate(PackageResources.search_html).filled(["label": HTMLText(foreign: label), "more": more])
  }

  /// An entry of a matrix's legend.
  struct Key {
    /// The class of the cells that look so.
    let look: HTMLText
    /// The sign in them.
    var sign: HTMLText = ""
    /// The meaning in words.
    let words: HTMLText
  }

  /// The looks of cells that change nothing.
  static let legend = [
    Key(look: "all", words: "all traffic"), Key(look: "some", words: "some traffic"),
    Key(look: "none", words: "nothing"),
    Key(look: "self", words: "a pod and itself, or no common address family"),
  ]

  /// The notice in place of a matrix that no browser could hold.
  static func tooMany(_ matrix: ConnectivityMatrix) -> HTMLText {
    guard matrix.rows.isEmpty, !matrix.classes.isEmpty else { return "" }
    return
      "<p class=\"notice\">\(matrix.classes.count) classes are too many for a matrix: take one node, or some namespaces.</p>\n"
  }

  /// The matrix, and a form that asks about one pair.
  static func matrix(_ title: String, legend: [Key], more: HTMLText = HTMLText()) -> HTMLText {
    let entries = legend.map { key -> HTMLText in
      "<span class=\"key\"><i class=\"cell \(key.look)\">\(key.sign)</i> \(key.words)</span>"
    }
    return PageTemplate(PackageResources.matrix_html).filled([
      "title": HTMLText(foreign: title), "legend": entries.joined(separator: "\n"), "more": more,
    ])
  }

  /// A table whose rows the script fills in as far as they are looked at.
  static func table(_ id: String, _ title: String, _ columns: [String]) -> HTMLText {
    PageTemplate(PackageResources.table_html).filled([
      "id": HTMLText(foreign: id), "title": HTMLText(foreign: title),
      "head": HTMLText.concatenated(columns.map { "<th scope=\"col\">\($0)</th>" }),
    ])
  }

  /// The place where the cause of a cell is shown.
  static var cause: HTMLText { PageTemplate(PackageResources.cause_html).filled([:]) }
}

extension HTMLText {
  /// Texts one after the other, with nothing between them.
  static func concatenated(_ texts: [HTMLText]) -> HTMLText { texts.joined(separator: "") }
}
