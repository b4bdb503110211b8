#if os(Linux)
  import LinuxNet
  import Addresses
  import Glibc
  import Lowering
  import NFTables
  import PacketLab
  import PolicyModel
  import Ruleset
  import RulesetText
  import TestSupport
  import Testing
  import Verification

  /// Packets of every state of a connection: what the kernel does with them is what the model says.
  @Suite(
    "each state of a connection, sent for real",
    .needsRoot, .bounded)
  struct StateTests {
    private static let states: [ConnectionState] = [.new, .established, .related, .invalid, .untracked]
    private static let (web, client) = (ConnectionTests.web, ConnectionTests.client)
    private static let web6 = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 1)
    private static let client6 = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 2)

    private let lowered: LoweredRuleset
    private let rechecked: Table
    private let lab: PacketLab

    init() throws {
      let scenario = Scenario(yaml: ConnectionTests.yaml)
      var lowerer = Lowerer(scenario.cluster)
      lowered = lowerer.lower()
      rechecked = lowerer.lower(LoweringOptions(modes: EnforcementModes(established: .recheck))).table
      lab = try PacketRun(scenario.cluster).lab
    }

    /// The compiled table, plain and with connections rechecked, and tables that take one state, or all but one.
    private var tables: [Table] {
      [lowered.table, rechecked]
        + Self.states.flatMap { [forward(.drop, $0, .accept), forward(.accept, $0, .drop)] }
    }

    /// A table with one rule, for packets of one state, and a verdict for the others.
    private func forward(
      _ policy: Chain.Hook.Policy, _ state: ConnectionState, _ verdict: Verdict
    ) -> Table {
      let rule = Rule([
        .match(Match(.ctState, .equal, .anyBit(UInt128(state.rawValue)))), .verdict(verdict),
      ])
      let hook = Chain.Hook("forward", priority: -5, policy: policy)
      return Table(.inet, "netpolc", chains: [Chain("forward", hook: hook, rules: [rule])])
    }

    /// Every payload between ends that policies allow and ends that they do not.
    private func probes(_ payloads: [(UInt16) -> Probe.Payload]) -> [Probe] {
      let ends: [(IPAddress, IPAddress, UInt16)] = [
        (Self.client, Self.web, 8080), (Self.client, Self.web, 9090), (Self.web, Self.client, 8080),
        (ConnectionTests.stranger, Self.web, 8080), (Self.web, ConnectionTests.stranger, 443),
        (Self.client, ConnectionTests.stranger, 443), (Self.client6, Self.web6, 8080),
        (Self.web6, Self.client6, 8080),
      ]
      return payloads.enumerated().flatMap { number, payload in
        ends.enumerated().map { place, end in
          Probe(
            from: end.0, to: end.1, payload(end.2),
            sourcePort: UInt16(41_000 + number * ends.count + place))
        }
      }
    }

    /// Sends probes under each table, all of which are packets of one state for the kernel.
    private func compare(_ probes: [Probe], _ state: ConnectionState) throws {
      var counts: [Bool: Int] = [:]
      for table in tables {
        try lab.load(NFTPrinter.replacing(table))
        let evaluator = RulesetEvaluator(table)
        for (probe, arrived) in zip(probes, try lab.probe(probes)) {
          let packet = Packet(
            probe.source, probe.destination, transport: probe.protocolNumber,
            destinationPort: probe.destinationPort, firstBytes: probe.sourcePort ?? 0, state: state)
          let predicted = evaluator.evaluate(packet).decision
          counts[arrived, default: 0] += 1
          #expect(
            (arrived ? .accept : .drop) == predicted,
            "\(state.name) \(probe)\n\(NFTPrinter.print(Ruleset([table])))")
        }
      }
      #expect(counts[true, default: 0] > 0 && counts[false, default: 0] > 0)
    }

    @Test("new")
    func new() throws {
      try compare(probes([{ .tcp(port: $0) }, { .udp(port: $0) }, { .sctp(port: $0) }]), .new)
    }

    @Test("invalid: a stray reset, flags that exclude each other, an acknowledgement of nothing")
    func invalid() throws {
      // Without this the kernel takes an acknowledgement for a connection that it has missed.
      try lab.node.run {
        let file = try #require(fopen("/proc/sys/net/netfilter/nf_conntrack_tcp_loose", "w"))
        fputs("0", file)
        fclose(file)
      }
      try compare(
        probes([0x04, 0x03, 0x10].map { flags in { .segment(flags: flags, port: $0) } }), .invalid)
    }

    @Test("untracked: another table switches tracking off")
    func untracked() throws {
      try lab.load("table inet other { chain raw { type filter hook prerouting priority raw; notrack; }; }")
      try compare(
        probes([
          { .tcp(port: $0) }, { .segment(flags: 0x10, port: $0) }, { .udp(port: $0) }, { .sctp(port: $0) },
        ]), .untracked)
    }

    @Test(
      "established: a later packet and its reply, under another ruleset", .long, arguments: IPFamily.allCases)
    func established(family: IPFamily) throws {
      let (client, web) = family == .ipv4 ? (Self.client, Self.web) : (Self.client6, Self.web6)
      // The one that policies allow, and one that was there before they did not.
      for port: UInt16 in [5353, 5454] {
        // The kernel tracks connections while some rule asks for their state.
        try lab.load(NFTPrinter.replacing(forward(.accept, .invalid, .drop)))
        let flow = try lab.datagrams(from: client, to: web, port: port)
        #expect(flow.exchange() == .answered)
        for table in tables {
          try lab.load(NFTPrinter.replacing(table))
          let evaluator = RulesetEvaluator(table)
          let onward = Packet(
            client, web, transport: 17, destinationPort: port, firstBytes: flow.sourcePort,
            state: .established)
          let reply = Packet(
            web, client, transport: 17, destinationPort: flow.sourcePort, firstBytes: port,
            state: .established, isReply: true)
          let passes = (
            flow.exchange(within: .milliseconds(150)) != .lost, flow.answer(within: .milliseconds(150))
          )
          let predicted = (
            evaluator.evaluate(onward).decision == .accept, evaluator.evaluate(reply).decision == .accept
          )
          #expect(passes == predicted, "\(port)\n\(NFTPrinter.print(Ruleset([table])))")
        }
      }
    }

    @Test("related: the error that a datagram to a closed port earns", arguments: IPFamily.allCases)
    func related(family: IPFamily) throws {
      let (client, web) = family == .ipv4 ? (Self.client, Self.web) : (Self.client6, Self.web6)
      // Without the rule that lets existing connections pass, an error of the web pod is a packet of its own.
      var unrelated = lowered.table
      for chain in unrelated.chains.indices where unrelated.chains[chain].name == "forward" {
        unrelated.chains[chain].rules.removeFirst()
      }
      let dropped = forward(.accept, .related, .drop)
      var decisions: Set<Decision> = []
      for table in [lowered.table, unrelated, dropped, rechecked] {
        try lab.load(NFTPrinter.replacing(table))
        let evaluator = RulesetEvaluator(table)
        let datagram = Packet(client, web, transport: 17, destinationPort: 5353)
        #expect(evaluator.evaluate(datagram).decision == .accept)
        // Port unreachable.
        let error = Packet(
          web, client, transport: family == .ipv4 ? 1 : 58, destinationPort: 0,
          firstBytes: family == .ipv4 ? 0x0303 : 0x0104, state: .related, isReply: true)
        let predicted = try #require(evaluator.evaluate(error).decision)
        decisions.insert(predicted)
        let refused = try lab.isRefused(from: client, to: web, port: 5353)
        #expect(refused == (predicted == .accept), "\(NFTPrinter.print(Ruleset([table])))")
      }
      #expect(decisions.count == 2)
    }
  }
#endif
