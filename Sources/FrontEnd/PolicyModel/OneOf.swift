/// A list in a rule. An absent or empty list means *everything*; a list with entries means any
/// of them, which may well turn out to be nothing. The two must never be taken for each other, hence no
/// optional and no empty array.
public enum OneOf<Element: Sendable & Hashable>: Sendable, Hashable {
  /// The list was absent or empty: no restriction.
  case everything
  /// Any of these, at least one entry.
  case anyOf([Element])

  /// The API's reading of a list: empty is everything.
  public init(list: [Element]) { self = list.isEmpty ? .everything : .anyOf(list) }

  /// The entries; none for everything.
  public var entries: [Element] {
    switch self {
    case .everything: []
    case .anyOf(let entries): entries
    }
  }
}
