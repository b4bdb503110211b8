/// The number of releases that an apply makes without `--max-released`.
public enum ReleaseLimit: Sendable, Hashable {
  /// A tenth of what is isolated or 3, whichever is more, but never all of it.
  case standard
  /// A limit of this many pods.
  case count(Int)
  /// This part of what is isolated, in percent, 0 to 100.
  case percent(Int)

  /// Reads `N` or `N%`; nil for anything else.
  public init?(_ text: String) {
    if text.hasSuffix("%") {
      guard let number = Int(text.dropLast()), (0...100).contains(number) else { return nil }
      self = .percent(number)
    } else {
      guard let number = Int(text), number >= 0 else { return nil }
      self = .count(number)
    }
  }

  /// The limit as `init` reads it; nil for the standard one.
  public var argument: String? {
    switch self {
    case .standard: nil
    case .count(let most): "\(most)"
    case .percent(let most): "\(most)%"
    }
  }

  /// True where so many releases are within the limit.
  ///
  /// - Parameters:
  ///   - released: the number of releases.
  ///   - isolated: the number of pairs of an address and a direction that are isolated now.
  /// - Returns: true within the limit.
  public func allows(_ released: Int, of isolated: Int) -> Bool {
    switch self {
    case .standard: released == 0 || released < isolated && released <= max(3, isolated / 10)
    case .count(let most): released <= most
    case .percent(let most): released * 100 <= most * isolated
    }
  }

  /// The limit as a noun phrase.
  public var words: String {
    switch self {
    case .standard: "a tenth or 3, or is all of them"
    case .count(let most): "--max-released \(most)"
    case .percent(let most): "--max-released \(most)%"
    }
  }
}
