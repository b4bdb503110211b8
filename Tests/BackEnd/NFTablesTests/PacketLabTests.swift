import Addresses
import Glibc
import NFTables
import PacketLab
import TestSupport
import Testing

/// An address that the test wrote itself.
func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

@Suite("packets between namespaces", .needsRoot, .bounded)
struct PacketLabTests {
  let lab: PacketLab

  init() throws {
    lab = try PacketLab(
      pods: [
        .init("a", [try address("10.244.1.5"), try address("fd00:1::5")]),
        .init("b", [try address("10.244.1.6"), try address("fd00:1::6")]),
        .init("c", [try address("10.244.1.7"), try address("10.244.1.8"), try address("fd00:1::7")]),
      ], executable: BuiltProgram.netpolc)
  }

  /// Every pair of places, with their addresses: pods, the node, outside, and a pod with itself.
  static let pairs = [
    ("10.244.1.5", "10.244.1.6"), ("10.244.1.6", "10.244.1.8"), ("10.244.1.8", "10.244.1.5"),
    ("10.244.1.5", "172.17.3.9"), ("172.17.200.1", "10.244.1.6"), ("8.8.8.8", "10.244.1.7"),
    ("10.244.1.5", "10.244.1.5"), ("10.244.1.7", "10.244.1.8"), ("192.0.2.1", "10.244.1.5"),
    ("10.244.1.5", "192.0.2.1"), ("172.17.0.1", "192.0.2.1"), ("192.0.2.1", "172.17.0.1"),
    ("fd00:1::5", "fd00:1::6"), ("fd00:1::6", "fd00:1::7"), ("fd00:1::5", "2001:4860::8"),
    ("2001:4860::8", "fd00:1::6"), ("fd00:1::5", "fd00:1::5"), ("2001:db8:ffff::1", "fd00:1::5"),
    ("fd00:1::5", "2001:db8:ffff::1"), ("fd00:2::1", "2001:db8:ffff::1"),
  ]

  static let payloads: [Probe.Payload] = [
    .tcp(port: 80), .udp(port: 53), .sctp(port: 3868), .echo, .other(47), .other(50 + 203), .other(132 + 1),
  ]

  func everything() throws -> [Probe] {
    var probes: [Probe] = []
    for (source, destination) in Self.pairs {
      for payload in Self.payloads {
        probes.append(Probe(from: try address(source), to: try address(destination), payload))
      }
    }
    return probes
  }

  @Test("without rules every kind of packet arrives everywhere")
  func open() throws {
    let probes = try everything()
    for (probe, arrived) in zip(probes, try lab.probe(probes)) { #expect(arrived, "\(probe)") }
  }

  @Test("a forward hook that drops stops what is forwarded, and only that")
  func closed() throws {
    try lab.load(
      """
      table inet t {
        chain forward { type filter hook forward priority 0; policy drop; }
      }

      """)
    let probes = try everything()
    for (probe, arrived) in zip(probes, try lab.probe(probes)) {
      let ends = [lab.place(of: probe.source), lab.place(of: probe.destination)]
      #expect(arrived == (ends.contains(.node) || ends[0] == ends[1]), "\(probe)")
    }
  }

  @Test("a rule tells packets apart by address, protocol and port")
  func selective() throws {
    try lab.load(
      """
      table inet t {
        chain forward {
          type filter hook forward priority 0; policy accept;
          ct state established accept
          ip saddr 10.244.1.5 ip daddr 10.244.1.6 tcp dport 80 drop
          ip6 saddr fd00:1::5 meta l4proto . th dport { sctp . 3868, udp . 53 } drop
          ip daddr 10.244.1.8 meta l4proto 253 drop
          icmpv6 type echo-request ip6 daddr fd00:1::7 drop
        }
        chain input {
          type filter hook input priority 0; policy accept;
          ip saddr 10.244.1.5 meta l4proto { tcp, icmp } drop
        }
        chain output {
          type filter hook output priority 0; policy accept;
          ip6 daddr fd00:1::5 udp dport 53 drop
        }
      }

      """)
    let probes = try everything()
    for (probe, arrived) in zip(probes, try lab.probe(probes)) {
      let source = "\(probe.source)"
      let destination = "\(probe.destination)"
      let forwarded =
        lab.place(of: probe.source) != lab.place(of: probe.destination)
        && lab.place(of: probe.source) != .node && lab.place(of: probe.destination) != .node
      let dropped =
        switch probe.payload {
        case .tcp(80) where source == "10.244.1.5":
          destination == "10.244.1.6" || destination == "192.0.2.1"
        case .sctp where source == "fd00:1::5" && forwarded: true
        case .udp where source == "fd00:1::5" && forwarded: true
        case .udp where destination == "fd00:1::5": lab.place(of: probe.source) == .node
        case .other(253) where destination == "10.244.1.8": forwarded
        case .echo where destination == "fd00:1::7": forwarded
        case .echo where source == "10.244.1.5": destination == "192.0.2.1"
        default: false
        }
      #expect(arrived == !dropped, "\(probe)")
    }
  }

  @Test("thousands of probes in one batch")
  func many() throws {
    try lab.load(
      """
      table inet t {
        chain forward {
          type filter hook forward priority 0; policy accept;
          ct state established,related accept
          tcp dport 1-1000 drop
        }
      }

      """)
    let (a, b) = (try address("10.244.1.5"), try address("10.244.1.6"))
    let probes = (1...4000).map { Probe(from: $0 % 2 == 0 ? a : b, to: $0 % 2 == 0 ? b : a, .tcp(port: $0)) }
    #expect(try lab.probe(probes) == (1...4000).map { $0 > 1000 })
  }
}
