#if os(Linux)
  import Addresses
  import Lowering
  import PacketLab
  import PolicyModel
  import RulesetText
  import TestSupport
  import Testing

  /// Pods on one bridge, whose packets among each other pass the forward hook with the hop limits that they were sent with.
  @Suite("what a bridge brings to the forward hook", .needsRoot, .bounded)
  struct BridgeTests {
    private static let web = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 1)
    private static let client = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 2)
    private static let linkLocal = IPAddress(.ipv6, bits: 0xfe80 << 112 + 2)
    private static let unspecified = IPAddress(.ipv6, bits: 0)
    private static let discovery: [UInt8] = [133, 134, 135, 136, 137]
    private static let listeners: [UInt8] = [130, 131, 132, 143]

    private let lab: PacketLab

    init() throws {
      let cluster = Scenario(yaml: ConnectionTests.yaml).cluster
      lab = try PacketLab(
        pods: cluster.pods.map { .init($0.displayName, $0.addresses) }, bridge: "br0",
        executable: BuiltProgram.netpolc)
      var lowerer = Lowerer(cluster)
      try lab.load(NFTPrinter.replacing(lowerer.lower(LoweringOptions(node: "node-a")).table))
    }

    /// What the client pod writes to the isolated web pod.
    private func messages(
      _ types: [UInt8], from source: IPAddress, _ hopLimits: [UInt8]
    ) -> [Probe] {
      types.flatMap { type in
        hopLimits.map {
          Probe(
            from: source, to: Self.web, .message(type: type), sender: lab.place(of: Self.client),
            hopLimit: $0)
        }
      }
    }

    @Test("row 25: legal messages of neighbours and listeners pass a policy that denies them, others do not")
    func messages() throws {
      let legal =
        messages(Self.discovery, from: Self.client, [255])
        + messages(Self.discovery, from: Self.linkLocal, [255])
        + messages(Self.listeners, from: Self.linkLocal, [1])
        + messages(Self.listeners, from: Self.unspecified, [1])
      let illegal =
        messages(Self.discovery, from: Self.client, [254, 64, 1])
        + messages(Self.listeners, from: Self.client, [1, 64, 255])
        + messages(Self.listeners, from: Self.linkLocal, [2, 255])
        + messages([138, 141, 142], from: Self.linkLocal, [255, 1])
      for (probe, arrived) in zip(legal, try lab.probe(legal)) { #expect(arrived, "\(probe)") }
      for (probe, arrived) in zip(illegal, try lab.probe(illegal)) { #expect(!arrived, "\(probe)") }
      try lab.load("delete table inet netpolc")
      for (probe, arrived) in zip(illegal, try lab.probe(illegal)) {
        #expect(arrived, "without a table the lab passes \(probe)")
      }
    }

    @Test("row 28: a pod's own address opens nothing on a bridge, and a Service leads a pod to itself")
    func ownAddress() throws {
      for (family, web, client) in [
        ("ip", ConnectionTests.web, ConnectionTests.client), ("ip6", Self.web, Self.client),
      ] {
        let forgeries = [
          Probe(from: web, to: web, .tcp(port: 9999), sender: lab.place(of: client)),
          Probe(from: web, to: web, .udp(port: 9999), sender: .outside),
        ]
        #expect(try lab.probe(forgeries) == [false, false], "\(family)")
        var services = ServiceTranslation()
        let service = services.address(for: web, transport: 6, port: 9999)
        try lab.load(services.script)
        #expect(
          try lab.probe([
            Probe(from: web, to: service, .tcp(port: ServiceTranslation.port)),
            Probe(from: client, to: service, .tcp(port: ServiceTranslation.port)),
          ]) == [true, false], "\(family): the pod itself, and another one")
      }
    }

    @Test("policies hold between the pods of a bridge as anywhere")
    func policies() throws {
      for (web, client) in [(ConnectionTests.web, ConnectionTests.client), (Self.web, Self.client)] {
        #expect(
          try lab.probe([
            Probe(from: client, to: web, .tcp(port: 8080)), Probe(from: client, to: web, .tcp(port: 9090)),
            Probe(from: web, to: client, .tcp(port: 8080)),
          ]) == [true, false, false])
      }
    }
  }
#endif
