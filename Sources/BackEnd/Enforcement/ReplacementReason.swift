#if os(Linux)
  /// The reasons for not going on from the record: the table is repaired in place, or replaced as a whole.
  public enum ReplacementReason: Sendable, Hashable, CustomStringConvertible {
    /// There was no table and nothing was known.
    case firstTime
    /// A table is there, but nothing is known of it.
    case noState
    /// The state file cannot be used, and why.
    case unusableState(String)
    /// The table that netpolc installed is gone.
    case tableGone
    /// The table is not the revision of the state file.
    case otherRevision
    /// Someone else changed the table.
    case tableChanged
    /// The difference cannot be made in place.
    case restructured
    /// The kernel refused the difference, and why.
    case refused(String)
    /// A session does not know what is installed, and why.
    case uncertain(String)

    /// The reason as a clause.
    public var description: String {
      switch self {
      case .firstTime: "nothing was installed here"
      case .noState: "no record of what is installed here"
      case .unusableState(let why): why
      case .tableGone: "the installed table is gone"
      case .otherRevision: "the table is not the revision on record"
      case .tableChanged: "another program changed the table"
      case .restructured: "a set's type or a chain's hook changed, which cannot be done in place"
      case .uncertain(let why): "what is installed is not certain: \(why)"
      case .refused(let why): "the kernel refused the difference: \(why)"
      }
    }
  }
#endif
