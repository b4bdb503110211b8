/// An answer about one connection, or about those of groups.
public enum Answer: Sendable {
  /// One sender and one receiver: an explanation for each family that both have.
  case connection([Explanation])
  /// Several of at least one of them.
  case group(GroupExplanation)
  /// A service: each endpoint behind it.
  case service(ServiceExplanation)

  /// The answer in a word.
  public enum Verdict: String, Sendable, Hashable {
    /// Everything that was asked about is allowed.
    case allowed
    /// Something is denied, whatever addresses the ends get.
    case denied
    /// The verdict is another for other addresses that an end may get.
    case dependsOnAddress
  }

  /// The answer in a word.
  public var verdict: Verdict {
    switch self {
    case .connection(let answers): Self.verdict(answers)
    case .group(let group): group.verdict
    case .service(let service): service.verdict
    }
  }

  /// True where everything that was asked about is allowed.
  public var isAllowed: Bool { verdict == .allowed }

  /// The verdict of the explanations of one pair: one for each family, and of several addresses that an end may get one each.
  static func verdict(_ answers: [Explanation]) -> Verdict {
    let families = Dictionary(grouping: answers, by: \.family).values
    let mayBeDenied = answers.contains { !$0.isAllowed }
    let mayBeAllowed =
      answers.contains(where: \.mayHaveEitherFamily) && answers.contains { $0.condition != nil }
      ? answers.contains(where: \.isAllowed)
      : families.allSatisfy { $0.contains(where: \.isAllowed) }
    return mayBeAllowed ? (mayBeDenied ? .dependsOnAddress : .allowed) : .denied
  }

  /// The connections that are explained in full.
  public var explanations: [Explanation] {
    switch self {
    case .connection(let answers): answers
    case .group(let group): group.verdicts.flatMap(\.example)
    case .service(let service): service.endpoints.flatMap(\.explanations)
    }
  }
}
