import Addresses
import TestSupport
import Testing

@Suite("IP addresses and blocks", .bounded)
struct AddressTests {
  @Test(
    "texts that are addresses print in canonical form",
    arguments: [
      ("10.0.0.1", "10.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
      ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
      ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("fe80:0:0:1::", "fe80:0:0:1::"),
    ])
  func canonical(text: String, expected: String) { #expect(IPAddress(text)?.description == expected) }

  @Test(
    "the address without its mapping, as Go's net.ParseIP reads it",
    arguments: [
      ("::ffff:10.0.0.1", "10.0.0.1"), ("::ffff:0:0", "0.0.0.0"), ("::FFFF:ffff:ffff", "255.255.255.255"),
      ("::fffe:10.0.0.1", "::fffe:a00:1"), ("::10.0.0.1", "::10.0.0.1"), ("64:ff9b::a00:1", "64:ff9b::a00:1"),
      ("10.0.0.1", "10.0.0.1"), ("::1", "::1"),
    ])
  func withoutMapping(text: String, expected: String) {
    #expect(IPAddress(text)?.withoutMapping.description == expected)
  }

  @Test(
    "texts that are no addresses are refused",
    arguments: [
      "", "10.0.0", "10.0.0.256", "10.0.0.01", "010.0.0.1", "10.0.0.1.", ".10.0.0.1", "10..0.1", "1.2.3.4.5",
      "fe80::1%eth0", "[::1]", "::1::", "10.0.0.1:80", " 10.0.0.1", "localhost", "12345::",
    ])
  func refused(text: String) { #expect(IPAddress(text) == nil) }

  @Test(
    "blocks",
    arguments: [
      ("10.0.0.0/24", "10.0.0.0/24", false), ("10.0.0.9/24", "10.0.0.0/24", true),
      ("0.0.0.0/0", "0.0.0.0/0", false),
      ("::/0", "::/0", false), ("2001:db8::1/64", "2001:db8::/64", true), ("::1/128", "::1/128", false),
    ])
  func blocks(text: String, canonical: String, hostBits: Bool) throws {
    let parsed = try CIDR.parse(text)
    #expect(parsed.block.description == canonical)
    #expect(parsed.hostBitsSet == hostBits)
  }

  @Test(
    "faults of blocks",
    arguments: [
      ("10.0.0.0", CIDR.Fault.malformed), ("10.0.0.0/33", .malformed), ("::/129", .malformed),
      ("10.0.0.0/", .malformed), ("10.0.0.0/-1", .malformed), ("a/8", .malformed),
      ("10.0.0.0/8/8", .malformed),
      ("010.0.0.0/8", .leadingZeros), ("10.0.0.0/08", .leadingZeros), ("::ffff:10.0.0.0/104", .ipv4Mapped),
    ])
  func faults(text: String, fault: CIDR.Fault) {
    #expect(throws: fault) { try CIDR.parse(text) }
  }

  @Test("an interval is covered by its fewest blocks")
  func covering() throws {
    let low = try #require(IPAddress("10.0.0.1"))
    let high = try #require(IPAddress("10.0.1.2"))
    let blocks = CIDR.covering(Interval(low.bits, high.bits), family: .ipv4).map(\.description)
    #expect(
      blocks == [
        "10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30", "10.0.0.8/29", "10.0.0.16/28", "10.0.0.32/27",
        "10.0.0.64/26",
        "10.0.0.128/25", "10.0.1.0/31", "10.0.1.2/32",
      ])
    for family in IPFamily.allCases {
      #expect(CIDR.covering(family.everything, family: family).map(\.prefixLength) == [0])
    }
  }
}
