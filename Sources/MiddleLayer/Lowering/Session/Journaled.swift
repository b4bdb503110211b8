import Addresses

/// A dictionary that knows what was different before, until it is asked.
struct Journaled<Key: Hashable & Sendable, Value: Equatable & Sendable>: Sendable {
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

/// Values by numbers that are given again when a value is gone.
struct Pool<Value: Sendable>: Sendable {
  private var slots: [Value?] = []
  private var free: [Int] = []

  /// Puts a value in, and returns its number.
  mutating func insert(_ value: Value) -> Int {
    if let number = free.popLast() {
      slots[number] = value
      return number
    }
    slots.append(value)
    return slots.count - 1
  }

  /// Takes the value of a number out.
  mutating func remove(_ number: Int) {
    slots[number] = nil
    free.append(number)
  }

  subscript(number: Int) -> Value {
    get {
      guard let value = slots[number] else { preconditionFailure("nothing has number \(number)") }
      return value
    }
    // Taken out and put back: what is in two places is copied when it changes.
    _modify {
      guard var value = slots[number].take() else { preconditionFailure("nothing has number \(number)") }
      defer { slots[number] = value }
      yield &value
    }
  }
}

/// One value for each family of addresses.
struct PerFamily<Value> {
  var ipv4: Value
  var ipv6: Value

  init(_ value: Value) {
    ipv4 = value
    ipv6 = value
  }

  subscript(family: IPFamily) -> Value {
    get { family == .ipv4 ? ipv4 : ipv6 }
    _modify {
      switch family {
      case .ipv4: yield &ipv4
      case .ipv6: yield &ipv6
      }
    }
  }
}

extension PerFamily: Sendable where Value: Sendable {}
