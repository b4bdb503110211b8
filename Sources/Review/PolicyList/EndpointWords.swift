import Addresses
import Connectivity
import PolicyModel
import Wording

/// Descriptions of endpoints that stay short and cheap however many pods they are.
struct EndpointWords {
  /// Up to so many pods are described by what they share, or named.
  private static let mostLookedAt = 2_000
  /// The number of names that are written out.
  private static let mostNames = 12

  private let cluster: Cluster
  private let describer: PodDescriber
  private let countOfNamespace: [String: Int]

  init(_ cluster: Cluster) {
    self.cluster = cluster
    describer = PodDescriber(cluster)
    var counts: [String: Int] = [:]
    for run in cluster.podRuns { counts[cluster.pods[run.lowerBound].namespace, default: 0] += run.count }
    countOfNamespace = counts
  }

  /// The words for the pods of some groups.
  func describe(_ groups: [[Int]]) -> String {
    let count = groups.reduce(0) { $0 + $1.count }
    let total = Counting.of(count, "pod")
    if count == 1, let only = groups.flatMap({ $0 }).first { return cluster.pods[only].endpointName }
    if count == cluster.pods.count { return "every pod (\(total))" }
    if count <= Self.mostLookedAt {
      let pods = groups.flatMap { $0 }.sorted()
      let words = describer.describe(pods)
      // The describer cuts long lists of names; here they are the answer.
      guard words.contains("… ") else { return words }
      let names = Counting.first(Self.mostNames, of: pods.map { cluster.pods[$0].endpointName })
      return "\(names) (\(total))"
    }
    var counts: [String: Int] = [:]
    for group in groups {
      if let first = group.first { counts[cluster.pods[first].namespace, default: 0] += group.count }
    }
    let whole = counts.filter { countOfNamespace[$0.key] == $0.value }.keys.sorted()
    if whole.count == counts.count {
      return "every pod of \(Self.namespaces(whole)) (\(total))"
    }
    if count * 2 > cluster.pods.count, let words = missing(counts) { return words + " (\(total))" }
    return "\(total) of \(Self.namespaces(counts.keys.sorted()))"
  }

  /// The words for most of the pods, by the whole namespaces that are left out.
  private func missing(_ counts: [String: Int]) -> String? {
    let absent = countOfNamespace.filter { counts[$0.key] == nil }.keys.sorted()
    let isPartial = counts.contains { countOfNamespace[$0.key] != $0.value }
    guard !isPartial, !absent.isEmpty else { return nil }
    return "every pod but those of \(Self.namespaces(absent))"
  }

  private static func namespaces(_ names: [String]) -> String {
    names.count <= 3
      ? "\(Counting.agree(names.count, "namespace", "namespaces")) \(Counting.list(names))"
      : "\(Counting.of(names.count, "namespace")) (\(Counting.first(3, of: names)))"
  }

  /// The words for blocks of addresses outside.
  static func describe(_ blocks: [CIDR]) -> String {
    let whole = Set(blocks.filter { $0.prefixLength == 0 }.map(\.family))
    if whole == Set(blocks.map(\.family)) { return "every address outside" }
    return "outside \(BlockWords.describe(blocks))"
  }
}
