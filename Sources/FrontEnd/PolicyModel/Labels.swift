import Addresses

/// The labels of a pod or a namespace: unique keys, sorted.
///
/// Equal label sets are equal values, whatever the order they were written in.
public struct Labels: Sendable, Hashable {
  /// One label of an object: a key and its value.
  public struct Pair: Sendable, Hashable {
    /// The key, with its prefix if it has one: `app.kubernetes.io/name`.
    public let key: String
    /// The value, possibly empty.
    public let value: String

    /// Creates a label.
    public init(_ key: String, _ value: String) {
      self.key = key
      self.value = value
    }
  }

  /// The labels, ascending by key.
  public let pairs: [Pair]

  /// Creates an empty set of labels.
  public init() { pairs = [] }

  /// The labels in any order. Of two with one key the later wins, as in a map that is written twice.
  public init(_ pairs: some Sequence<Pair>) {
    var sorted = Array(pairs)
    if !zip(sorted, sorted.dropFirst()).allSatisfy({ $0.key < $1.key }) {
      var latest: [String: String] = [:]
      for pair in sorted { latest[pair.key] = pair.value }
      sorted = latest.map { Pair($0.key, $0.value) }.sorted { $0.key < $1.key }
    }
    self.pairs = sorted
  }

  /// The value of `key`, or nil when the label is missing. O(log n).
  public subscript(key: String) -> String? {
    // The few labels of a usual pod are quicker compared than searched.
    if pairs.count <= 16 { return pairs.first { $0.key == key }?.value }
    let place = pairs.partitioningIndex { $0.key >= key }
    return place < pairs.count && pairs[place].key == key ? pairs[place].value : nil
  }

  /// These labels with `key` set to `value`.
  public func setting(_ key: String, to value: String) -> Labels {
    Labels(pairs.filter { $0.key != key } + [Pair(key, value)])
  }
}

extension Labels: ExpressibleByDictionaryLiteral {
  /// Creates labels from a literal such as `["app": "web"]`.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(elements.map { Pair($0.0, $0.1) })
  }
}
