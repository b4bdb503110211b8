import Ruleset
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
      found += repair.changedSets.map {
        Self.elements("set \($0.set.name)", missing: $0.added.count, extra: $0.removed.count)
      }
      found += repair.changedMaps.map {
        Self.elements("map \($0.map.name)", missing: $0.added.count, extra: $0.removed.count)
      }
      if found.isEmpty, !(repair.addedChains.isEmpty && repair.removedChains.isEmpty) {
        found = ["the marker of the revision differs"]
      }
      differences = found
    }

    /// The differences in a clause, at most five by name.
    var text: String {
      let shown = differences.prefix(5).joined(separator: ", ")
      return differences.count > 5 ? "\(shown) and \(differences.count - 5) more" : shown
    }

    private static func elements(_ name: String, missing: Int, extra: Int) -> String {
      var parts: [String] = []
      if missing > 0 { parts.append("\(Counting.of(missing, "element")) missing") }
      if extra > 0 { parts.append("\(Counting.of(extra, "element")) added") }
      return "\(name) has \(parts.isEmpty ? "another type" : parts.joined(separator: ", "))"
    }
  }
#endif
