import PolicyModel

extension Policy {
  /// True where two policies have one name and the same content, wherever it was written.
  func saysTheSame(as other: Policy) -> Bool {
    id == other.id && tier == other.tier && priority == other.priority && subjects == other.subjects
      && Direction.allCases.allSatisfy { Self.same(rules($0), other.rules($0)) }
  }

  private static func same(_ left: [PolicyRule]?, _ right: [PolicyRule]?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left.elementsEqual(right) { $0.saysTheSame(as: $1) }
  }
}
