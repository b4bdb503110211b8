import Diagnostics
import Documents
import KubernetesManifests

/// Policies of other projects that two revisions write differently: they filter too, and netpolc does not read them.
struct UnenforcedChanges {
  /// A phrase for each kind; none where nothing differs.
  let words: [String]

  /// A policy by its kind and its text.
  private struct Written: Hashable {
    let kind: String
    let text: String
  }

  /// Compares the documents that hold the policies. O(bytes of their sources).
  init(
    old: (policies: [UnenforcedPolicy], sources: [ManifestSource]),
    new: (policies: [UnenforcedPolicy], sources: [ManifestSource])
  ) {
    let (before, after) = (Self.written(old.policies, old.sources), Self.written(new.policies, new.sources))
    let kinds = before.symmetricDifference(after).map(\.kind)
    words = Set(kinds).sorted().map {
      "policies of the kind \($0), which differ and which netpolc does not enforce"
    }
  }

  private static func written(_ policies: [UnenforcedPolicy], _ sources: [ManifestSource]) -> Set<Written> {
    if policies.isEmpty { return [] }
    let places = Dictionary(grouping: policies, by: \.location.file)
    var found: Set<Written> = []
    for source in sources {
      guard let policies = places[source.name] else { continue }
      let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
      let borders = lines.indices.filter { lines[$0].hasPrefix("---") }
      for policy in policies {
        let line = policy.location.line - 1
        let start = borders.last { $0 < line }.map { $0 + 1 } ?? 0
        let end = borders.first { $0 > line } ?? lines.count
        found.insert(Written(kind: policy.kind, text: lines[start..<max(start, end)].joined(separator: "\n")))
      }
    }
    return found
  }
}
