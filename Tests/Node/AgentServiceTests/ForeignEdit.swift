/// A change of the agent's table by another program, as a script for the node's network namespace.
struct ForeignEdit: Sendable {
  let script: String

  /// The first name of a kind of object in the table.
  private static func first(_ kind: String, _ beginning: String) -> String {
    "$(nft list table inet netpolc | awk '$1 == \"\(kind)\" && index($2, \"\(beginning)\") == 1 { print $2; exit }')"
  }

  private static let rule =
    "$(nft -a list chain inet netpolc new4 | sed -n 's/.*# handle \\([0-9]*\\)$/\\1/p' | sed -n 2p)"

  /// Changes of sixteen kinds, and more.
  static let all = [
    "nft flush table inet netpolc",
    "nft delete table inet netpolc",
    "nft add rule inet netpolc forward accept",
    "nft insert rule inet netpolc forward accept",
    "nft flush chain inet netpolc forward",
    "nft flush chain inet netpolc new4",
    "nft delete rule inet netpolc new4 handle \(rule)",
    "nft replace rule inet netpolc new4 handle \(rule) accept",
    "nft flush chain inet netpolc \(first("chain", "in4-"))",
    "nft insert rule inet netpolc \(first("chain", "in4-")) return",
    "nft add element inet netpolc \(first("set", "pods4-")) '{ 10.9.9.9 }'",
    "nft delete element inet netpolc \(first("set", "pods4-")) '{ 10.244.1.11 }'",
    "nft flush set inet netpolc \(first("set", "pods4-"))",
    "nft flush map inet netpolc ingress4",
    "nft delete element inet netpolc ingress4 '{ 10.244.1.10 }'",
    "nft add element inet netpolc known4 '{ 10.244.1.77 }'",
    "nft flush set inet netpolc node-pods4",
    "nft add chain inet netpolc early '{ type filter hook forward priority -400; policy drop; }'",
    "nft add chain inet netpolc forward '{ policy drop; }'",
    "nft add table inet netpolc '{ flags dormant; }'",
    "nft add set inet netpolc strange '{ type ipv4_addr; }'",
    "nft rename chain inet netpolc \(first("chain", "in4-")) renamed",
    "nft delete table inet netpolc && nft add table inet netpolc",
  ].map(ForeignEdit.init)
}
