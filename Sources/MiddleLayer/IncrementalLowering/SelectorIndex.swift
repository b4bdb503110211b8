import PolicyModel

/// Selectors by a label that they ask for, so that finding those that match some labels takes as long as there are
/// labels, not as long as there are selectors.
struct SelectorIndex<ID: Hashable & Sendable>: Sendable {
  private enum Place: Hashable {
    /// Those that ask for this value of this label.
    case pair(Labels.Pair)
    /// Those that ask for a label whatever its value.
    case key(String)
    /// Those that ask for no label: everything, or only what has not some.
    case anywhere
  }

  private var places: [Place: [ID: LabelSelector]] = [:]

  /// True where there is none.
  var isEmpty: Bool { places.isEmpty }

  /// Adds a selector under a name that no other has.
  mutating func insert(_ selector: LabelSelector, _ id: ID) {
    for place in Self.places(of: selector) { places[place, default: [:]][id] = selector }
  }

  /// Takes a selector out.
  mutating func remove(_ selector: LabelSelector, _ id: ID) {
    for place in Self.places(of: selector) {
      places[place]?[id] = nil
      if places[place]?.isEmpty == true { places[place] = nil }
    }
  }

  /// Those that match the labels, each once, in no order. `steps` counts up by what was looked at.
  func matching(_ labels: Labels, _ steps: inout Int) -> [ID] {
    var found: [ID] = []
    func look(at place: Place) {
      steps += 1
      guard let selectors = places[place] else { return }
      steps += selectors.count
      for (id, selector) in selectors where selector.matches(labels) { found.append(id) }
    }
    look(at: .anywhere)
    for pair in labels.pairs {
      look(at: .key(pair.key))
      look(at: .pair(pair))
    }
    return found
  }

  /// One condition decides where the selector is; labels meet it in one place at most.
  private static func places(of selector: LabelSelector) -> [Place] {
    let values = selector.requirements.filter { $0.relation == .isIn }
    if let fewest = values.min(by: { $0.values.count < $1.values.count }) {
      return fewest.values.map { .pair(Labels.Pair(fewest.key, $0)) }
    }
    if let exists = selector.requirements.first(where: { $0.relation == .exists }) {
      return [.key(exists.key)]
    }
    return [.anywhere]
  }
}
