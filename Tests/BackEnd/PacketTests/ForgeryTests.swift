import Addresses
import Lowering
import PacketLab
import RulesetText
import TestSupport
import Testing

/// Packets that look like what is never blocked, and are not.
@Suite("what only looks like neighbour discovery or a pod's own traffic", .needsRoot, .bounded)
struct ForgeryTests {
  private static let web = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 1)
  private static let client = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 2)
  private static let stranger = IPAddress(.ipv6, bits: 0x2001_0db8 << 96 + 9)

  private let run: PacketRun

  init() throws {
    let scenario = Scenario(yaml: ConnectionTests.yaml)
    run = try PacketRun(scenario.cluster)
  }

  /// Whether each packet arrives, first without netpolc's table, then with it.
  private func arrivals(_ probes: [Probe]) throws -> (open: [Bool], filtered: [Bool]) {
    let filtered = try run.lab.probe(probes)
    try run.lab.load("delete table inet netpolc")
    return (try run.lab.probe(probes), filtered)
  }

  @Test(
    "row 25: routed messages of neighbour discovery and of listeners are subject to policies, in both directions",
    arguments: [130, 131, 132, 133, 134, 135, 136, 137, 143] as [UInt8])
  func routed(type: UInt8) throws {
    let probes = [UInt8(255), 64, 2].flatMap { hopLimit in
      [
        Probe(from: Self.stranger, to: Self.web, .message(type: type), hopLimit: hopLimit),
        Probe(from: Self.web, to: Self.stranger, .message(type: type), hopLimit: hopLimit),
        Probe(from: Self.client, to: Self.web, .message(type: type), hopLimit: hopLimit),
      ]
    }
    let (open, filtered) = try arrivals(probes)
    #expect(open.allSatisfy { $0 }, "the lab passes them where nothing filters: \(open)")
    #expect(!filtered.contains(true), "\(filtered)")
  }

  @Test("row 28: a pod's own address as the source opens nothing, from outside and from another pod")
  func ownAddress() throws {
    let probes = [
      Probe(from: Self.web, to: Self.web, .tcp(port: 9999), sender: .outside),
      Probe(from: Self.web, to: Self.web, .udp(port: 9999), sender: run.lab.place(of: Self.client)),
      Probe(from: Self.web, to: Self.web, .tcp(port: 8080), sender: .outside),
    ]
    let (open, filtered) = try arrivals(probes)
    #expect(open.allSatisfy { $0 }, "\(open)")
    #expect(!filtered.contains(true), "\(filtered)")
  }

  @Test("row 28: through a Service a pod reaches itself at any port")
  func ownService() throws {
    let service = IPAddress(.ipv6, bits: 0xfd00_0096 << 96 + 1)
    try run.lab.load(
      """
      table ip6 services {
        chain pre {
          type nat hook prerouting priority dstnat;
          ip6 daddr \(service) tcp dport 80 dnat to [\(Self.web)]:9999
        }
      }
      """)
    let arrived = try run.lab.probe([
      Probe(from: Self.web, to: service, .tcp(port: 80)),
      Probe(from: Self.client, to: service, .tcp(port: 80)),
    ])
    #expect(arrived == [true, false])
  }
}
