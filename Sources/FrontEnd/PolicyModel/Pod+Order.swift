extension Pod {
  /// A pod's place in the order of names: nearly always decided without its name.
  private struct Place {
    /// The rank of its namespace.
    let namespace: UInt32
    let index: UInt32
    /// The first sixteen bytes of its name.
    let beginning: UInt128
  }

  /// The pods by namespace and name; equal ones as they were. O(n log n).
  ///
  /// Strings of a hundred thousand pods lie all over memory: what is compared is taken out of them once. Bytes have the order of
  /// strings where all of them are ASCII, as the API server demands of names.
  static func sortedByName(_ pods: [Pod]) -> [Pod] {
    let namespaces = Set(pods.lazy.map(\.namespace)).sorted()
    let ranks = [String: UInt32](
      uniqueKeysWithValues: namespaces.enumerated().map { ($0.element, UInt32($0.offset)) })
    var places: [Place] = []
    places.reserveCapacity(pods.count)
    var (namespace, rank) = ("", UInt32(0))
    for (index, pod) in pods.enumerated() {
      // Pods of one namespace often stand together.
      if index == 0 || pod.namespace != namespace {
        namespace = pod.namespace
        rank = ranks[namespace] ?? 0
      }
      guard let beginning = beginning(of: pod.name) else { return pods.sorted(by: isBefore) }
      places.append(Place(namespace: rank, index: UInt32(index), beginning: beginning))
    }
    places.sort {
      if $0.namespace != $1.namespace { return $0.namespace < $1.namespace }
      if $0.beginning != $1.beginning { return $0.beginning < $1.beginning }
      let (left, right) = (pods[Int($0.index)].name, pods[Int($1.index)].name)
      return left == right ? $0.index < $1.index : left < right
    }
    return places.map { pods[Int($0.index)] }
  }

  private static func isBefore(_ left: Pod, _ right: Pod) -> Bool {
    left.namespace == right.namespace ? left.name < right.name : left.namespace < right.namespace
  }

  /// The first sixteen bytes of a name, as a number; nil where the name has bytes that are not ASCII.
  private static func beginning(of name: String) -> UInt128? {
    var name = name
    return name.withUTF8 { bytes in
      var (beginning, all) = (UInt128(0), UInt8(0))
      for byte in bytes.prefix(16) { beginning = beginning << 8 | UInt128(byte) }
      for byte in bytes { all |= byte }
      return all < 0x80 ? beginning << UInt128(8 * max(0, 16 - bytes.count)) : nil
    }
  }
}
