import PolicyModel

/// Lists of labels that share their beginnings, so that one with a label more costs no copy of the others.
struct LabelChain {
  /// A list: the place of its last label.
  struct Place: Hashable {
    fileprivate let link: Int
    fileprivate let count: Int
  }

  private struct Link {
    let label: Labels.Pair
    let isPod: Bool
    let before: Place
  }

  private var links: [Link] = []
  /// The list without labels.
  let empty = Place(link: -1, count: 0)

  /// A list with a label more, of a pod or of its namespace; the same one for nil.
  mutating func place(_ place: Place, with label: Labels.Pair?, isPod: Bool) -> Place {
    guard let label else { return place }
    links.append(Link(label: label, isPod: isPod, before: place))
    return Place(link: links.count - 1, count: place.count + 1)
  }

  /// The labels of a list. O(labels).
  func cell(_ place: Place) -> LabelCells.Cell {
    var (cell, rest) = (LabelCells.Cell(), place)
    while rest.link >= 0 {
      let link = links[rest.link]
      if link.isPod { cell.extra.append(link.label) } else { cell.namespace.append(link.label) }
      rest = link.before
    }
    cell.extra.reverse()
    cell.namespace.reverse()
    return cell
  }

  /// True where a list is simpler than another one with a label more: it has fewer labels, or comes first by their words. O(1) but
  /// for lists of one length that begin otherwise.
  func isSimpler(_ known: Place, than place: Place, with label: Labels.Pair?, isPod: Bool) -> Bool {
    let count = place.count + (label == nil ? 0 : 1)
    if known.count != count { return known.count < count }
    guard let label else { return known != place && Self.isSimpler(cell(known), cell(place)) }
    let last = links[known.link]
    // Two values of one key behind the same labels.
    if last.before == place, last.isPod == isPod, last.label.key == label.key {
      return last.label.value < label.value
    }
    var cell = self.cell(place)
    if isPod { cell.extra.append(label) } else { cell.namespace.append(label) }
    return Self.isSimpler(self.cell(known), cell)
  }

  /// True where a cell has fewer labels than another, or as many and comes first by their words.
  static func isSimpler(_ left: LabelCells.Cell, _ right: LabelCells.Cell) -> Bool {
    func words(_ cell: LabelCells.Cell) -> String {
      (cell.extra + cell.namespace).map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
    let counts = (left.extra.count + left.namespace.count, right.extra.count + right.namespace.count)
    return counts.0 == counts.1 ? words(left) < words(right) : counts.0 < counts.1
  }
}
