/// A table of names for numbers, as nft knows them.
struct Symbols: Sendable {
  private let numbers: [String: UInt128]
  private let names: [UInt128: String]

  /// The first name of a number is the one that is printed.
  private init(_ pairs: KeyValuePairs<String, UInt128>) {
    numbers = Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    names = Dictionary(pairs.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
  }

  func number(_ name: String) -> UInt128? { numbers[name] }
  func name(_ number: UInt128) -> String? { names[number] }

  /// Values of `meta nfproto`.
  static let networkProtocols = Symbols(["ipv4": 2, "ipv6": 10])

  /// Protocols that nft's grammar itself knows: the only ones that load on a machine without /etc/protocols.
  static let printedProtocols = Symbols([
    "icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "dccp": 33, "esp": 50, "ah": 51, "icmpv6": 58, "sctp": 132,
    "udplite": 136,
  ])

  /// Protocols as /etc/protocols of Debian and nft's grammar name them.
  static let protocols = Symbols([
    "ip": 0, "hopopt": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "st": 5, "tcp": 6, "egp": 8, "igp": 9,
    "pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33, "xtp": 36,
    "ddp": 37, "idpr-cmtp": 38, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "idrp": 45, "rsvp": 46,
    "gre": 47, "esp": 50, "ah": 51, "skip": 57, "icmpv6": 58, "ipv6-icmp": 58, "ipv6-nonxt": 59,
    "ipv6-opts": 60, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89, "ax.25": 93, "ipip": 94, "etherip": 97,
    "encap": 98, "pim": 103, "ipcomp": 108, "comp": 108, "vrrp": 112, "l2tp": 115, "isis": 124, "sctp": 132,
    "fc": 133, "mobility-header": 135, "udplite": 136, "mpls-in-ip": 137, "manet": 138, "hip": 139,
    "shim6": 140, "wesp": 141, "rohc": 142, "ethernet": 143,
  ])

  /// Bits of `ct state`.
  static let connectionStates = Symbols([
    "invalid": 1, "established": 2, "related": 4, "new": 8, "untracked": 64,
  ])

  /// Bits of `ct status`.
  static let connectionStatus = Symbols([
    "expected": 1, "seen-reply": 2, "assured": 4, "confirmed": 8, "snat": 16, "dnat": 32, "dying": 512,
  ])

  /// Values of a look-up that asks whether something exists.
  static let existence = Symbols(["missing": 0, "exists": 1])

  /// Values of `ct direction`.
  static let connectionDirections = Symbols(["original": 0, "reply": 1])

  /// Types of ICMP messages.
  static let icmp = Symbols([
    "echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
    "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12,
    "timestamp-request": 13, "timestamp-reply": 14, "info-request": 15, "info-reply": 16,
    "address-mask-request": 17, "address-mask-reply": 18,
  ])

  /// Types of ICMPv6 messages.
  static let icmpv6 = Symbols([
    "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4,
    "echo-request": 128, "echo-reply": 129, "mld-listener-query": 130, "mld-listener-report": 131,
    "mld-listener-done": 132, "mld-listener-reduction": 132, "nd-router-solicit": 133,
    "nd-router-advert": 134, "nd-neighbor-solicit": 135, "nd-neighbor-advert": 136, "nd-redirect": 137,
    "router-renumbering": 138, "ind-neighbor-solicit": 141, "ind-neighbor-advert": 142,
    "mld2-listener-report": 143,
  ])

  /// Ports by the names that people write. A host's services table may know more; that is no text for review.
  static let services = Symbols([
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "tftp": 69, "http": 80, "kerberos": 88,
    "pop3": 110, "ntp": 123, "imap2": 143, "snmp": 161, "bgp": 179, "ldap": 389, "https": 443,
    "syslog": 514, "ldaps": 636, "imaps": 993, "mysql": 3306, "postgresql": 5432, "http-alt": 8080,
  ])
}
