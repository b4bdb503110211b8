import Foundation
import KernelProgram
import Ruleset
import TestSupport
import Testing

@testable import KernelReader

/// What the kernel told of a table of every known form, with one thing changed at a time. The fixture was recorded from
/// Linux 6.18 with `NETPOLC_RECORD=1`.
@Suite("messages of the kernel are read by closed lists", .bounded)
struct MessageTests {
  private static let table = """
    table inet t {
      set hash { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.9 }; }
      set ranges { type inet_service; flags interval; elements = { 80-90 }; }
      set pairs { type ipv6_addr . inet_proto . inet_service; flags interval; elements = { fd00::/64 . tcp . 80-90 }; }
      map verdicts { type ipv4_addr : verdict; elements = { 10.0.0.1 : jump c, 10.0.0.2 : drop }; }
      chain c { counter return comment "a comment"; }
      chain f {
        type filter hook forward priority -5; policy accept;
        ct state established accept
        ct direction reply ct status dnat accept
        meta mark 1-5 iifname "eth0" oifname "eth1" ip saddr 10.0.0.0/12 goto c
        tcp dport != 80-90 continue
        ip saddr @hash th dport @ranges accept
        ip6 saddr . meta l4proto . th dport @pairs accept
        ip saddr vmap @verdicts
        tcp dport { 80, 443 } tcp dport != { 1-5, 9 } ct state vmap { new : accept }
        fib saddr . iif oif 0 drop
        ip6 hoplimit 255 icmpv6 type 133-137 return
        limit rate 5/minute burst 7 packets log prefix "a"
        log prefix "b" group 3
        reject
      }
    }
    """

  private struct Message {
    let kind: UInt8
    var body: [UInt8]
  }

  private static func recorded() throws -> [Message] {
    try Fixtures.text("kernel-messages/every-form.txt").split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      let digits = Array(words[1].utf8)
      return Message(
        kind: UInt8(words[0]) ?? 255,
        body: stride(from: 0, to: digits.count, by: 2).map { place in
          UInt8(String(decoding: digits[place..<(place + 2)], as: UTF8.self), radix: 16) ?? 0
        })
    }
  }

  private static func read(_ messages: [Message]) -> KernelTable? {
    var reader = ProgramReader(.inet, "t")
    for message in messages { reader.take(kind: message.kind, body: message.body) }
    return reader.finished()
  }

  /// The attributes of a message at any depth, by the places of their headers.
  private static func attributes(_ body: [UInt8], _ range: Range<Int>, nested: Bool) -> [Int] {
    var result: [Int] = []
    var place = range.lowerBound
    while place + 4 <= range.upperBound {
      let length = Int(body[place]) | Int(body[place + 1]) << 8
      guard length >= 4, place + length <= range.upperBound, body[place + 3] & 0x7f == 0, body[place + 2] < 40
      else {
        return nested ? [] : result
      }
      result.append(place)
      result += attributes(body, (place + 4)..<(place + length), nested: true)
      place += (length + 3) & ~3
    }
    return nested && place != range.upperBound ? [] : result
  }

  @Test("as recorded, all of it is known")
  func known() throws {
    let table = try #require(Self.read(try Self.recorded()))
    #expect(table.everythingUnknown == [])
    #expect(table.chains.map(\.name) == ["c", "f"])
    #expect(table.sets.map(\.name) == ["hash", "pairs", "ranges", "verdicts"])
    let forms = Set(
      table.chains.flatMap { $0.rules.flatMap(\.instructions) }.map { "\($0)".prefix { $0 != "(" } })
    #expect(forms.count == 15, "\(forms)")
  }

  @Test(
    "an attribute of another kind, with a flag, twice, longer or shorter is unknown or changes nothing that is said",
    arguments: ["kind", "flag", "length", "twice"])
  func changed(change: String) throws {
    let messages = try Self.recorded()
    let original = Self.read(messages)
    var tried = 0
    for number in messages.indices {
      let body = messages[number].body
      for place in Self.attributes(body, 4..<body.count, nested: false) {
        var changed = messages
        switch change {
        case "kind": changed[number].body[place + 2] = 61
        case "flag": changed[number].body[place + 3] |= 0x40
        case "length": changed[number].body[place] &-= 1
        default:
          // The next attribute takes this one's kind.
          let next = place + (Int(body[place]) | Int(body[place + 1]) << 8 + 3) & ~3
          guard next + 4 <= body.count, body[next + 3] & 0x7f == 0, body[next + 2] > body[place + 2] else {
            continue
          }
          changed[number].body[next + 2] = body[place + 2]
        }
        tried += 1
        let table = Self.read(changed)
        // A table of another name is another table.
        if table == nil { continue }
        let isTold = table?.everythingUnknown.isEmpty == false
        if change == "length" {
          // A shorter value is another program. A comment of another length is none.
          let isComment = body[place + 2] == (messages[number].kind == 6 ? 7 : 13)
          #expect(isTold || table != original || isComment, "message \(number), byte \(place): \(change)")
        } else {
          let isOfAnother = Self.isOfAnother(changed[number].body)
          #expect(isTold || isOfAnother, "message \(number), byte \(place): \(change)")
        }
      }
    }
    #expect(tried > 300, "\(tried)")
  }

  /// Whether a message no longer names the table, and so is none of its.
  private static func isOfAnother(_ body: [UInt8]) -> Bool {
    !(body.count > 10 && Array(body[4..<10]) == [6, 0, 1, 0, UInt8(ascii: "t"), 0])
  }

  @Test(
    "any bytes are read without a crash, and a bit that is changed never goes unnoticed in what is executed")
  func damaged() throws {
    let messages = try Self.recorded()
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<20_000 {
      var changed = messages
      let number = Int.random(in: changed.indices, using: &generator)
      for _ in 0...Int.random(in: 0...3, using: &generator) {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: changed[number].body.removeLast(min(3, changed[number].body.count))
        case 1: changed[number].body.append(UInt8.random(in: 0...255, using: &generator))
        default:
          guard !changed[number].body.isEmpty else { continue }
          let place = Int.random(in: changed[number].body.indices, using: &generator)
          changed[number].body[place] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      _ = Self.read(changed)
    }
  }

  #if os(Linux)
    @Test(
      "the recorded messages are the kernel's",
      .enabled(
        if: getuid() == 0 && ProcessInfo.processInfo.environment["NETPOLC_RECORD"] == "1",
        "recorded as root, with NETPOLC_RECORD=1"))
    func record() throws {
      let kernel = try TrialKernel()
      #expect(kernel.load(Self.table))
      let lines = try kernel.messages(of: Table(.inet, "t")).map { message in
        "\(message.kind) "
          + message.body.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      }
      let path = Fixtures.path("kernel-messages/every-form.txt")
      try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
  #endif
}
