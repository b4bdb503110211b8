import Connectivity
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// A drawing of the connections between few classes: who sends on the left, who receives what on the right, both by
/// namespace. The same input gives the same drawing. The table of connections says the same in words.
struct ConnectivityDrawing {
  /// With more classes a drawing shows nothing any more.
  private static let mostClasses = 24

  private let matrix: ConnectivityMatrix
  private let links: [ConnectionLists.Link]
  private let names: [String]
  private let spaces: [String]

  /// A drawing of the pairs that a policy has to do with.
  init(_ matrix: ConnectivityMatrix, _ describer: PodDescriber, _ links: [ConnectionLists.Link]) {
    self.matrix = matrix
    self.links = links
    let pods = matrix.sides[0].cluster.pods
    names = matrix.classes.map { describer.describe($0.map { matrix.common.pod($0, side: 0) }) }
    spaces = matrix.classes.map { pods[matrix.common.pod($0[0], side: 0)].namespace }
  }

  /// The part of the page; empty where nothing is to be drawn.
  var section: HTMLText {
    guard matrix.classes.count <= Self.mostClasses, !links.isEmpty else { return "" }
    return drawing
  }

  private static let (width, left, right) = (960, 300, 600)
  private static let (line, gap, space) = (24, 8, 26)

  private var drawing: HTMLText {
    var top = 4
    var parts = HTMLText()
    var former = ""
    var leaving: [Int: Int] = [:]
    for sender in Set(links.flatMap(\.senders)).sorted() {
      parts += heading(spaces[sender], &former, x: 0, &top)
      parts += box(names[sender], x: 1, y: top, width: Self.left - 1, lines: 1)
      leaving[sender] = top + Self.line / 2
      top += Self.line + Self.gap
    }
    var height = top
    (top, former) = (4, "")
    var edges = HTMLText()
    for (receiver, links) in Dictionary(grouping: links, by: \.receiver).sorted(by: { $0.key < $1.key }) {
      parts += heading(spaces[receiver], &former, x: Self.right, &top)
      parts += box(
        names[receiver], x: Self.right, y: top, width: Self.width - Self.right - 2, lines: links.count + 1)
      for (place, link) in links.enumerated() {
        let y = top + Self.line * (place + 1) + Self.line / 2
        let words = matrix.cells.words[matrix.cells.cells[link.cell][0]]
        parts +=
          "<text class=\"port\" x=\"\(Self.right + 14)\" y=\"\(y + 4)\">\(Self.cut(words, 46))</text>\n"
        parts += "<circle class=\"port\" cx=\"\(Self.right)\" cy=\"\(y)\" r=\"4\"/>\n"
        for sender in link.senders {
          edges += edge(sender, receiver, words, from: leaving[sender] ?? 0, to: y, link.cell)
        }
      }
      top += Self.line * (links.count + 1) + Self.gap
    }
    height = max(height, top)
    let count = links.reduce(0) { $0 + $1.senders.count }
    return PageTemplate(PackageResources.drawing_html).filled([
      "width": "\(Self.width)", "height": "\(height)",
      "connections": HTMLText(foreign: Counting.of(count, "connection")),
      "classes": HTMLText(foreign: Counting.of(matrix.classes.count, "class")), "edges": edges,
      "boxes": parts,
    ])
  }

  private func heading(_ space: String, _ former: inout String, x: Int, _ top: inout Int) -> HTMLText {
    guard space != former else { return "" }
    former = space
    top += Self.space
    return "<text class=\"space\" x=\"\(x)\" y=\"\(top - 8)\">\(Self.cut(space, 40))</text>\n"
  }

  private func box(_ name: String, x: Int, y: Int, width: Int, lines: Int) -> HTMLText {
    """
    <g><title>\(name)</title><rect x="\(x)" y="\(y)" width="\(width)" height="\(Self.line * lines)" rx="5"/>
    <text x="\(x + 10)" y="\(y + 16)">\(Self.cut(name, width / 8))</text></g>

    """
  }

  private func edge(_ sender: Int, _ receiver: Int, _ words: String, from: Int, to: Int, _ cell: Int)
    -> HTMLText
  {
    let middle = (Self.left + Self.right) / 2
    let kind = cell == CellTable.everything ? "edge everything" : "edge"
    let title = "\(names[sender]) → \(names[receiver]): \(words)"
    return """
      <path class="\(kind)" data-pair="\(sender) \(receiver)" d="M\(Self.left) \(from)C\(middle) \(from) \(middle) \(to) \(Self.right) \(to)"><title>\(title)</title></path>

      """
  }

  /// Text that fits, cut where it is longer.
  private static func cut(_ text: String, _ most: Int) -> String {
    text.count <= most ? text : text.prefix(most - 1) + "…"
  }
}
