/// The numbers of pods by namespace and name, which stand elsewhere: eight bytes a pod, where a dictionary of names takes a
/// hundred.
public struct PodNumbers: Sendable {
  private var table = NumberTable<UInt32>()

  /// A table of nothing.
  public init() {}

  /// The pods in it.
  public var count: Int { table.count }

  /// Makes room for so many pods.
  public mutating func reserveCapacity(_ count: Int) { table.reserveCapacity(count) }

  /// The number of a pod; nil where it has none.
  ///
  /// - Parameters:
  ///   - namespace: the pod's namespace.
  ///   - name: the pod's name.
  ///   - isNamed: true for the number of the pod with this name: others may have the same hash.
  /// - Returns: the number.
  public func number(_ namespace: String, _ name: String, where isNamed: (Int) -> Bool) -> Int? {
    table.first(Self.hash(namespace, name), where: isNamed)
  }

  /// Gives a pod that has none a number.
  public mutating func insert(_ number: Int, _ namespace: String, _ name: String) {
    table.insert(number, Self.hash(namespace, name))
  }

  /// Takes a pod's number from it.
  public mutating func remove(_ number: Int, _ namespace: String, _ name: String) {
    table.remove(number, Self.hash(namespace, name))
  }

  private static func hash(_ namespace: String, _ name: String) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(namespace)
    hasher.combine(name)
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }
}
