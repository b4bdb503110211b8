import Addresses
import PolicyModel
import Ruleset
import TableLayout

/// The pods that blocks of a changed pod's rules tell apart, though they are of one kind.
extension IncrementalCompiler {
  /// Keeps own pods about whose addresses the rules of a changed own pod may be wrong, unseen.
  ///
  /// A packet between two own pods passes the rules of both, and either may hide a mistake of the other. So of a kind that is
  /// kept there is one pod in each cell of the changed pod's rules and policies; and of the others one in each cell without an
  /// address that is no pod's and open, with which these rules were, or are, judged.
  mutating func keepInCells(
    ofKind number: Int, besides leftOut: Set<Int>, _ search: inout HostSearch, _ kept: inout Set<Int>
  ) {
    let maps = mapsOfPods(ofKind: number)
    var cells = KnownCells(bounds: reading(ofKind: number).blocks)
    var others: [(id: Int, places: [PlaceInRules])] = []
    var all: Set<PlaceInRules> = []
    for id in peers.subjects where !leftOut.contains(id) {
      guard let other = peers.endpoints[id] else { continue }
      let places = other.pod.addresses.map { address in
        PlaceInRules(
          cell: cells.cell(of: address), verdicts: maps[address.family].map { $0.verdict(of: address) })
      }
      all.formUnion(places)
      others.append((id, places))
    }
    let hostless = all.filter { place in
      place.verdicts.contains { $0 != nil } || !hasHost(in: place.cell, &search)
    }
    // Most often there is one place in each family, and nothing to be told apart.
    if hostless.isEmpty, Set(all.map(\.cell.family)).count == all.count { return }
    var seen: [Int: Set<[PlaceInRules]>] = [:]
    for (id, places) in others where kept.contains(id) {
      if let kind = ownKinds.number(ofPod: id) { seen[kind, default: []].insert(places) }
    }
    for (id, places) in others.sorted(by: { $0.id < $1.id }) where !kept.contains(id) {
      guard let kind = ownKinds.number(ofPod: id),
        seen[kind] != nil || places.contains(where: hostless.contains)
      else { continue }
      if seen[kind, default: []].insert(places).inserted { kept.insert(id) }
    }
  }

  /// The maps from single addresses of pods in the chains of a kind.
  private func mapsOfPods(ofKind number: Int) -> PerFamily<[VerdictMap]> {
    var found = PerFamily<[VerdictMap]>([])
    for policyClass in ownKinds[number].kind.classes {
      for family in IPFamily.allCases {
        let names = classes.pool[policyClass].parts[family]?.maps ?? []
        found[family] += names.compactMap { state.maps.current[$0] }.filter { !$0.flags.contains(.interval) }
      }
    }
    return found
  }

  /// True where what the rules of a changed own pod say about guarded addresses of other nodes' pods is judged with another
  /// address, or with one of the pods that are kept.
  mutating func judgesGuarded(ofKind number: Int, _ search: inout HostSearch, _ kept: Set<Int>) -> Bool {
    var cells = KnownCells(bounds: reading(ofKind: number).bounds)
    var hostless: [IPAddress: AddressCell] = [:]
    for family in IPFamily.allCases {
      for bits in state.known[family].current.keys {
        let address = IPAddress(family, bits: bits)
        let cell = cells.cell(of: address)
        if !hasHost(in: cell, &search) { hostless[address] = cell }
      }
    }
    if hostless.isEmpty { return true }
    for id in peers.subjects {
      for address in peers.endpoints[id]?.pod.addresses ?? [] { hostless[address] = nil }
    }
    if hostless.isEmpty { return true }
    let judged = kept.compactMap { peers.endpoints[$0] }.filter { !$0.isSubject }.flatMap(\.pod.addresses)
    return Set(hostless.values).isSubset(of: judged.map { cells.cell(of: $0) })
  }

  /// True where the addresses of a pod are sent to the chains of its classes, and nowhere else.
  func isSent(_ now: EndpointState) -> Bool {
    Direction.allCases.allSatisfy { direction in
      let ofPolicies = now.classes[direction]?.first
      let ofTiers = now.classesOfClusterTiers[direction]
      return now.pod.addresses.allSatisfy { address in
        let family = address.family
        return state.toChains[direction]?[family].current[address.bits]
          == ofPolicies.map { classes.pool[$0].names[family] }
          && state.toTierChains[direction]?[family].current[address.bits]
            == ofTiers.map { classes.pool[$0].names[family] }
      }
    }
  }

  /// True where a difference sends the changed addresses to the chains that the slice says they are sent to, and none that is no pod's
  /// any more is sent.
  func sendsAsSlice(_ change: Change) -> Bool {
    let former = Set(change.endpoints.compactMap(\.before).flatMap(\.addresses))
    let now = Set(change.endpoints.compactMap(\.after).flatMap(\.addresses))
    let (new, gone) = (now.subtracting(former), former.subtracting(now))
    for direction in Direction.allCases {
      for family in IPFamily.allCases {
        let maps = [
          (state.layout.verdictMap(direction, family, []).name, state.toChains),
          (state.layout.clusterTierMap(direction, family, []).name, state.toTierChains),
        ]
        for (name, chains) in maps {
          let sent = chains[direction]?[family].current ?? [:]
          if gone.contains(where: { $0.family == family && sent[$0.bits] != nil }) { return false }
          let replies = state.layout.hasReplyChains ? [SetName.reply(name)] : []
          for name in [name] + replies where !sends(change.delta, by: name, new, family, sent) {
            return false
          }
        }
      }
    }
    return true
  }

  private func sends(
    _ delta: TableDelta, by map: String, _ new: Set<IPAddress>, _ family: IPFamily, _ sent: [UInt128: String]
  ) -> Bool {
    let changes = delta.changedMaps.filter { $0.map.name == map }
    let added = changes.flatMap(\.added)
    let came = Set(added.map(\.key))
    func chain(_ key: ElementKey) -> String? { sent[key.fields[0].lower] }
    return added.allSatisfy { $0.verdict.target.map(ChainName.answered) == chain($0.key) }
      && changes.flatMap(\.removed).allSatisfy { came.contains($0.key) || chain($0.key) == nil }
      && new.allSatisfy {
        $0.family != family || sent[$0.bits] == nil || came.contains(ElementKey($0.bits))
      }
  }

  /// The questions of the rules and policies of a kind.
  mutating func reading(ofKind number: Int) -> KindReading {
    ownKinds.readings[number] ?? reading(of: ownKinds[number].kind)
  }
}

/// All that the rules of a kind know of an address, but for the sets of pods that have it.
private struct PlaceInRules: Hashable {
  let cell: AddressCell
  /// The verdict of each map from pods' addresses; nil: it has none.
  let verdicts: [Verdict?]
}

extension VerdictMap {
  /// The verdict of a single address. O(log n).
  fileprivate func verdict(of address: IPAddress) -> Verdict? {
    let key = ElementKey(address.bits)
    let place = elements.partitioningIndex { $0.key >= key }
    return place < elements.count && elements[place].key == key ? elements[place].verdict : nil
  }
}

/// The cells of some bounds; addresses that follow one another are often in one.
struct KnownCells {
  let bounds: PerFamily<AddressBounds>
  private var last: AddressCell?

  init(bounds: PerFamily<AddressBounds>) { self.bounds = bounds }

  /// The cell of an address. O(log n).
  mutating func cell(of address: IPAddress) -> AddressCell {
    if let last, last.family == address.family, last.addresses.contains(address.bits) { return last }
    let cell = bounds.cell(of: address)
    last = cell
    return cell
  }
}
