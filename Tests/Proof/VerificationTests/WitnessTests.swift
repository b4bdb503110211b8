#if os(Linux)
  import Addresses
  import Glibc
  import Lowering
  import NFTables
  import PacketLab
  import PolicyModel
  import Reachability
  import Ruleset
  import RulesetText
  import TestSupport
  import Testing
  import Verification

  @Suite(
    "a counterexample is what the kernel does",
    .needsRoot, .bounded)
  struct WitnessTests {
    /// What the lab can send of a packet: new connections whose ends are not both outside.
    private func probe(_ packet: Packet, _ lab: PacketLab) -> Probe? {
      guard packet.state == .new, lab.place(of: packet.source) != lab.place(of: packet.destination),
        packet.source.bits != 0, packet.destination.bits != 0
      else { return nil }
      let payload: Probe.Payload
      switch packet.transport {
      case 6: payload = .tcp(port: packet.destinationPort)
      case 17: payload = .udp(port: packet.destinationPort)
      case 132: payload = .sctp(port: packet.destinationPort)
      default: return nil
      }
      return Probe(from: packet.source, to: packet.destination, payload, sourcePort: packet.firstBytes)
    }

    @Test("witnesses of edited rulesets, sent for real")
    func witnesses() throws {
      var sent = 0
      var seed: UInt64 = 2_000
      while sent < 110, seed < 2_040 {
        seed += 1
        let cluster = RandomCluster(seed: seed, pods: 6, policies: 5).cluster
        guard !cluster.pods.isEmpty, !cluster.policies.isEmpty else { continue }
        let lab = try PacketLab(
          pods: cluster.pods.map { .init($0.displayName, $0.addresses) }, executable: BuiltProgram.netpolc)
        var lowerer = Lowerer(cluster)
        let lowered = lowerer.lower().table
        let verifier = Verifier(Specification(cluster), limit: 3)
        var mutator = Mutator(generator: SeededGenerator(seed: seed))
        for _ in 0..<30 {
          guard let (table, what) = mutator.mutate(lowered),
            case .counterexample(let found) = verifier.verify(table)
          else { continue }
          let examples = found.compactMap { example in probe(example.packet, lab).map { (example, $0) } }
          if examples.isEmpty { continue }
          do { try lab.load(NFTPrinter.replacing(table)) } catch { continue }
          for ((example, _), arrived) in zip(examples, try lab.probe(examples.map(\.1))) {
            sent += 1
            #expect(arrived == (example.actual == .accept), "seed \(seed), \(what): \(example.packet)")
          }
        }
      }
      #expect(sent >= 100)
    }
  }
#endif
