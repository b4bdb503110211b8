/// A list of ordered rules of a class that is long enough for lookups, and what these would copy.
struct OrderedList: Sendable {
  /// The place of the list's tier in the class.
  let tier: Int
  /// The query of each term, in order; nil for a term that is not about pods.
  let queries: [Int?]
  /// True where the terms must stay in order.
  let areOrdered: Bool
  /// The number of addresses that the lookups would copy.
  var copies: Int
}
