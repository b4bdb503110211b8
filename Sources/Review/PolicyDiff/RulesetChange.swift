public import Ruleset

/// The changes in a ruleset, by name and number.
public struct RulesetChange: Sendable, Hashable {
  /// A part of the ruleset, and what becomes of it.
  public struct Part: Sendable, Hashable {
    /// The kinds of change to an object.
    public enum Fate: String, Sendable, Hashable {
      /// It is new.
      case added
      /// It is gone.
      case removed
      /// It holds other rules or elements.
      case changed
    }
    /// `chain`, `set` or `map`.
    public let kind: String
    /// The name of the object.
    public let name: String
    /// The change to the object.
    public let fate: Fate
    /// The number of rules or elements that it gains.
    public let added: Int
    /// The number of rules or elements that it loses.
    public let removed: Int
  }

  /// The node whose ruleset this is; nil: that of all pods.
  public let node: String?
  /// Chains, sets, maps, each by name.
  public let parts: [Part]

  /// The change from one table to another.
  public init(from old: Table, to new: Table, node: String?) {
    self.node = node
    let delta = TableDelta(from: old, to: new)
    let oldChains = Dictionary(old.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let oldSets = Dictionary(
      old.sets.map { ($0.name, $0.elements.count) }, uniquingKeysWith: { first, _ in first })
    let oldMaps = Dictionary(
      old.maps.map { ($0.name, $0.elements.count) }, uniquingKeysWith: { first, _ in first })
    var parts: [Part] = []
    parts += delta.addedChains.map {
      Part(kind: "chain", name: $0.name, fate: .added, added: $0.rules.count, removed: 0)
    }
    parts += delta.removedChains.map {
      Part(kind: "chain", name: $0, fate: .removed, added: 0, removed: oldChains[$0]?.rules.count ?? 0)
    }
    parts += delta.changedChains.map { chain in
      let difference = chain.rules.difference(from: oldChains[chain.name]?.rules ?? [])
      return Part(
        kind: "chain", name: chain.name, fate: .changed, added: difference.insertions.count,
        removed: difference.removals.count)
    }
    parts += delta.addedMaps.map {
      Part(kind: "map", name: $0.name, fate: .added, added: $0.elements.count, removed: 0)
    }
    parts += delta.removedMaps.map {
      Part(kind: "map", name: $0, fate: .removed, added: 0, removed: oldMaps[$0] ?? 0)
    }
    parts += delta.changedMaps.map {
      Part(kind: "map", name: $0.map.name, fate: .changed, added: $0.added.count, removed: $0.removed.count)
    }
    parts += delta.addedSets.map {
      Part(kind: "set", name: $0.name, fate: .added, added: $0.elements.count, removed: 0)
    }
    parts += delta.removedSets.map {
      Part(kind: "set", name: $0, fate: .removed, added: 0, removed: oldSets[$0] ?? 0)
    }
    parts += delta.changedSets.map {
      Part(kind: "set", name: $0.set.name, fate: .changed, added: $0.added.count, removed: $0.removed.count)
    }
    self.parts = parts.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
  }

  /// True where the ruleset stays as it is.
  public var isEmpty: Bool { parts.isEmpty }
}
