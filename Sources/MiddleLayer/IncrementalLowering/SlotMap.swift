import PolicyModel

/// A slot map: values by small numbers, of which those of removed values are used again.
struct SlotMap<Value: Sendable>: Sendable {
  private var slots = PartedArray<Value?>()
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
    @inline(__always) get {
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

/// Values by numbers that somebody else gives, small and dense: a hundred thousand take a third of a dictionary's memory.
struct NumberedValues<Value: Sendable>: Sendable {
  private var slots = PartedArray<Value?>()

  subscript(number: Int) -> Value? {
    get { number < slots.count ? slots[number] : nil }
    _modify {
      while slots.count <= number { slots.append(nil) }
      yield &slots[number]
    }
  }

  /// Takes the value of a number out.
  mutating func removeValue(forKey number: Int) -> Value? {
    number < slots.count ? slots[number].take() : nil
  }
}
