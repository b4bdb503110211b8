import Addresses
import Assembler
import KernelProgram
import Reachability
import Ruleset
import TestSupport
import Testing

@testable import Verification

/// A table executed symbolically, to be asked about single packets. Each case is executed when a packet of it comes.
final class SymbolicTable {
  /// What one family needs.
  private struct Side {
    let index: TableIndex
    let path: [(chain: Int, policy: Chain.Hook.Policy)]
    let relations: RelationTable
    let chains: ChainExecutor
    let executor: BaseChainExecutor
    let parts: [PacketCase.FirstBytes]
    let limits: [PacketCase.FirstBytes: [PacketCase.HopLimit]]
  }

  let store = DiagramStore()
  private var sides: [IPFamily: Side] = [:]
  private var fates: [PacketCase: (accepted: PacketSet, dropped: PacketSet)] = [:]

  /// What is not modelled, in the cases that packets came of.
  var reasons: Set<UndecidedReason> {
    sides.values.reduce(into: []) { $0.formUnion($1.index.reasons + $1.chains.reasons) }
  }

  convenience init(_ table: Table) { self.init(Assembler.assemble(table)) }

  init(_ program: KernelTable) {
    for family in IPFamily.allCases {
      let table = program.decoded(family)
      let index = TableIndex(table)
      let path: [(chain: Int, policy: Chain.Hook.Policy)] = table.forwardPath.compactMap { chain in
        guard let number = index.chainNumber[chain.name], let hook = chain.hook else { return nil }
        return (number, hook.policy)
      }
      let parts = PacketCase.firstBytes(of: index, family, limit: 1_000) ?? []
      let relations = RelationTable(family, store)
      let chains = ChainExecutor(
        index, PacketCase(family: family, state: .new, firstBytes: parts[0]), store)
      sides[family] = Side(
        index: index, path: path, relations: relations, chains: chains,
        executor: BaseChainExecutor(chains, relations), parts: parts,
        limits: Dictionary(
          uniqueKeysWithValues: parts.map {
            ($0, PacketCase.hopLimits(of: index, family, $0, isMirrored: false))
          }))
    }
  }

  /// Every way in which packets of the tests come.
  static let arrivals = RandomRuleset.interfaces.flatMap { name in
    [true, false].map { Arrival(isFromSourceRoute: $0, interface: name) }
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
    guard let side = sides[packet.family],
      let part = side.parts.first(where: { $0.values.contains(packet.firstBytes) }),
      let limit = side.limits[part]?.first(where: { $0.values.contains(packet.hopLimit) })
    else { return nil }
    let packets = PacketCase(
      family: packet.family, state: packet.state, firstBytes: part, hopLimit: limit,
      isTranslated: packet.isTranslated, arrival: packet.arrival)
    if fates[packets] == nil {
      side.chains.packets = packets
      fates[packets] = side.executor.execute(side.path)
    }
    guard let fate = fates[packets] else { return nil }
    if packet.source == packet.destination {
      func contains(_ diagram: Diagram) -> Bool {
        store.traffic(store.traffic(of: diagram, at: packet.source.bits))
          .contains(packet.transport, packet.destinationPort)
      }
      let accepted = contains(fate.accepted.same)
      return accepted != contains(fate.dropped.same) ? accepted : nil
    }
    let accepted = contains(fate.accepted.terms, packet, side.relations)
    return accepted != contains(fate.dropped.terms, packet, side.relations) ? accepted : nil
  }
}

@Suite("symbolic and concrete execution agree", .bounded)
struct SymbolicTests {
  @Test("random rulesets by hand, all states, both families", .long, arguments: 0..<300)
  func agree(seed: UInt64) {
    let table = RandomRuleset(seed: seed).table
    let symbolic = SymbolicTable(table)
    let concrete = RulesetEvaluator(table)
    let program = ProgramEvaluator(Assembler.assemble(table))
    let indexed = RulesetEvaluator(table, indexed: true)
    for family in IPFamily.allCases {
      for probe in RandomRuleset.packets(family, count: 80, seed: seed) {
        for state in ConnectionState.each {
          let packet = Packet(
            probe.source, probe.destination, transport: probe.transport, destinationPort: probe.port,
            firstBytes: probe.first, state: state, isTranslated: probe.port.isMultiple(of: 2),
            hopLimit: RandomRuleset.hopLimits[Int(probe.first) % 4],
            arrival: SymbolicTable.arrivals[Int(probe.port) % SymbolicTable.arrivals.count])
          let evaluation = concrete.evaluate(packet)
          #expect(indexed.evaluate(packet) == evaluation, "seed \(seed): \(packet), indexed")
          #expect(
            program.evaluate(packet).decision == evaluation.decision, "seed \(seed): \(packet), instructions")
          if evaluation.obstacle == nil, symbolic.accepts(packet) == (evaluation.decision == .accept) {
            continue
          }
          Issue.record("seed \(seed): \(packet): \(evaluation)")
        }
      }
    }
    #expect(symbolic.reasons.isEmpty, "seed \(seed): \(symbolic.reasons)")
  }
}
