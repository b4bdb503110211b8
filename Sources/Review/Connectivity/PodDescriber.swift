public import PolicyModel
import Wording

/// Short descriptions of sets of pods, in the terms that policies use: a namespace, a label.
public struct PodDescriber {
  private let pods: [Pod]
  private let namespaces: [String: Labels]
  private var inNamespace: [String: Int] = [:]
  /// The runs of pods of each namespace.
  private var runs: [String: [Range<Int>]] = [:]
  private var namespaceLabels: [Labels.Pair: Set<String>] = [:]
  private let labelled = LabelCounts()

  /// The number of pods of a namespace that carry each label, counted when the namespace is first used.
  private final class LabelCounts {
    var of: [String: [Labels.Pair: Int]] = [:]
  }

  /// A describer of the pods of a cluster. O(runs of pods).
  public init(_ cluster: Cluster) {
    pods = cluster.pods
    namespaces = cluster.namespaces
    for run in cluster.podRuns {
      let namespace = pods[run.lowerBound].namespace
      inNamespace[namespace, default: 0] += run.count
      runs[namespace, default: []].append(run)
    }
    for (name, labels) in namespaces where inNamespace[name] != nil {
      for label in labels.pairs where label.key != Namespace.nameLabel {
        namespaceLabels[label, default: []].insert(name)
      }
    }
  }

  private func count(of label: Labels.Pair, in namespace: String) -> Int {
    if let known = labelled.of[namespace] { return known[label] ?? 0 }
    var counts: [Labels.Pair: Int] = [:]
    for run in runs[namespace] ?? [] {
      for label in pods[run.lowerBound].labels.pairs { counts[label, default: 0] += run.count }
    }
    labelled.of[namespace] = counts
    return counts[label] ?? 0
  }

  /// A description of the pods at the indices: the properties that only they share, or else the first few
  /// names.
  public func describe(_ indices: [Int]) -> String {
    guard let first = indices.first else { return "no pod" }
    if indices.count == 1 { return pods[first].endpointName }
    let count = " (\(Counting.of(indices.count, "pod")))"
    if indices.count == pods.count { return "every pod" + count }
    if pods.count - indices.count <= 2, pods.count > 4 {
      let present = Set(indices)
      let missing = pods.indices.filter { !present.contains($0) }.map { pods[$0].endpointName }
      return "every pod but \(missing.joined(separator: " and "))" + count
    }
    let spaces = Set(indices.map { pods[$0].namespace })
    if spaces.reduce(0, { $0 + (inNamespace[$1] ?? 0) }) == indices.count {
      return wholeNamespaces(spaces) + count
    }
    for label in pods[first].labels.pairs {
      guard indices.allSatisfy({ pods[$0].labels[label.key] == label.value }) else { continue }
      guard spaces.reduce(0, { $0 + self.count(of: label, in: $1) }) == indices.count else { continue }
      return "\(namespaceList(spaces)) \(label.key)=\(label.value)" + count
    }
    return Counting.first(3, of: indices.map { pods[$0].endpointName }) + count
  }

  private func wholeNamespaces(_ spaces: Set<String>) -> String {
    if spaces.count == 1 { return "namespace \(namespaceList(spaces))" }
    for (label, names) in namespaceLabels.sorted(by: {
      ($0.key.key, $0.key.value) < ($1.key.key, $1.key.value)
    })
    where names == spaces {
      return "namespaces \(label.key)=\(label.value)"
    }
    return "namespaces \(namespaceList(spaces))"
  }

  private func namespaceList(_ spaces: Set<String>) -> String { Counting.first(3, of: spaces.sorted()) }
}
