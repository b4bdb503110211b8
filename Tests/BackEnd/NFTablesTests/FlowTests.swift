import Addresses
import PacketLab
import TestSupport
import Testing

@Suite("connections between namespaces", .needsRoot, .bounded)
struct FlowTests {
  let lab: PacketLab

  init() throws {
    lab = try PacketLab(
      pods: [
        .init("a", [try address("10.244.1.5"), try address("fd00:1::5")]),
        .init("b", [try address("10.244.1.6"), try address("fd00:1::6")]),
      ], executable: BuiltProgram.netpolc)
  }

  static let pairs = [
    ("10.244.1.5", "10.244.1.6"), ("10.244.1.5", "172.17.9.9"), ("172.17.9.9", "10.244.1.5"),
    ("192.0.2.1", "10.244.1.6"), ("10.244.1.5", "10.244.1.5"), ("fd00:1::5", "fd00:1::6"),
    ("fd00:1::5", "2001:4860::8"), ("2001:4860::8", "fd00:1::5"), ("fd00:1::6", "2001:db8:ffff::1"),
  ]

  @Test("TCP connects and exchanges data", arguments: pairs)
  func tcp(source: String, destination: String) throws {
    let flow = try lab.connect(from: try address(source), to: try address(destination), port: 8080)
    #expect(try #require(flow).exchange())
  }

  @Test("UDP is sent and answered", arguments: pairs)
  func udp(source: String, destination: String) throws {
    let flow = try lab.datagrams(from: try address(source), to: try address(destination), port: 5353)
    #expect(flow.exchange() == .answered)
  }

  /// Drops new connections to port 8080 and all of UDP back from the server.
  static let oneWay = """
    table inet t {
      chain forward {
        type filter hook forward priority 0; policy accept;
        ct state established ip protocol tcp accept
        tcp dport 8080 drop
        udp sport 5353 drop
      }
    }

    """

  @Test("a connection lives on where only new ones are denied")
  func established() throws {
    let (a, b) = (try address("10.244.1.5"), try address("10.244.1.6"))
    // Tracking begins with the first rule that asks for it; a connection made before would be new to it.
    try lab.load("table inet u { chain c { type filter hook forward priority 0; ct state new accept; }; }\n")
    let kept = try #require(try lab.connect(from: a, to: b, port: 8080))
    #expect(kept.exchange())
    try lab.load(Self.oneWay)
    #expect(kept.exchange())
    #expect(try lab.connect(from: a, to: b, port: 8080) == nil)
    #expect(try lab.datagrams(from: a, to: b, port: 5353).exchange() == .unanswered)
  }

  @Test("a blocked connection goes on when it is let through again")
  func blocked() throws {
    let (a, b) = (try address("10.244.1.5"), try address("10.244.1.6"))
    let flow = try #require(try lab.connect(from: a, to: b, port: 80))
    try lab.load("table inet t { chain c { type filter hook forward priority 0; policy drop; }; }\n")
    #expect(!flow.exchange())
    try lab.load("delete table inet t\n")
    #expect(flow.exchange(within: .seconds(5)))
  }
}
