#if os(Linux)
  import Addresses
  import Glibc
  import NFTables
  import PacketLab
  import Ruleset
  import RulesetText
  import TestSupport
  import Testing

  @testable import Verification

  @Suite(
    "the model does what the kernel does",
    .needsRoot, .long, .bounded)
  struct KernelTests {
    private static let pods: [(name: String, four: UInt128, six: UInt128)] = [
      ("a", 0x0a00_0001, 0xfd00 << 112 + 1), ("b", 0x0a00_0002, 0xfd00 << 112 + 2),
      ("c", 0x0a00_0005, 0xfd00 << 112 + 5),
    ]

    private func attempts(_ seed: UInt64) -> [Probe] {
      var generator = SeededGenerator(seed: seed)
      return (0..<60).map { _ in
        let family = generator.pick(IPFamily.allCases)
        let base: UInt128 = family == .ipv4 ? 0x0a00_0000 : 0xfd00 << 112
        let pod = generator.pick(Self.pods)
        var other = pod
        while other == pod {
          other = (generator.pick(["x", "y"]), base + UInt128(Int.random(in: 1...7, using: &generator)), 0)
        }
        let local = IPAddress(family, bits: family == .ipv4 ? pod.four : pod.six)
        let remote = IPAddress(family, bits: other.four)
        let port = generator.pick(RandomRuleset.ports.filter { $0 > 0 } + [82])
        let payload = generator.pick([
          Probe.Payload.tcp(port: port), .tcp(port: port), .udp(port: port), .sctp(port: port), .echo,
          .other(47),
        ])
        let source = generator.pick([UInt16(40_000), 80, 443])
        return generator.chance(oneIn: 2)
          ? .init(from: local, to: remote, payload, sourcePort: source)
          : .init(from: remote, to: local, payload, sourcePort: source)
      }
    }

    /// The packet as the model has it, with the bytes that the lab puts where ports would be.
    private func packet(_ attempt: Probe) -> Packet {
      var (first, port) = (attempt.sourcePort ?? 0, attempt.destinationPort)
      if attempt.payload == .echo { first = attempt.source.family == .ipv4 ? 8 << 8 : 128 << 8 }
      if attempt.payload == .other(47) { (first, port) = (0x6e65, 0x7470) }
      return Packet(
        attempt.source, attempt.destination, transport: attempt.protocolNumber, destinationPort: port,
        firstBytes: first,
        // The lab's interfaces have names that no ruleset of the tests asks for, and routes lead to them.
        arrival: Arrival(interface: 0x6f75_7400 << 96))
    }

    private func dependsOnPort(_ packet: Packet, _ evaluator: RulesetEvaluator) -> Bool {
      let decisions = (RandomRuleset.ports + [2, 82, 30_000]).map { port in
        var other = packet
        other.destinationPort = port
        return evaluator.evaluate(other).decision
      }
      return Set(decisions).count > 1
    }

    @Test("random rulesets by hand, sent for real")
    func agree() throws {
      let lab = try PacketLab(
        pods: Self.pods.map {
          .init($0.name, [IPAddress(.ipv4, bits: $0.four), IPAddress(.ipv6, bits: $0.six)])
        },
        executable: BuiltProgram.netpolc)
      var loaded = 0
      var refused = 0
      var packets = 0
      var accepted = 0
      var seed: UInt64 = 0
      while loaded < 220, seed < 600 {
        seed += 1
        let table = RandomRuleset(seed: seed).loadable
        do {
          try lab.load(NFTPrinter.replacing(table))
        } catch {
          refused += 1
          continue
        }
        loaded += 1
        let evaluator = RulesetEvaluator(table)
        let symbolic = SymbolicTable(table)
        let attempts = attempts(seed).filter { lab.place(of: $0.source) != lab.place(of: $0.destination) }
        for (attempt, arrived) in zip(attempts, try lab.probe(attempts)) {
          let packet = packet(attempt)
          let evaluation = evaluator.evaluate(packet)
          // What would be the port is the checksum of ICMP, which the sender does not choose.
          if attempt.payload == .echo, dependsOnPort(packet, evaluator) { continue }
          packets += 1
          if arrived { accepted += 1 }
          if (evaluation.decision == .accept) != arrived || symbolic.accepts(packet) != arrived {
            Issue.record(
              "seed \(seed): \(packet) arrived: \(arrived), model: \(evaluation)\n\(NFTPrinter.print(Ruleset([table])))"
            )
          }
        }
      }
      #expect(loaded >= 200, "\(refused) were refused")
      #expect(accepted > packets / 10 && accepted < packets * 9 / 10, "\(accepted) of \(packets)")
    }
  }
#endif
