/// A closed, never empty range of unsigned numbers: addresses or ports, both ends included.
public struct Interval<Bound: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable, Hashable, Comparable
{
  /// The first number.
  public let lower: Bound
  /// The last number, itself included.
  public let upper: Bound

  /// The numbers from `lower` to `upper`. `lower` must not be greater than `upper`.
  @inlinable public init(_ lower: Bound, _ upper: Bound) {
    precondition(lower <= upper, "an interval is never empty")
    self.lower = lower
    self.upper = upper
  }

  /// The one number.
  @inlinable public init(_ only: Bound) {
    lower = only
    upper = only
  }

  /// True where the interval holds one number only.
  @inlinable public var isSingle: Bool { lower == upper }

  /// True where `value` lies in the interval.
  @inlinable public func contains(_ value: Bound) -> Bool { lower <= value && value <= upper }

  /// True where all of `other` lies in the interval.
  @inlinable public func contains(_ other: Interval) -> Bool { lower <= other.lower && other.upper <= upper }

  /// True where the two share a number.
  @inlinable public func overlaps(_ other: Interval) -> Bool { lower <= other.upper && other.lower <= upper }

  /// The intersection of the two, or nil where it is empty.
  @inlinable public func intersection(_ other: Interval) -> Interval? {
    overlaps(other) ? Interval(Swift.max(lower, other.lower), Swift.min(upper, other.upper)) : nil
  }

  /// By first number, then by last.
  @inlinable public static func < (left: Interval, right: Interval) -> Bool {
    left.lower == right.lower ? left.upper < right.upper : left.lower < right.lower
  }
}
