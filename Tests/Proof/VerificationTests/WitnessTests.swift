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
    /// What the lab can send of a packet: new connections whose ends are not both outside. A routed packet has lost one of
    /// its hop limit, so that none has 255.
    private func probe(_ packet: Packet, _ lab: PacketLab, _ services: inout ServiceTranslation) -> Probe? {
      let isSelf = lab.place(of: packet.source) == lab.place(of: packet.destination)
      guard packet.state == .new, packet.path == .forwarded, packet.source.bits != 0,
        packet.destination.bits != 0, packet.isTranslated || !isSelf,
        !isSelf || lab.place(of: packet.source) != .outside,
        packet.family == .ipv4 || 1...254 ~= packet.hopLimit,
        // What has a source of the link is not routed.
        packet.family == .ipv4 || packet.source.bits >> 118 != 0xfe80 >> 6
      else { return nil }
      let port = packet.isTranslated ? ServiceTranslation.port : packet.destinationPort
      let payload: Probe.Payload
      switch packet.transport {
      case 6: payload = .tcp(port: port)
      case 17: payload = .udp(port: port)
      case 132: payload = .sctp(port: port)
      default: return nil
      }
      var probe = Probe(from: packet.source, to: packet.destination, payload, sourcePort: packet.firstBytes)
      probe.hopLimit = packet.family == .ipv6 ? packet.hopLimit + 1 : nil
      if packet.isTranslated {
        probe.destination = services.address(
          for: packet.destination, transport: packet.transport, port: packet.destinationPort)
      }
      return probe
    }

    @Test("witnesses of edited rulesets, sent for real")
    func witnesses() throws {
      var sent = 0
      var translated = 0
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
          var services = ServiceTranslation()
          let examples = found.compactMap { example in
            probe(example.packet, lab, &services).map { (example, $0) }
          }
          if examples.isEmpty { continue }
          do { try lab.load(NFTPrinter.replacing(table)) } catch { continue }
          try lab.load(services.script)
          translated += examples.count { $0.0.packet.isTranslated }
          for ((example, _), arrived) in zip(examples, try lab.probe(examples.map(\.1))) {
            sent += 1
            #expect(arrived == (example.actual == .accept), "seed \(seed), \(what): \(example.packet)")
          }
        }
      }
      #expect(sent >= 100)
      #expect(translated > 0)
    }
  }
#endif
