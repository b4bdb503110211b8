import Addresses
import CLinux
import Foundation
import LinuxNet
import NFTables
import TestSupport
import Testing

@Suite("what the kernel offers", .needsRoot, .bounded)
struct KernelFactsTests {
  let namespace: NetworkNamespace

  init() throws { namespace = try NetworkNamespace() }

  /// Runs the ip program in the namespace.
  func ip(_ arguments: String) throws {
    let words = arguments.split(separator: " ").map(String.init)
    let status = try namespace.run { try ChildProgram("ip", words) }.statusAtEnd()
    #expect(status == 0, "ip \(arguments)")
  }

  @Test("support is told apart")
  func support() throws {
    #expect(try namespace.run { NFTablesSupport.current } == .available)
    let unprivileged = try namespace.run {
      _ = clinux_drop_net_admin()
      return NFTablesSupport.current
    }
    #expect(unprivileged == .noPermission)
    let absent = try namespace.run {
      _ = clinux_hide_netfilter()
      return NFTablesSupport.current
    }
    #expect(absent == .unavailable(code: EPROTONOSUPPORT))
  }

  @Test("no namespace has the identity of an earlier one, as it may have its inode")
  func fresh() throws {
    var seen: Set<NetworkNamespaceID> = []
    for _ in 0..<50 {
      let next = try NetworkNamespace()
      seen.insert(try next.run { try NetworkNamespaceID.current() })
    }
    #expect(seen.count == 50)
  }

  @Test("namespaces are told apart")
  func identity() throws {
    let here = try NetworkNamespaceID.current()
    let there = try namespace.run { try NetworkNamespaceID.current() }
    #expect(here != there)
    #expect(try namespace.run { try NetworkNamespaceID.current() } == there)
  }

  @Test("an address on a bridge is found where the bridge filter does not call nftables")
  func bridges() throws {
    try ip("link add cni0 type bridge")
    try ip("addr add 10.244.1.1/24 dev cni0")
    try ip("addr add fd00:1::1/64 dev cni0 nodad")
    try ip("link add veth0 type veth peer name veth1")
    try ip("addr add 10.244.9.1/24 dev veth0")
    let facts = try namespace.run { try BridgeFacts.read() }
    let blocks = facts.bridgedBlocks.map { "\($0.bridge) \($0.block)" }
    #expect(blocks == ["cni0 10.244.1.0/24", "cni0 fd00:1::/64"])
    for (calls, expected) in [(false, "cni0"), (nil, "cni0"), (true, nil)] as [(Bool?, String?)] {
      let set = BridgeFacts(
        bridgeCallsIPv4: calls, bridgeCallsIPv6: calls,
        bridgedBlocks: facts.bridgedBlocks)
      #expect(set.unfilteredBridge(of: try address("10.244.1.5")) == expected)
      #expect(set.unfilteredBridge(of: try address("fd00:1::5")) == expected)
      #expect(set.unfilteredBridge(of: try address("10.244.9.5")) == nil)
    }
  }

  @Test("the bridge filter's switches are read in the caller's namespace")
  func switches() throws {
    let name = "/proc/sys/net/bridge/bridge-nf-call-iptables"
    guard FileManager.default.fileExists(atPath: name) else {
      #expect(try BridgeFacts.read().bridgeCallsIPv4 == nil)
      return
    }
    for (text, expected) in [("0", false), ("1", true)] {
      let facts = try namespace.run {
        try Data(text.utf8).write(to: URL(fileURLWithPath: name))
        return try BridgeFacts.read()
      }
      #expect(facts.bridgeCallsIPv4 == expected)
    }
  }

  @Test("a flowtable is read from the kernel's message; this kernel may have none to answer with")
  func flowtables() throws {
    #expect(try namespace.run { try Flowtable.all() }.isEmpty)
    func attribute(_ type: UInt16, _ content: [UInt8]) -> [UInt8] {
      let length = UInt16(4 + content.count)
      let padding = [UInt8](repeating: 0, count: (4 - content.count % 4) % 4)
      return [UInt8(length & 255), UInt8(length >> 8), UInt8(type & 255), UInt8(type >> 8)] + content
        + padding
    }
    func text(_ type: UInt16, _ words: String) -> [UInt8] { attribute(type, Array(words.utf8) + [0]) }
    // NFT_MSG_NEWFLOWTABLE as Linux 6.1 answers `nft add flowtable inet filter fast { hook ingress priority 0; devices = { eth0 }; }`:
    // table, name, use, handle, flags, then the hook with its number, priority and devices.
    let hook =
      attribute(1, [0, 0, 0, 0]) + attribute(2, [0, 0, 0, 0]) + attribute(0x8003, text(1, "eth0"))
    let body =
      [1, 0, 0, 7] + text(1, "filter") + text(2, "fast") + attribute(4, [0, 0, 0, 1])
      + attribute(5, [0, 0, 0, 0, 0, 0, 0, 3]) + attribute(7, [0, 0, 0, 0]) + attribute(0x8003, hook)
    let length = UInt32(16 + body.count)
    let header: [UInt8] =
      (0..<4).map { UInt8(length >> ($0 * 8) & 255) } + [22, 10, 2, 0] + [UInt8](repeating: 0, count: 8)
    let message = header + body
    let found = try #require(Flowtable(message: message))
    #expect((found.family, found.table, found.name) == ("inet", "filter", "fast"))
    // A message that is cut, and one without a name.
    #expect(Flowtable(message: Array(message.dropLast(8))) == nil)
    #expect(Flowtable(message: Array(header.prefix(12))) == nil)
    let empty: [UInt8] = [20, 0, 0, 0] + [22, 10, 2, 0] + [UInt8](repeating: 0, count: 8) + [1, 0, 0, 7]
    #expect(Flowtable(message: empty) == nil)
  }
}

@Suite("names of tables", .bounded)
struct TableNameTests {
  @Test(
    "only what a script can say is a table",
    arguments: [
      ("inet", "netpolc", true), ("ip6", "a.b-c/d:e_f", true), ("inet", ".x", true), ("inet", "_x", true),
      ("inet", "", false), ("inet", "1x", false), ("inet", "a b", false), ("inet", "a\n", false),
      ("inet", "x;flush ruleset", false), ("all", "x", false), ("inet", "é", false),
    ])
  func names(family: String, name: String, isTable: Bool) {
    #expect((NFTablesTable(family: family, name: name) != nil) == isTable)
  }
}
