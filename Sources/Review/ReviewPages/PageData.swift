import Addresses
import Connectivity
public import Diagnostics
import JSONText
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// The lines behind places in sources, as far as they can be quoted.
public typealias Quotation = ([SourceLocation]) -> [SourceLocation: String]

/// The data of a page's script: classes, the matrix, and the policies with the matches of each of their
/// entries. Each text is written once; other parts refer to it by number.
struct PageData {
  /// The JSON written so far.
  var json = JSONWriter()
  /// The contents of cells and rules.
  var cells: CellTable
  let matrix: ConnectivityMatrix
  let describer: PodDescriber
  /// The classes that are written, and the place of each.
  let kept: [Int]
  /// For each revision the policies that are written, ascending, as indices of `Cluster.policies`.
  let policies: [[Int]]
  private var places: [Origin] = []
  private var placeOfOrigin: [Origin: Int] = [:]

  /// Collects the data of a matrix.
  /// - Parameters:
  ///   - matrix: the cells.
  ///   - kept: the classes that are written, ascending.
  ///   - describer: of the pods of the last revision.
  init(_ matrix: ConnectivityMatrix, kept: [Int], _ describer: PodDescriber) {
    self.matrix = matrix
    self.kept = kept
    self.describer = describer
    cells = matrix.cells
    policies = matrix.sides.indices.map { side in
      Set(
        kept.flatMap { index in
          Direction.allCases.flatMap { matrix.profile(index, $0, side: side).policies }
        }
      ).sorted()
    }
  }

  /// The data as text.
  ///
  /// - Parameters:
  ///   - quote: the lines of the places that are named.
  ///   - body: writes what only one page has.
  /// - Returns: JSON without `<`, so that no text in it can end the element it stands in.
  mutating func text(_ quote: Quotation, _ body: (inout PageData) -> Void) -> String {
    json.openObject()
    writeClasses()
    json.lineBreak()
    json.key("matrix")
    MatrixRows(rows).write(&json)
    list("sides", matrix.sides.indices) { side, page in page.writeSide(side) }
    body(&self)
    let marks = cells.marks
    list("cells", cells.cells) { codes, page in page.json.array { json in codes.forEach { json.number($0) } }
    }
    if matrix.sides.count > 1 { list("marks", marks) { $1.json.string($0.rawValue) } }
    list("words", cells.words) { $1.label($0) }
    writePlaces(quote)
    json.closeObject()
    return json.text.replacing("<", with: "\\u003c")
  }

  /// The kept classes' part of the matrix; none where it was not worked out.
  private var rows: [[UInt32]] {
    guard !matrix.rows.isEmpty, kept.count < matrix.rows.count else { return matrix.rows }
    return kept.map { sender in kept.map { matrix.rows[sender][$0] } }
  }

  /// A key with a list, one element a line.
  mutating func list<Elements: Sequence>(
    _ key: String, _ elements: Elements, _ write: (Elements.Element, inout PageData) -> Void
  ) {
    json.lineBreak()
    json.key(key)
    json.openArray()
    for element in elements {
      json.lineBreak()
      write(element, &self)
    }
    json.closeArray()
  }

  /// An array as an element of a list.
  mutating func array(_ write: (inout PageData) -> Void) {
    json.openArray()
    write(&self)
    json.closeArray()
  }

  mutating func number(_ value: Int) { json.number(value) }

  /// Text for people.
  mutating func label(_ text: String) { json.string(ForeignText(text).visible) }

  /// Lines of a source.
  mutating func quotation(_ text: String) {
    json.string(
      text.split(separator: "\n", omittingEmptySubsequences: false).map { ForeignText($0).visible }
        .joined(separator: "\n"))
  }

  /// The number of a place in a source.
  mutating func place(_ origin: Origin) -> Int {
    if let known = placeOfOrigin[origin] { return known }
    placeOfOrigin[origin] = places.count
    places.append(origin)
    return places.count - 1
  }

  private mutating func writePlaces(_ quote: Quotation) {
    // Of a policy the first line says nothing; of a rule or an entry it does.
    let lines = quote(places.filter { !$0.field.isEmpty }.map(\.location))
    let files = Set(places.map(\.location.file)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($0.element, $0.offset) })
    list("places", places) { origin, page in
      page.array { page in
        let location = origin.location
        for number in [numbers[location.file] ?? 0, location.line, location.column] { page.number(number) }
        page.label(origin.field)
        if !origin.field.isEmpty, let line = lines[location] { page.quotation(line) }
      }
    }
    list("files", files) { $1.label($0) }
  }
}
