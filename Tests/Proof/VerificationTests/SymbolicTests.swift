import Addresses
import Reachability
import Ruleset
import TestSupport
import Testing

@testable import Verification

/// A table executed symbolically, to be asked about single packets.
struct SymbolicTable {
  let store = DiagramStore()
  private var fates: [PacketCase: (fate: (accepted: Terms, dropped: Terms), same: Diagram)] = [:]
  private var tables: [IPFamily: RelationTable] = [:]
  private var parts: [IPFamily: [PacketCase.FirstBytes]] = [:]
  private var limits: [IPFamily: [PacketCase.FirstBytes: [PacketCase.HopLimit]]] = [:]
  private(set) var reasons: Set<UndecidedReason> = []

  init(_ table: Table) {
    let index = TableIndex(table)
    reasons.formUnion(index.reasons)
    let path: [(chain: Int, policy: Chain.Hook.Policy)] = table.forwardPath.compactMap { chain in
      guard let number = index.chainNumber[chain.name], let hook = chain.hook else { return nil }
      return (number, hook.policy)
    }
    for family in IPFamily.allCases {
      let all = PacketCase.firstBytes(of: index, family, limit: 1_000) ?? []
      parts[family] = all
      let relations = RelationTable(family, store)
      tables[family] = relations
      let first = PacketCase(family: family, state: .new, firstBytes: all[0])
      limits[family] = Dictionary(
        uniqueKeysWithValues: all.map {
          ($0, PacketCase.hopLimits(of: index, family, $0, isMirrored: false))
        })
      let chains = ChainExecutor(index, first, store)
      let executor = BaseChainExecutor(chains, relations)
      for state in ConnectionState.each {
        for part in all {
          for limit in limits[family]?[part] ?? [] {
            for isTranslated in [false, true] {
              var packets = PacketCase(family: family, state: state, firstBytes: part)
              packets.hopLimit = limit
              packets.isTranslated = isTranslated
              chains.packets = packets
              fates[packets] = (executor.execute(path), executor.executeSame(path))
            }
          }
        }
      }
      reasons.formUnion(chains.reasons)
    }
  }

  private func contains(_ terms: Terms, _ packet: Packet, _ relations: RelationTable) -> Bool {
    terms.list.contains { term in
      let (left, right) = (relations.relations[term.bySource], relations.relations[term.byDestination])
      let sent = left.diagrams[left.place(of: packet.source.bits)]
      let received = right.diagrams[right.place(of: packet.destination.bits)]
      return [
        store.traffic(of: sent, at: packet.destination.bits),
        store.traffic(of: received, at: packet.source.bits),
      ]
      .allSatisfy { store.traffic($0).contains(packet.transport, packet.destinationPort) }
    }
  }

  /// Whether the packet is accepted; nil when the accepted and the dropped packets are not each other's complement here.
  func accepts(_ packet: Packet) -> Bool? {
    guard let part = parts[packet.family]?.first(where: { $0.values.contains(packet.firstBytes) }),
      let limit = limits[packet.family]?[part]?.first(where: { $0.values.contains(packet.hopLimit) }),
      let (fate, same) = fates[
        PacketCase(
          family: packet.family, state: packet.state, firstBytes: part, hopLimit: limit,
          isTranslated: packet.isTranslated)],
      let relations = tables[packet.family]
    else { return nil }
    if packet.source == packet.destination {
      return store.traffic(store.traffic(of: same, at: packet.source.bits))
        .contains(packet.transport, packet.destinationPort)
    }
    let accepted = contains(fate.accepted, packet, relations)
    return accepted != contains(fate.dropped, packet, relations) ? accepted : nil
  }
}

@Suite("symbolic and concrete execution agree", .bounded)
struct SymbolicTests {
  @Test("random rulesets by hand, all states, both families", .long, arguments: 0..<300)
  func agree(seed: UInt64) {
    let table = RandomRuleset(seed: seed).table
    let symbolic = SymbolicTable(table)
    #expect(symbolic.reasons.isEmpty, "seed \(seed): \(symbolic.reasons)")
    let concrete = RulesetEvaluator(table)
    let indexed = RulesetEvaluator(table, indexed: true)
    for family in IPFamily.allCases {
      for probe in RandomRuleset.packets(family, count: 80, seed: seed) {
        for state in ConnectionState.each {
          let packet = Packet(
            probe.source, probe.destination, transport: probe.transport, destinationPort: probe.port,
            firstBytes: probe.first, state: state, isTranslated: probe.port.isMultiple(of: 2),
            hopLimit: RandomRuleset.hopLimits[Int(probe.first) % 4])
          let evaluation = concrete.evaluate(packet)
          #expect(indexed.evaluate(packet) == evaluation, "seed \(seed): \(packet), indexed")
          if evaluation.obstacle == nil, symbolic.accepts(packet) == (evaluation.decision == .accept) {
            continue
          }
          Issue.record("seed \(seed): \(packet): \(evaluation)")
        }
      }
    }
  }
}
