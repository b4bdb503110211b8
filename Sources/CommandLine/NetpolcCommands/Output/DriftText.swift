import Ruleset
import RulesetText
import Wording

#if os(Linux)
  import Enforcement

  /// The difference between the kernel's table and the record, by name.
  struct DriftText {
    /// One clause for each chain, set and map that differs, in this order: `chain forward differs`.
    let differences: [String]

    /// The differences of a delta that would make the table on record of the one found.
    init(_ repair: TableDelta) {
      let missing = repair.addedChains.map(\.name).filter { RevisionMarker(chain: $0) == nil }
      let extra = repair.removedChains.filter { RevisionMarker(chain: $0) == nil }
      var found = missing.map { "chain \($0) is missing" } + extra.map { "chain \($0) was added" }
      found += repair.changedChains.map { "chain \($0.name) differs" }
      found += repair.addedSets.map { "set \($0.name) is missing" }
      found += repair.removedSets.map { "set \($0) was added" }
      found += repair.addedMaps.map { "map \($0.name) is missing" }
      found += repair.removedMaps.map { "map \($0) was added" }
      found += repair.changedSets.map { change in
        Self.elements("set \(change.set.name)", change.set.key, missing: change.added, extra: change.removed)
      }
      found += repair.changedMaps.map { change in
        let (missing, extra) = (change.added.map(\.key), change.removed.map(\.key))
        // A key on both sides has another verdict.
        let both = Set(missing).intersection(extra)
        return Self.elements(
          "map \(change.map.name)", change.map.key, missing: missing.filter { !both.contains($0) },
          extra: extra.filter { !both.contains($0) }, other: missing.filter(both.contains))
      }
      if found.isEmpty, !(repair.addedChains.isEmpty && repair.removedChains.isEmpty) {
        found = ["the marker of the revision differs"]
      }
      differences = found
    }

    /// The differences in a clause, at most five by name.
    var text: String {
      let shown = differences.prefix(5).joined(separator: "; ")
      return differences.count > 5 ? "\(shown); and \(differences.count - 5) more" : shown
    }

    /// At most three elements of a kind are named.
    private static let namedElements = 3

    private static func elements(
      _ name: String, _ type: [DataType], missing: [ElementKey], extra: [ElementKey], other: [ElementKey] = []
    ) -> String {
      func named(_ keys: [ElementKey], _ what: String) -> String? {
        if keys.isEmpty { return nil }
        let shown = keys.prefix(namedElements).map { NFTPrinter.text(of: $0, type) }.joined(separator: ", ")
        let rest = keys.count > namedElements ? ", … \(keys.count - namedElements) more" : ""
        return "\(Counting.of(keys.count, "element")) \(what): \(shown)\(rest)"
      }
      let parts = [
        named(missing, "missing"), named(extra, "added"), named(other, "with another verdict"),
      ].compactMap(\.self)
      return "\(name) has \(parts.isEmpty ? "another type" : parts.joined(separator: "; "))"
    }
  }
#endif
