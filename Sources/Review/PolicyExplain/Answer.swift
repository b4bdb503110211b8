/// An answer about one connection, or about those of groups.
public enum Answer: Sendable {
  /// One sender and one receiver: an explanation for each family that both have.
  case connection([Explanation])
  /// Several of at least one of them.
  case group(GroupExplanation)

  /// True where everything that was asked about is allowed.
  public var isAllowed: Bool {
    switch self {
    case .connection(let answers): answers.allSatisfy(\.isAllowed)
    case .group(let group): group.isAllowed
    }
  }

  /// The connections that are explained in full.
  public var explanations: [Explanation] {
    switch self {
    case .connection(let answers): answers
    case .group(let group): group.verdicts.flatMap(\.example)
    }
  }
}
