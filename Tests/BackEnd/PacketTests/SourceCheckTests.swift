#if os(Linux)
  import Addresses
  import Foundation
  import Glibc
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
  import Verification

  /// A node whose table checks sources, and senders that lie about theirs.
  @Suite("senders are who they say", .needsRoot, .bounded)
  struct SourceCheckTests {
    /// The ways in which pods are joined to the node.
    enum Joint: String, Sendable, CaseIterable {
      case routed, bridged
    }

    private static let web = [ConnectionTests.web, IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 1)]
    private static let client = [
      ConnectionTests.client, IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 2),
    ]
    /// An address of nobody here.
    private static let stranger = [ConnectionTests.stranger, IPAddress(.ipv6, bits: 0x2001_0db8 << 96 + 9)]

    private let cluster = Scenario(yaml: ConnectionTests.yaml).cluster

    private func lab(_ joint: Joint) throws -> PacketLab {
      try PacketLab(
        pods: cluster.pods.map { .init($0.displayName, $0.addresses) },
        bridge: joint == .bridged ? "br0" : nil, executable: BuiltProgram.netpolc)
    }

    /// Proves the table of a mode, and loads it.
    @discardableResult
    private func load(_ modes: EnforcementModes, into lab: PacketLab) throws -> Table {
      var lowerer = Lowerer(cluster)
      let table = lowerer.lower(LoweringOptions(node: "node-a", modes: modes)).table
      let proof = Verifier(Specification(cluster, node: "node-a", in: DiagramStore()), modes: modes)
        .verify(table)
      #expect(proof.isProven, "\(proof)")
      try lab.load(NFTPrinter.replacing(table))
      return table
    }

    private func modes(
      _ check: EnforcementModes.SourceCheck, podToNode: EnforcementModes.PodToNode = .open
    ) -> EnforcementModes {
      EnforcementModes(
        podToNode: podToNode, sourceCheck: check, podInterfaces: check == .pods ? ["pod*", "br0"] : [])
    }

    /// The packets that the table counted as forged.
    private func forged(_ lab: PacketLab) throws -> Int {
      let text = try #require(try lab.nft.list(.netpolc))
      let chain = try #require(text.range(of: "chain forged {"))
      let counter = try #require(text[chain.upperBound...].firstMatch(of: #/counter packets (\d+)/#))
      return try #require(Int(counter.1))
    }

    @Test("a pod's address is of use to its pod only, whoever else writes it", arguments: [0, 1])
    func local(family: Int) throws {
      let lab = try lab(.routed)
      let (web, client, stranger) = (Self.web[family], Self.client[family], Self.stranger[family])
      let webPlace = lab.place(of: web)
      let honest = [
        Probe(from: client, to: web, .tcp(port: 8080)), Probe(from: client, to: stranger, .udp(port: 53)),
        Probe(from: stranger, to: client, .tcp(port: 80)),
      ]
      let lies = [
        // The client's address, which may reach the web pod.
        Probe(from: client, to: web, .tcp(port: 8080), sender: .outside),
        Probe(from: client, to: web, .udp(port: 5353), sender: .outside),
        // To the outside, as somebody else of this node.
        Probe(from: client, to: stranger, .udp(port: 53), sender: webPlace),
        Probe(from: client, to: stranger, .echo, sender: webPlace),
      ]
      try load(modes(.off), into: lab)
      #expect(try lab.probe(honest + lies) == Array(repeating: true, count: 7), "without the check all pass")
      for check in [EnforcementModes.SourceCheck.local, .pods] {
        try load(modes(check), into: lab)
        #expect(try lab.probe(honest) == [true, true, true])
        #expect(try lab.probe(lies) == Array(repeating: false, count: 4), "\(check)")
        #expect(try forged(lab) == 4, "each is counted")
      }
    }

    @Test(
      "a foreign source leaves a pod only where pods' interfaces are not checked", arguments: Joint.allCases)
    func foreign(joint: Joint) throws {
      let lab = try lab(joint)
      for family in 0...1 {
        let (web, stranger, client) = (Self.web[family], Self.stranger[family], Self.client[family])
        let probes = [
          Probe(from: stranger, to: client, .udp(port: 53), sender: lab.place(of: web)),
          Probe(from: stranger, to: Self.stranger[family], .udp(port: 54), sender: lab.place(of: web)),
        ]
        try load(modes(.local), into: lab)
        #expect(try lab.probe([probes[0]]) == [true], "the escape that pods closes")
        try load(modes(.pods), into: lab)
        #expect(try lab.probe(probes) == [false, false])
        #expect(try forged(lab) >= 1)
        // What is routed to the outside, and what comes from there, is no pod's.
        #expect(
          try lab.probe([
            Probe(from: stranger, to: client, .tcp(port: 80)),
            Probe(from: client, to: stranger, .udp(port: 53)),
          ]) == [true, true])
      }
    }

    @Test("established connections are checked too, both ways", arguments: [0, 1])
    func established(family: Int) throws {
      let lab = try lab(.routed)
      try load(modes(.local), into: lab)
      let (web, client) = (Self.web[family], Self.client[family])
      let flow = try lab.datagrams(from: client, to: web, port: 5353)
      #expect(flow.exchange() == .answered)
      let inFlow = [
        Probe(from: client, to: web, .udp(port: 5353), sourcePort: flow.sourcePort, sender: .outside),
        Probe(from: web, to: client, .udp(port: flow.sourcePort), sourcePort: 5353, sender: .outside),
      ]
      let before = try forged(lab)
      for probe in inFlow { #expect(try !lab.reaches(probe, forgetting: false)) }
      #expect(try forged(lab) == before + 2)
      #expect(flow.exchange() == .answered, "the honest connection goes on")
    }

    @Test("where policies hold towards the node, its input hook checks sources too")
    func toNode() throws {
      let lab = try lab(.routed)
      for family in 0...1 {
        let node = PacketLab.defaultNodeAddresses[family]
        let probes = [
          Probe(from: Self.client[family], to: node, .tcp(port: 10250)),
          Probe(
            from: Self.client[family], to: node, .tcp(port: 10250), sender: lab.place(of: Self.web[family])),
          Probe(from: Self.client[family], to: node, .tcp(port: 10250), sender: .outside),
        ]
        try load(modes(.local), into: lab)
        #expect(try lab.probe(probes) == [true, true, true], "the input hook is the node's own")
        try load(modes(.local, podToNode: .policies), into: lab)
        #expect(try lab.probe(probes) == [true, false, false])
      }
    }

    @Test("on a bridge pods cannot be told apart, but the outside can; link-local sources stay on the bridge")
    func bridged() throws {
      let lab = try lab(.bridged)
      for family in 0...1 {
        let (web, client) = (Self.web[family], Self.client[family])
        let linkLocal =
          family == 0 ? IPAddress(.ipv4, bits: 0xa9fe_0707) : IPAddress(.ipv6, bits: 0xfe80 << 112 + 7)
        for check in [EnforcementModes.SourceCheck.local, .pods] {
          try load(modes(check), into: lab)
          let arrived = try lab.probe([
            Probe(from: client, to: web, .tcp(port: 8080)),
            Probe(from: client, to: web, .tcp(port: 8080), sender: .outside),
            // One bridge: the pod that the address belongs to cannot be known by the interface.
            Probe(from: client, to: Self.stranger[family], .udp(port: 53), sender: lab.place(of: web)),
            Probe(from: linkLocal, to: client, .udp(port: 53), sender: lab.place(of: web)),
          ])
          #expect(arrived == [true, false, true, true], "\(family) \(check)")
        }
      }
    }

    @Test("a link-local source that is routed passes only as long as pods' interfaces are not checked")
    func routedLinkLocal() throws {
      let lab = try lab(.routed)
      let linkLocal = IPAddress(.ipv4, bits: 0xa9fe_0707)
      let probe = Probe(
        from: linkLocal, to: Self.client[0], .udp(port: 53), sender: lab.place(of: Self.web[0]))
      try load(modes(.local), into: lab)
      #expect(try lab.probe([probe]) == [true])
      try load(modes(.pods), into: lab)
      #expect(try lab.probe([probe]) == [false])
    }

    /// Sends one datagram from an address that is not the pod's own, without any privilege.
    private func send(
      from source: IPAddress, to destination: IPAddress, port: UInt16, in place: PacketLab.Place,
      _ lab: PacketLab
    ) throws -> Int32 {
      let script = """
        use Socket; my ($six, $from, $to, $port) = @ARGV;
        socket(S, $six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0) or exit 3;
        # IPV6_FREEBIND of SOL_IPV6, IP_FREEBIND of SOL_IP.
        setsockopt(S, $six ? 41 : 0, $six ? 78 : 15, pack("i", 1)) or exit 4;
        my $f = $six ? sockaddr_in6(0, Socket::inet_pton(AF_INET6, $from)) : sockaddr_in(0, inet_aton($from));
        my $t = $six ? sockaddr_in6($port, Socket::inet_pton(AF_INET6, $to)) : sockaddr_in($port, inet_aton($to));
        bind(S, $f) or exit 5; send(S, "x", 0, $t) or exit 6;
        """
      return try lab.namespace(of: place).run {
        try CommandRun.named(
          "setpriv",
          [
            "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
            "perl", "-e", script, source.family == .ipv6 ? "1" : "", "\(source)", "\(destination)", "\(port)",
          ]
        ).status
      }
    }

    @Test("over IPv4 the kernel refuses an unprivileged process a foreign source address (IP_FREEBIND)")
    func unprivilegedIPv4() throws {
      let lab = try lab(.routed)
      let status = try send(
        from: Self.client[0], to: Self.stranger[0], port: 53, in: lab.place(of: Self.web[0]), lab)
      #expect(status == 6, "bound, and not sent")
    }

    @Test(
      "over IPv6 an unprivileged process takes a foreign source address (IPV6_FREEBIND)",
      arguments: Joint.allCases)
    func unprivileged(joint: Joint) throws {
      let family = 1
      let lab = try lab(joint)
      let (web, client, stranger) = (Self.web[family], Self.client[family], Self.stranger[family])
      let place = lab.place(of: web)
      // The web pod may send nothing of its own accord; as the client, or as a stranger, it would.
      for (source, isForgedOf) in [
        (client, joint == .routed ? [EnforcementModes.SourceCheck.local, .pods] : []), (stranger, [.pods]),
      ] {
        for check in EnforcementModes.SourceCheck.allCases {
          let receiver = try Receiver(lab, at: stranger == source ? client : stranger)
          try load(modes(check), into: lab)
          try lab.forgetConnections()
          #expect(
            try send(from: source, to: receiver.address, port: receiver.port, in: place, lab) == 0)
          #expect(
            receiver.hasReceived() == !isForgedOf.contains(check), "\(source) with \(check), \(joint)")
        }
      }
    }
  }

  /// A socket that waits for a datagram.
  private final class Receiver {
    let address: IPAddress
    let port: UInt16
    private let descriptor: Int32

    init(_ lab: PacketLab, at address: IPAddress) throws {
      let port = UInt16.random(in: 20_000...50_000)
      (self.address, self.port) = (address, port)
      let isIPv6 = address.family == .ipv6
      descriptor = try lab.namespace(of: lab.place(of: address)).run {
        socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
      }
      var storage = sockaddr_in6()
      storage.sin6_family = sa_family_t(isIPv6 ? AF_INET6 : AF_INET)
      storage.sin6_port = port.bigEndian
      let size = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
      let bound = withUnsafePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(size)) }
      }
      try #require(descriptor >= 0 && bound == 0)
    }

    deinit { close(descriptor) }

    /// Whether a datagram comes within a moment.
    func hasReceived() -> Bool {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&wanted, 1, 400) > 0
    }
  }
#endif
