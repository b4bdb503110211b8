public import Diagnostics

/// A change of what a review leaves out, suppresses or reads: the old revision's settings count, and the change is a finding.
public struct ReviewChange: Sendable, Hashable {
  /// The change in words; of a file with several changed entries all of them.
  public let words: String
  /// Where the first changed entry is written, or was written before.
  public let location: SourceLocation?
  /// Where the other changed entries are written.
  public let others: [SourceLocation]

  /// A change of settings, and the places where it is written.
  public init(_ words: String, at location: SourceLocation?, others: [SourceLocation] = []) {
    (self.words, self.location, self.others) = (words, location, others)
  }
}

/// A number of files or documents that were not read, with the reason.
public struct LeftOutCount: Sendable, Hashable {
  /// The number of files or documents of the new revision.
  public let count: Int
  /// The number of files or documents of the old revision.
  public let before: Int
  /// The reason as a short phrase.
  public let reason: String

  /// Numbers with their reason.
  public init(_ count: Int, before: Int, _ reason: String) {
    (self.count, self.before, self.reason) = (count, before, reason)
  }
}
