/// A dictionary that keeps the former values of changed keys until its changes are taken.
struct ChangeTrackingDictionary<Key: Hashable & Sendable, Value: Equatable & Sendable>: Sendable {
  /// The current content.
  private(set) var current: [Key: Value] = [:]
  private var former: [Key: Value?] = [:]

  subscript(key: Key) -> Value? {
    get { current[key] }
    set {
      if former[key] == nil { former.updateValue(current[key], forKey: key) }
      current[key] = newValue
    }
  }

  /// The differences since the last call, in no order.
  mutating func takeChanges() -> [(key: Key, before: Value?, after: Value?)] {
    let changes = former.compactMap { key, before in
      before == current[key] ? nil : (key: key, before: before, after: current[key])
    }
    former.removeAll()
    return changes
  }
}
