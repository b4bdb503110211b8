/// The times at which the whole of the table in force is proved in the background, while events change it and only their slices
/// are proved.
struct ProofSchedule {
  /// The revision that was proved last as a whole.
  private(set) var revision: UInt64 = 0
  private var ended = ContinuousClock.now
  /// The duration of the last proof.
  private(set) var took = Duration.zero

  /// When the whole is to be proved: a proof takes at most a thirtieth of a core. Nil where the revision is proved.
  ///
  /// - Parameters:
  ///   - revision: the revision in force.
  ///   - isQuiet: whether no events come in.
  /// - Returns: the time, which may be over.
  func due(_ revision: UInt64, isQuiet: Bool) -> ContinuousClock.Instant? {
    if revision == self.revision { return nil }
    return ended + max(isQuiet ? .seconds(5) : .seconds(30), took * 30)
  }

  /// Notes that a revision was proved, or tried.
  mutating func note(_ revision: UInt64, took: Duration) {
    (self.revision, self.took, ended) = (revision, took, .now)
  }
}
