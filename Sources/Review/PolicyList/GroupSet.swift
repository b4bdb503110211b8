/// A set of groups as an ascending list, hashed once: a list of ten thousand groups is compared and looked up often.
struct GroupSet: Hashable {
  let groups: [Int]
  private let digest: UInt64

  /// A set of groups in ascending order.
  init(ascending groups: [Int]) {
    self.groups = groups
    digest = groups.reduce(UInt64(groups.count)) { sum, group in
      (sum ^ UInt64(truncatingIfNeeded: group) &+ 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
    }
  }

  static func == (left: GroupSet, right: GroupSet) -> Bool {
    left.digest == right.digest && left.groups == right.groups
  }

  func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
