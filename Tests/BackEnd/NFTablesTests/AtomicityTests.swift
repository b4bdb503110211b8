import Foundation
import Glibc
import LinuxNet
import NFTables
import TestSupport
import Testing

/// netpolc's table with many elements, replacing what was there.
private func table(of second: Int, count: Int = 5_000) -> String {
  let elements = (0..<count).map { "10.\(second).\($0 >> 8).\($0 & 255)" }.joined(separator: ", ")
  return """
    add table inet netpolc
    delete table inet netpolc
    table inet netpolc {
      set peers { type ipv4_addr; elements = { \(elements) }; }
      chain forward {
        type filter hook forward priority filter - 5; policy accept;
        ip saddr @peers tcp dport \(second) accept
      }
    }

    """
}

/// Tables of other programs, with what is delicate to keep.
private let foreign = """
  table ip filter {
    set ranges { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 172.16.0.1-172.16.0.9 }; }
    chain input { type filter hook input priority 0; policy accept; ip saddr @ranges counter accept; }
  }
  table ip6 filter {
    set pairs {
      type ipv6_addr . inet_service
      flags interval
      elements = { fd00::/64 . 80-90, fd01::1 . 443 }
    }
    chain forward { type filter hook forward priority 10; ip6 saddr . tcp dport @pairs drop; }
  }
  table inet other {
    map verdicts { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 1.2.3.4 . tcp . 80 : drop }; }
    chain netpolc { type filter hook forward priority -5; ip daddr . meta l4proto . th dport vmap @verdicts; }
  }

  """

@Suite("all or nothing", .needsRoot, .bounded)
struct AtomicityTests {
  let namespace: NetworkNamespace
  let nft: NFTablesClient

  init() throws {
    namespace = try NetworkNamespace()
    nft = client(in: namespace)
  }

  @Test("tables of other programs are bit for bit the same after applies, refusals and a rollback")
  func foreignTables() throws {
    try nft.apply(foreign)
    let before = try nft.listRuleset(options: .handles)
    let jsonBefore = try nft.listRuleset(as: .json)
    let snapshot = try nft.snapshot(.netpolc)
    for second in 1...3 { try nft.apply(table(of: second)) }
    #expect(throws: NFTablesFailure.self) {
      try nft.apply(table(of: 4) + "add rule inet other nosuch accept\n")
    }
    #expect(try nft.list(.netpolc)?.contains("tcp dport 3 accept") == true)
    try nft.apply(snapshot.restoreScript)
    #expect(try nft.listRuleset(options: .handles) == before)
    #expect(try nft.listRuleset(as: .json) == jsonBefore)
  }

  @Test("a snapshot brings back what was there, whatever it was")
  func snapshot() throws {
    let rich = """
      table inet netpolc {
        comment "revision 7"
        set blocks { type ipv4_addr; flags interval; elements = { 172.17.0.0/24, 172.17.2.0-172.17.255.255 }; }
        set ports { type ipv4_addr . inet_proto . inet_service; elements = { 10.0.0.1 . tcp . 80 }; }
        map ingress { type ipv4_addr : verdict; elements = { 10.0.0.5 : jump i-7c1e }; }
        chain deny { counter packets 7 bytes 420 drop; }
        chain i-7c1e {
          ip saddr @blocks tcp dport 8080-8090 return comment "default/a ingress[0].from[0]"
          ip saddr . meta l4proto . th dport @ports return
          meta l4proto icmpv6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
          goto deny
        }
        chain forward {
          type filter hook forward priority filter - 5; policy accept;
          ct state vmap { established : accept, related : accept }
          ip daddr vmap @ingress
        }
      }

      """
    try nft.apply(rich)
    let before = try #require(try nft.list(.netpolc))
    let snapshot = try nft.snapshot(.netpolc)
    try nft.apply(table(of: 1))
    try nft.apply(snapshot.restoreScript)
    #expect(try nft.list(.netpolc) == before)
    try nft.apply("delete table inet netpolc\n")
    let empty = try nft.snapshot(.netpolc)
    try nft.apply(rich)
    try nft.apply(empty.restoreScript)
    #expect(try nft.list(.netpolc) == nil)
  }

  @Test("a worker that is killed in the middle of an apply leaves the old table or the new one")
  func killed() throws {
    try nft.apply(foreign)
    let foreignBefore = try nft.listRuleset()
    var texts: [Int: String] = [:]
    for second in 1...2 {
      try nft.apply(table(of: second))
      texts[second] = try nft.list(.netpolc)
    }
    var current = 2
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<30 {
      var session = NFTablesSession(client: nft)
      _ = try session.check("list tables\n")
      let started = session.workerProcess
      let worker = try #require(started)
      let delay = UInt32.random(in: 0...60_000, using: &generator)
      let killer = Thread {
        usleep(delay)
        kill(worker, SIGKILL)
      }
      let next = 3 - current
      killer.start()
      do throws(NFTablesFailure) {
        try session.apply(table(of: next))
      } catch {
        guard case .crashed(SIGKILL, _) = error else { throw error }
      }
      let text = try nft.list(.netpolc)
      #expect(text == texts[current] || text == texts[next], "killed after \(delay) µs")
      if text == texts[next] { current = next }
      // The thread may be about to kill a process id that is this session's alone.
      while !killer.isFinished { usleep(1_000) }
    }
    try nft.apply("delete table inet netpolc\n")
    #expect(try nft.listRuleset() == foreignBefore)
  }
}
