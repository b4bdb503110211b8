/// The names of all pods of a comparison and their order, worked out when many are asked for at once: a change may name
/// thousands, and there may be thousands of changes.
final class EndpointNames {
  private let count: Int
  private let name: (Int) -> String
  private lazy var names = (0..<count).map(name)
  /// For each pod the place of its name among all.
  private lazy var ranks: [Int32] = {
    var ranks = [Int32](repeating: 0, count: count)
    for (rank, pod) in (0..<count).sorted(by: { names[$0] < names[$1] }).enumerated() {
      ranks[pod] = Int32(rank)
    }
    return ranks
  }()

  /// Names of the pods `0..<count`.
  init(count: Int, name: @escaping (Int) -> String) { (self.count, self.name) = (count, name) }

  /// The names of some pods, ascending. O(n log n) in these, and once in all.
  func ascending(_ pods: [Int]) -> [String] {
    if pods.count < 64 { return pods.map(name).sorted() }
    let (names, ranks) = (names, ranks)
    return pods.sorted { ranks[$0] < ranks[$1] }.map { names[$0] }
  }
}
