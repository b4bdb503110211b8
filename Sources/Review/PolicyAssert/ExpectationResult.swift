public import PolicyTrace

/// How an expectation came out.
public struct ExpectationResult: Sendable {
  /// What was expected.
  public let expectation: AccessExpectation
  /// Why it does not hold; nil where it does.
  public let failure: String?
  /// A packet that shows it, with the causes of its verdict.
  public let witness: (packet: String, causes: [Cause])?
  /// Why nobody knows; nil where the answer is known.
  public let undecided: String?

  init(
    expectation: AccessExpectation, failure: String? = nil,
    witness: (packet: String, causes: [Cause])? = nil, undecided: String? = nil
  ) {
    (self.expectation, self.failure, self.witness) = (expectation, failure, witness)
    self.undecided = undecided
  }

  /// Whether it is known to hold.
  public var holds: Bool { failure == nil && undecided == nil }
}
