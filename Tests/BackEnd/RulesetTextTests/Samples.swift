import Addresses
import Ruleset

/// Rulesets that the suites share.
enum Samples {
  static func ipv4(_ text: String) -> UInt128 { IPAddress(text)?.bits ?? 0 }
  static func address(_ text: String) -> ElementKey { ElementKey(ipv4(text)) }
  static func block(_ text: String) -> Interval<UInt128> {
    (try? CIDR.parse(text))?.block.interval ?? Interval(0)
  }

  /// The layout that netpolc writes: one of everything.
  static let policy = Table(
    .inet, "netpolc",
    sets: [
      NamedSet(
        "self4", key: [.ipv4Address, .ipv4Address],
        elements: [.concatenation([Interval(ipv4("10.244.1.5")), Interval(ipv4("10.244.1.5"))])]),
      NamedSet(
        "b4-172.17-91f0", key: [.ipv4Address], flags: .interval,
        elements: [
          .single(block("172.17.0.0/24")),
          .single(Interval(ipv4("172.17.2.0"), ipv4("172.17.255.255"))),
        ]),
      NamedSet(
        "p4-version.v2-5a02", key: [.ipv4Address],
        elements: (1...5).map { ElementKey(ipv4("10.244.1.0") + $0) }),
      NamedSet(
        "p6", key: [.ipv6Address], flags: .interval,
        elements: [.single(block("2001:db8::/32")), ElementKey(ipv4("fe80::1"))]),
      NamedSet(
        "rules", key: [.ipv4Address, .inetProtocol, .inetService], flags: .interval,
        elements: [
          .concatenation([block("10.0.0.0/8"), Interval(6), Interval(80, 90)]),
          .concatenation([Interval(ipv4("11.0.0.1")), Interval(58), Interval(0, 65_535)]),
        ]),
    ],
    maps: [
      VerdictMap(
        "ingress4", key: [.ipv4Address],
        elements: [
          VerdictElement(address("10.244.1.5"), .jump("i-7c1e")),
          VerdictElement(address("10.244.1.6"), .drop),
        ]),
      VerdictMap("egress4", key: [.ipv4Address]),
    ],
    chains: [
      Chain(
        "forward", hook: Chain.Hook("forward", priority: -5),
        rules: [
          Rule([
            .verdictMap(
              [.ctState],
              .anonymous([VerdictElement(ElementKey(2), .accept), VerdictElement(ElementKey(4), .accept)]))
          ]),
          Rule([.match(Match(.metaNFProto, .equal, .value(ElementKey(2)))), .verdict(.jump("new4"))]),
          Rule([.match(Match(.ctState, .equal, .anyBit(6))), .verdict(.accept)]),
          Rule([.match(Match(.ctState, .notEqual, .anyBit(3))), .verdict(.accept)]),
          Rule([.match(Match(.ctState, .equal, .value(ElementKey(8)))), .verdict(.continue)]),
          Rule([.match(Match(.metaMark, .equal, .anyBit(6))), .counter]),
        ]),
      Chain(
        "new4",
        rules: [
          Rule([.match(Match([.ipSaddr, .ipDaddr], .equal, .namedSet("self4"))), .verdict(.return)]),
          Rule([.verdictMap([.ipSaddr], .named("egress4"))]),
          Rule([.verdictMap([.ipDaddr], .named("ingress4"))]),
          Rule([
            .match(Match([.ipSaddr, .metaL4Proto, .thDport], .equal, .namedSet("rules"))), .verdict(.accept),
          ]),
          Rule([.match(Match(.icmpv6Type, .equal, .value(.single(Interval(133, 137))))), .verdict(.accept)]),
          Rule([
            .match(Match(.icmpv6Type, .equal, .anonymousSet([ElementKey(133), ElementKey(134)]))),
            .verdict(.accept),
          ]),
          Rule([
            .match(
              Match(.metaL4Proto, .equal, .anonymousSet([1, 6, 17, 58, 132, 200].map { ElementKey($0) }))),
            .verdict(.accept),
          ]),
          Rule([.match(Match(.metaIifName, .notEqual, .value(ElementKey(0x6574_6830 << 96)))), .reject]),
        ]),
      Chain(
        "i-7c1e",
        rules: [
          Rule(
            [
              .match(Match(.ipSaddr, .equal, .namedSet("b4-172.17-91f0"))),
              .match(Match(.tcpDport, .equal, .value(.single(Interval(80, 90))))), .verdict(.return),
            ],
            comment: "default/my-network-policy ingress[0].from[0]"),
          Rule([
            .match(Match(.sctpDport, .greater, .value(ElementKey(5)))),
            .limit(rate: 10, unit: "second", burst: 7), .log(prefix: "refused: ", group: 5),
            .log(prefix: nil, group: nil), .verdict(.goto("deny")),
          ]),
        ]),
      Chain("deny", rules: [Rule([.counter, .verdict(.drop)])]),
    ])
}
