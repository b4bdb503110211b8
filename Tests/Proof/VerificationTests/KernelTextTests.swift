#if os(Linux)
  import Addresses
  import Assembler
  import KernelProgram
  import KernelReader
  import LinuxNet
  import Lowering
  import NFTables
  import PacketLab
  import PolicyModel
  import Reachability
  import Ruleset
  import RulesetText
  import TestSupport
  import Testing

  @testable import Verification

  /// Texts that say something else than they seem to. Each is loaded into a kernel and probed with packets; the program that
  /// the kernel has, the one of a trial and the strict reader are judged.
  @Suite("a text is proven for what the kernel makes of it", .needsRoot, .long, .bounded)
  struct KernelTextTests {
    enum Answer { case proven, counterexample, undecided }

    struct Row: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let answer: Answer
      /// Makes the text of netpolc's own.
      let edit: @Sendable (String) -> String

      init(_ name: String, _ answer: Answer, _ edit: @escaping @Sendable (String) -> String) {
        (testDescription, self.answer, self.edit) = (name, answer, edit)
      }

      /// A rule before all others.
      init(_ rule: String, _ answer: Answer) {
        self.init(rule, answer) { text in
          text.replacing("policy accept;\n", with: "policy accept;\n\t\t\(rule)\n", maxReplacements: 1)
        }
      }

      /// Commands behind the table.
      init(after commands: String, _ answer: Answer) {
        self.init(commands, answer) { "\($0)\n\(commands)\n" }
      }
    }

    static let rows: [Row] = [
      Row("nothing", .proven) { $0 },
      // Octal numbers: 0443 is 291.
      Row("tcp dport 0443 drop", .counterexample), Row("tcp dport \"0443\" drop", .counterexample),
      Row("tcp dport { 0443, 0444 } drop", .counterexample), Row("tcp dport 0443-0450 drop", .counterexample),
      Row("tcp dport vmap { 0443 : drop }", .counterexample),
      Row("ip daddr 010.244.1.2 drop", .counterexample),
      Row("ip saddr 10.244.0.0/016 accept", .counterexample),
      Row("ip saddr 10.244.1.03 accept", .counterexample), Row("meta l4proto 021 drop", .counterexample),
      Row("meta l4proto 0x11 drop", .counterexample), Row("tcp dport 0x1f90 accept", .counterexample),
      Row("udp dport 0400 drop", .counterexample),
      // States: any of the bits, or the whole value.
      Row("ct state new | untracked accept", .counterexample),
      Row("ct state { new | invalid } accept", .counterexample),
      Row("ct state new,untracked accept", .counterexample),
      Row("ct state != established accept", .counterexample),
      Row("ct state == established,new drop", .proven), Row("ct state 0x8 accept", .counterexample),
      Row("ct state vmap { new : accept }", .counterexample), Row("ct state 010 accept", .counterexample),
      // Rejects of one protocol or family only.
      Row("reject with tcp reset", .counterexample), Row("reject with icmp 3", .counterexample),
      Row("reject with icmpv6 1", .counterexample), Row("reject with icmpx 1", .counterexample),
      Row("reject", .counterexample),
      // Conditions that a listing leaves out, or shows otherwise.
      Row("meta iiftype ether ip saddr 10.244.1.3 accept", .undecided),
      Row("ether type ip ip saddr 10.244.1.3 accept", .undecided),
      Row("ip saddr & 255.0.0.0 != 10.0.0.1 accept", .counterexample),
      Row("ip saddr & 255.0.0.0 == 10.0.0.1 drop", .proven),
      Row("ip6 saddr & ffff:: != fd00::1 accept", .counterexample),
      Row("tcp dport & 0xff == 0x90 accept", .counterexample), Row("ip protocol tcp accept", .undecided),
      Row("meta nfproto ipv4 accept", .counterexample), Row("meta protocol ip accept", .undecided),
      Row("ip length > 0 accept", .undecided), Row("@th,16,16 8080 accept", .counterexample),
      Row("@nh,96,32 0x0af40103 accept", .counterexample), Row("meta mark 0 accept", .undecided),
      Row("iifname \"eth0\" accept", .counterexample),
      Row("fib saddr . iif oif missing drop", .counterexample),
      Row("fib saddr . iif oif exists accept", .counterexample),
      Row("fib saddr . iif oif exists continue", .proven), Row("fib daddr type local accept", .undecided),
      Row("limit rate over 5/second accept", .undecided), Row("ct status dnat accept", .counterexample),
      Row("meta mark set 1", .undecided), Row("notrack", .undecided),
      Row("ip saddr != 10.244.1.2-10.244.1.9 accept", .counterexample),
      Row("tcp sport != 1-65535 drop", .counterexample),
      Row("ip saddr . tcp dport { 10.244.1.3 . 0-65535 } accept", .counterexample),
      Row("log prefix \"x\" counter", .proven), Row("counter", .proven),
      Row("tcp dport 8080 continue", .proven),
      // Chains and tables.
      Row("the hook output in the place of forward", .counterexample) {
        $0.replacing("hook forward priority", with: "hook output priority")
      },
      Row("another priority", .proven) { $0.replacing("priority filter - 5", with: "priority filter + 7") },
      Row(after: "add table inet netpolc { flags dormant; }", .counterexample),
      Row(after: "add chain inet netpolc forward { policy drop; }", .counterexample),
      Row("declared again without a policy, which stays", .counterexample) {
        let open = "type filter hook forward priority filter - 5;"
        return $0.replacing("policy accept;", with: "policy drop;")
          + "\ntable inet netpolc {\n\tchain forward {\n\t\t\(open)\n\t}\n}\n"
      },
      Row(after: "add element inet netpolc ingress4 { * : accept }", .undecided),
      Row(
        after: "add chain inet netpolc x { type filter hook forward priority 9; policy drop; }",
        .counterexample),
      Row(
        after: "add chain inet netpolc x { type filter hook prerouting priority 9; policy drop; }", .undecided
      ),
      Row(after: "add chain inet netpolc x { type nat hook prerouting priority -100; }", .undecided),
      Row(
        after: "table ip other {\n chain f {\ntype filter hook forward priority 0; policy drop;\n }\n}",
        .undecided),
      Row(
        after:
          "table ip other {\n chain f {\ntype filter hook forward priority 0; ip daddr 10.244.1.1 drop;\n }\n}",
        .undecided),
      Row(
        after:
          "table ip other {\n chain f {\ntype nat hook prerouting priority -100; dnat to 10.244.1.3;\n }\n}",
        .undecided),
      Row(
        after:
          "table ip other {\n chain f {\ntype filter hook prerouting priority -300; meta mark set 7;\n }\n}",
        .undecided),
      Row(
        after: "table ip other {\n chain f {\ntype filter hook forward priority 0; counter;\n }\n}", .proven),
      // A second table of our family, whose chains the kernel dumps together with ours.
      Row(
        after:
          "table inet other {\n chain f {\ntype filter hook forward priority 0; ip daddr 10.244.1.1 drop;\n }\n}",
        .undecided),
      Row(
        after: "table inet other {\n chain forward {\ntype filter hook forward priority 0; counter;\n }\n}",
        .proven),
      Row(after: "insert rule inet netpolc forward accept", .counterexample),
    ]

    /// The web pod takes TCP 443 too.
    private static let pods = Scenario.webPod.replacing("{port: 8080}", with: "{port: 8080}, {port: 443}")

    @Test("each text")
    func texts() throws {
      let cluster = Scenario(yaml: Self.pods).cluster
      var lowerer = Lowerer(cluster)
      let original = NFTPrinter.replacing(lowerer.lower(LoweringOptions(node: "node-a")).table)
      let specification = Specification(cluster, node: "node-a", in: DiagramStore())
      let verifier = Verifier(specification)
      let addresses = cluster.pods.flatMap(\.addresses)
      let lab = try PacketLab(
        pods: cluster.pods.map { .init($0.name, $0.addresses) }, executable: BuiltProgram.netpolc)
      let probes = addresses.flatMap { source in
        addresses.filter { $0.family == source.family && $0 != source }.flatMap { destination in
          [8080, 443, 291, 9090].map { Probe(from: source, to: destination, .tcp(port: $0)) }
            + [5353, 256].map { Probe(from: source, to: destination, .udp(port: $0)) }
        }
      }
      let expected = probes.map { probe in
        specification.store.traffic(specification.allowed(from: probe.source, to: probe.destination))
          .contains(probe.protocolNumber, probe.destinationPort)
      }
      for row in Self.rows {
        let text = row.edit(original)
        let name = row.testDescription
        try lab.nft.apply("flush ruleset\n")
        do { try lab.load(text) } catch {
          Issue.record("\(name): not loaded: \(error)")
          continue
        }
        let program = try #require(
          try lab.node.run { () throws(KernelReader.Failure) in try KernelReader.read(.netpolc) }.table)
        // A trial reads the same, and the other tables with it.
        guard case .loaded(let tables) = RulesetTrial.load(text, executable: BuiltProgram.netpolc) else {
          Issue.record("\(name): the trial: \(RulesetTrial.load(text, executable: BuiltProgram.netpolc))")
          continue
        }
        #expect(tables.first { $0.family == .inet && $0.name == "netpolc" } == program, "\(name)")
        let interference = tables.filter { $0.name != "netpolc" }.flatMap(\.interference)
        let result = verifier.verify(program)
        let answer: Answer =
          switch result {
          case .proven: interference.isEmpty ? .proven : .undecided
          case .counterexample: .counterexample
          case .undecided: .undecided
          }
        #expect(answer == row.answer, "\(name): \(result)")
        // The strict reader takes what it understands, and nothing that the kernel understands otherwise.
        if let typed = try? NFTReader.read(text), CanonicalText.objection(to: text, readAs: typed) == nil,
          let table = typed.tables.first(where: { $0.name == "netpolc" }),
          Assembler.assemble(table).everythingUnknown.isEmpty
        {
          #expect(Assembler.assemble(table) == program, "\(name): the strict reader")
        }
        try lab.forgetConnections()
        let arrived = try lab.probe(probes)
        let wrong = zip(probes, zip(arrived, expected)).first { $0.1.0 != $0.1.1 }
        if answer == .proven {
          #expect(wrong == nil, "\(name): \(String(describing: wrong))")
        }
      }
    }
  }
#endif
