import Addresses
public import PolicyModel
package import Ruleset

/// All that the proof of a slice depends on, apart from names of pods, with other addresses in the place of those that changed.
///
/// Where two slices have one pattern, the proof of one is that of the other. Nothing distinguishes a changed address from the one
/// that takes its place but the elements and the pods that have it: no block, no rule, no mode and no range of special addresses
/// has one of the two alone. To exchange them turns one slice into the other, and each packet's verdict with it. So pods that come
/// and go with the same labels, as those of a Deployment do, are proved once.
public struct SlicePattern: Hashable, Sendable {
  private struct PodPattern: Hashable, Sendable {
    let namespace: String
    let labels: Labels
    let addresses: [IPAddress]
    let ports: [NamedPort]
    let node: String?
  }

  private let table: Table
  private let policies: [Policy]
  private let namespaces: [String: Labels]
  private let kept: [PodPattern]
  private let changed: [PodPattern]
  private let families: Set<IPFamily>

  /// The parts that differ between nearly all patterns: of sets and pods.
  public func hash(into hasher: inout Hasher) {
    for set in table.sets { hasher.combine(set.elements.count) }
    hasher.combine(table.chains.count)
    hasher.combine(kept)
    hasher.combine(changed)
  }

  /// The pattern of a slice; nil where a changed address is special, or none is like it.
  init?(_ slice: TableSlice, _ modes: EnforcementModes) {
    let pods = slice.pods
    guard pods.allSatisfy(\.claimants.isEmpty) else { return nil }
    var others = Set(pods.flatMap(\.addresses)).subtracting(slice.changed)
    var exchange = Exchange()
    for family in IPFamily.allCases {
      let changed = slice.changed.filter { $0.family == family }.sorted()
      if changed.isEmpty { continue }
      let known = Set((others.filter { $0.family == family } + changed).map(\.bits))
      let bounds = AddressBounds(
        slice.table.intervals(of: family, besides: known) + blocks(of: slice.policies, family)
          + modes.intervals(family))
      for address in changed {
        guard HostSearch.isHost(address) else { return nil }
        let cell = bounds.cell(of: address.bits)
        guard var next = HostSearch.firstHost(in: cell, family) else { return nil }
        while others.contains(IPAddress(family, bits: next)) {
          if next == cell.upper { return nil }
          next += 1
        }
        let taken = IPAddress(family, bits: next)
        guard HostSearch.isHost(taken) else { return nil }
        others.insert(taken)
        exchange.taken[address] = taken
      }
    }
    var table = slice.table
    for place in table.sets.indices { exchange.apply(to: &table.sets[place]) }
    for place in table.maps.indices { exchange.apply(to: &table.maps[place]) }
    self.table = table
    policies = slice.policies
    namespaces = slice.namespaces
    families = slice.families
    func patterns(_ pods: [Pod]) -> [PodPattern] {
      pods.map { pod in
        PodPattern(
          namespace: pod.namespace, labels: pod.labels,
          addresses: pod.addresses.map { exchange.taken[$0] ?? $0 }, ports: pod.namedPorts, node: pod.node)
      }
    }
    func isChanged(_ pod: Pod) -> Bool { pod.addresses.contains(where: slice.changed.contains) }
    kept = patterns(pods.filter { !isChanged($0) })
    changed = patterns(pods.filter(isChanged))
  }

  /// The addresses that take the places of others.
  private struct Exchange {
    var taken: [IPAddress: IPAddress] = [:]

    func apply(to set: inout NamedSet) {
      if apply(&set.elements, set.key, \.self) { set.elements.sort() }
    }

    func apply(to map: inout VerdictMap) {
      if apply(&map.elements, map.key, \.key) { map.elements.sort { $0.key < $1.key } }
    }

    /// Puts the addresses that take the places of others into elements.
    ///
    /// - Returns: true where an element is another now.
    private func apply<Element>(
      _ elements: inout [Element], _ types: [DataType], _ key: WritableKeyPath<Element, ElementKey>
    ) -> Bool {
      let families = types.map(\.family)
      if families.allSatisfy({ $0 == nil }) { return false }
      var isChanged = false
      for place in elements.indices {
        let fields = elements[place][keyPath: key].fields
        let others = zip(fields, families).map { field, family in
          guard let family, field.isSingle, let other = taken[IPAddress(family, bits: field.lower)] else {
            return field
          }
          return Interval(other.bits)
        }
        if others == fields { continue }
        isChanged = true
        elements[place][keyPath: key] = others.count == 1 ? .single(others[0]) : .concatenation(others)
      }
      return isChanged
    }
  }
}

extension TableSlice {
  /// The pattern of the slice in some modes; nil where it has none.
  public func pattern(_ modes: EnforcementModes) -> SlicePattern? { SlicePattern(self, modes) }

  /// The same slice with another table: for tests.
  package func with(_ table: Table) -> TableSlice {
    TableSlice(
      table: table, pods: pods, policies: policies, namespaces: namespaces, families: families,
      changed: changed)
  }
}

extension Table {
  /// The intervals of a family that the table names, without single addresses of some in sets and maps.
  fileprivate func intervals(of family: IPFamily, besides known: Set<UInt128>) -> [Interval<UInt128>] {
    var found: [Interval<UInt128>] = []
    func note(_ key: ElementKey, _ types: [DataType], besides known: Set<UInt128> = []) {
      for (field, type) in zip(key.fields, types) where type.family == family {
        if field.isSingle, known.contains(field.lower) { continue }
        found.append(field)
      }
    }
    for set in sets where set.key.contains(where: { $0.family == family }) {
      for key in set.elements { note(key, set.key, besides: known) }
    }
    for map in maps where map.key.contains(where: { $0.family == family }) {
      for element in map.elements { note(element.key, map.key, besides: known) }
    }
    for statement in chains.lazy.flatMap(\.rules).flatMap(\.statements) {
      for key in statement.writtenKeys { note(key, statement.askedFields.map(\.type)) }
    }
    return found
  }
}

/// The blocks of a family that policies name, with their exceptions.
private func blocks(of policies: [Policy], _ family: IPFamily) -> [Interval<UInt128>] {
  var found: [Interval<UInt128>] = []
  for policy in policies {
    for rule in Direction.allCases.lazy.compactMap({ policy.rules($0) }).joined() {
      for case .ipBlock(let block) in rule.peers.entries.lazy.map(\.kind) {
        found += block.intervals(of: family)
      }
    }
  }
  return found
}

extension EnforcementModes {
  /// The intervals of a family that the modes name.
  fileprivate func intervals(_ family: IPFamily) -> [Interval<UInt128>] {
    unknownPodBlocks.filter { $0.family == family }.map(\.interval)
      + uncheckedSources.filter { $0.family == family }.map { Interval($0.bits) }
  }
}
