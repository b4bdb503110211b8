public import Diagnostics

/// A change of what a review leaves out, suppresses or reads: the old revision's settings count, and the change is a finding.
public struct ReviewChange: Sendable, Hashable {
  /// The change in words.
  public let words: String
  /// Where it is written; nil where nothing says it any more.
  public let location: SourceLocation?

  /// A change of settings, and the place where it is written.
  public init(_ words: String, at location: SourceLocation?) {
    (self.words, self.location) = (words, location)
  }
}

/// A number of files or documents that were not read, with the reason.
public struct LeftOutCount: Sendable, Hashable {
  /// The number of files or documents.
  public let count: Int
  /// The reason as a short phrase.
  public let reason: String

  /// A number with its reason.
  public init(_ count: Int, _ reason: String) { (self.count, self.reason) = (count, reason) }
}
