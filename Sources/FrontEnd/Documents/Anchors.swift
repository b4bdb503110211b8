/// The values of a YAML document that aliases may name. A few lines of aliases of aliases stand for billions of values, so that
/// there is a limit.
struct Anchors {
  /// The greatest number of values that the aliases of a document stand for together. It limits their nesting too.
  static let limit = 10_000

  /// An alias that stands for nothing.
  enum Fault: Error {
    /// No value before it has the anchor; the one that it is in has not ended.
    case unknown
    /// The aliases would stand for more values than the limit.
    case tooMany
  }

  /// The number of values so far, each alias counted as all that it stands for.
  private(set) var count = 0
  private var added = 0
  private var values: [String: (node: SourceNode, count: Int)] = [:]

  /// Counts a value that is written out.
  mutating func add() { count += 1 }

  /// Keeps a value under the name of its anchor, in the place of an earlier one.
  ///
  /// - Parameters:
  ///   - node: the value.
  ///   - name: the anchor's.
  ///   - start: the number of values before it.
  mutating func keep(_ node: SourceNode, as name: String, from start: Int) {
    values[name] = (node, count - start)
  }

  /// The value that an alias stands for.
  ///
  /// - Throws: `Fault`.
  mutating func value(_ name: String) throws(Fault) -> SourceNode {
    guard let value = values[name] else { throw .unknown }
    guard value.count <= Self.limit - added else { throw .tooMany }
    added += value.count
    count += value.count
    return value.node
  }
}
