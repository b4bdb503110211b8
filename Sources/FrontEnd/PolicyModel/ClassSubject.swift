/// The direction and the policies for which a class of pods has a chain.
public struct ClassSubject: Sendable, Hashable {
  /// The direction that the chain decides.
  public let direction: Direction
  /// The policies that make the class, as `namespace/name`, ascending; at least one.
  public let policies: [String]

  /// A chain's direction and policies.
  public init(_ direction: Direction, _ policies: [PolicyID]) {
    self.direction = direction
    self.policies = policies.map(\.description)
  }

  /// Reads the text that `description` writes; nil for any other.
  public init?(reading text: some StringProtocol) {
    for direction in Direction.allCases {
      let start = Self.start(direction)
      guard text.hasPrefix(start) else { continue }
      self.direction = direction
      policies = text.dropFirst(start.count).split(separator: ", ").map { String($0) }
      if policies.isEmpty { return nil }
      return
    }
    return nil
  }

  private static func start(_ direction: Direction) -> String { "\(direction.rawValue.lowercased()) of " }
}

extension ClassSubject: CustomStringConvertible {
  /// `ingress of shop/web, shop/api`: for people, and in the record of a node.
  public var description: String { Self.start(direction) + policies.joined(separator: ", ") }
}
