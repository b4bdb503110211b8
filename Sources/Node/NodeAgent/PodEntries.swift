import PolicyModel

/// The pods of a view by their keys, each with a number for as long as it is there.
struct PodEntries: Sendable {
  typealias Key = ClusterView.Key

  private var slots: [ClusterView.Entry?] = []
  private var free: [Int] = []
  private var numbers = PodNumbers()
  /// The keys that are not the name of a pod: those of pods that a new one of the same name replaced.
  private var ghosts: [Key: Int] = [:]
  private var keysOfGhosts: [Int: Key] = [:]

  /// The number of pods.
  var count: Int { numbers.count + ghosts.count }

  /// The pods, in no order.
  var values: some Sequence<ClusterView.Entry> { slots.lazy.compactMap(\.self) }

  /// Makes room for so many pods.
  mutating func reserveCapacity(_ count: Int) {
    slots.reserveCapacity(count)
    numbers.reserveCapacity(count)
  }

  /// The number of a key; nil where it has none.
  func number(of key: Key) -> Int? {
    if let ghost = ghosts[key] { return ghost }
    return numbers.number(key.namespace, key.name) { number in
      slots[number].map { $0.api.pod.name == key.name && $0.api.pod.namespace == key.namespace } ?? false
    }
  }

  /// The key of a number; nil where it is of no pod.
  func key(of number: Int) -> Key? {
    if let ghost = keysOfGhosts[number] { return ghost }
    return slots[number].map { Key($0.api.pod.namespace, $0.api.pod.name) }
  }

  /// The keys of the numbers that a condition holds for.
  func keys(where isWanted: (Int) -> Bool) -> [Key] {
    slots.indices.compactMap { slots[$0] != nil && isWanted($0) ? key(of: $0) : nil }
  }

  /// The entry of a key; nil: none.
  subscript(key: Key) -> ClusterView.Entry? {
    get { number(of: key).flatMap { slots[$0] } }
    set {
      guard let known = number(of: key) else {
        if let newValue { insert(newValue, key) }
        return
      }
      slots[known] = newValue
      if newValue == nil { forget(known, key) }
    }
  }

  /// Gives a key that has none an entry.
  ///
  /// - Returns: its number.
  @discardableResult
  mutating func insert(_ entry: ClusterView.Entry, _ key: Key) -> Int {
    let number = free.popLast() ?? slots.count
    if number == slots.count { slots.append(entry) } else { slots[number] = entry }
    if entry.api.pod.name == key.name {
      numbers.insert(number, key.namespace, key.name)
    } else {
      ghosts[key] = number
      keysOfGhosts[number] = key
    }
    return number
  }

  private mutating func forget(_ number: Int, _ key: Key) {
    free.append(number)
    if keysOfGhosts.removeValue(forKey: number) != nil {
      ghosts[key] = nil
    } else {
      numbers.remove(number, key.namespace, key.name)
    }
  }
}
