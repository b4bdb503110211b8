import Ruleset

/// Names of base chains' priorities.
enum Priority {
  /// The names in the families of IP; `dstnat` and `srcnat` are known at one hook each.
  private static let standard: [(name: String, value: Int32, hook: String?)] = [
    ("raw", -300, nil), ("mangle", -150, nil), ("dstnat", -100, "prerouting"), ("filter", 0, nil),
    ("security", 50, nil), ("srcnat", 100, "postrouting"),
  ]
  /// The names in the bridge family.
  private static let bridge: [(name: String, value: Int32, hook: String?)] = [
    ("dstnat", -300, "prerouting"), ("filter", -200, nil), ("out", 100, "output"),
    ("srcnat", 300, "postrouting"),
  ]

  private static func names(_ family: Table.Family) -> [(name: String, value: Int32, hook: String?)] {
    switch family {
    case .inet, .ip, .ip6: standard
    case .bridge: bridge
    case .arp, .netdev: [("filter", 0, nil)]
    }
  }

  /// As nft prints it: a name and a difference of up to 10, otherwise the number.
  static func text(_ priority: Int32, hook: String, family: Table.Family) -> String {
    for entry in names(family) where entry.hook == nil || entry.hook == hook {
      let difference = Int64(priority) - Int64(entry.value)
      guard abs(difference) <= 10 else { continue }
      if difference == 0 { return entry.name }
      return "\(entry.name) \(difference < 0 ? "-" : "+") \(abs(difference))"
    }
    return "\(priority)"
  }

  /// The number of a name.
  static func value(_ name: String, family: Table.Family) -> Int32? {
    names(family).first { $0.name == name }?.value
  }
}
