import Addresses
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing
import Verification

@Suite("Rechecked connections", .bounded)
struct RecheckTests {
  @Test(
    "a packet of an existing connection passes where the connection would be let in now, and so does its reply",
    arguments: 1...20)
  func rechecked(seed: UInt64) {
    let random = RandomCluster(seed: seed)
    let plain = PlainEvaluator(random.contents, node: RandomCluster.node)
    var lowerer = Lowerer(random.cluster)
    let options = LoweringOptions(
      node: RandomCluster.node, denseFrom: seed % 2 == 0 ? 2 : 9,
      modes: EnforcementModes(established: .recheck))
    let table = RulesetEvaluator(lowerer.lower(options).table)
    for probe in plain.representativeProbes() {
      let isTranslated = probe.port.isMultiple(of: 2)
      let expected: Decision = plain.allows(probe, isTranslated: isTranslated) ? .accept : .drop
      let (sourcePort, port): (UInt16, UInt16) =
        [6, 17, 132].contains(probe.transport) ? (40_000, probe.port) : (0x0800, 0)
      for state in [ConnectionState.new, .established] {
        let onward = Packet(
          probe.source, probe.destination, transport: probe.transport, destinationPort: port,
          firstBytes: sourcePort, state: state, isTranslated: isTranslated)
        #expect(table.evaluate(onward).decision == expected, "\(onward)")
      }
      let reply = Packet(
        probe.destination, probe.source, transport: probe.transport,
        destinationPort: port == 0 ? 0 : sourcePort, firstBytes: port == 0 ? 0 : port, state: .established,
        isReply: true, isTranslated: isTranslated)
      #expect(table.evaluate(reply).decision == expected, "reply to \(probe)")
      let error = Packet(
        probe.destination, probe.source, transport: 1, destinationPort: 0, firstBytes: 0x0300, state: .related
      )
      if probe.source.family == .ipv4 { #expect(table.evaluate(error).decision == .accept) }
    }
  }

  @Test("the modes in words: nothing for the plain ones")
  func summary() {
    #expect(EnforcementModes().summary == [])
    #expect(EnforcementModes(established: .recheck, isAudit: true).summary.count == 2)
  }
}
