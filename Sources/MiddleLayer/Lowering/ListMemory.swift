/// The work on lists of terms that several classes share, kept from one class to the next while peers stay as they are.
public struct ListMemory: Sendable {
  /// The number of rules of each list.
  var lengths: [ChainBuilder.Shared: Int] = [:]
  /// The lists, parted for the dense form.
  var forms: [ChainBuilder.Shared: ChainBuilder.DenseForm] = [:]
  /// The lookups of the parts of this form.
  var tables: [Part: DecisionTable] = [:]

  /// A part of a list.
  struct Part: Hashable {
    let list: ChainBuilder.Shared
    let number: Int
  }

  /// No work yet.
  public init() {}
}
