public import PolicyTrace

/// The answer to one expectation: it holds, or a packet shows that it does not.
public struct ExpectationResult: Sendable {
  /// The expectation that was checked.
  public let expectation: AccessExpectation
  /// The reason why it does not hold; nil where it does.
  public let failure: String?
  /// A packet that shows it, with the causes of its verdict.
  public let witness: (packet: String, causes: [Cause])?
  /// The reason why the answer is unknown; nil where it is known.
  public let undecided: String?

  init(
    expectation: AccessExpectation, failure: String? = nil,
    witness: (packet: String, causes: [Cause])? = nil, undecided: String? = nil
  ) {
    (self.expectation, self.failure, self.witness) = (expectation, failure, witness)
    self.undecided = undecided
  }

  /// True where it is known to hold.
  public var holds: Bool { failure == nil && undecided == nil }
}
