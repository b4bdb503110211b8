/// The rows of a group of which some may be missing: what failed ends no other row, and is not silent.
struct Measured {
  /// The rows that were measured.
  private(set) var figures: [Figure] = []
  /// The names of those that were not, with the reasons.
  private(set) var failures: [String] = []

  /// Measures rows, and tells of them at once.
  mutating func add(_ name: String, _ measure: () throws -> [Figure]) {
    do {
      let made = try measure()
      StandardErrorText.write(FigureTable(figures: made).text)
      figures += made
    } catch {
      let failure = "\(name): \(error)"
      StandardErrorText.write("netpolc-bench: \(failure)\n")
      failures.append(failure)
    }
  }

  /// Takes over the rows of others.
  mutating func append(_ other: Measured) {
    figures += other.figures
    failures += other.failures
  }

  /// The rows, where none is missing.
  ///
  /// - Throws: `Partial` where some are missing.
  func result() throws -> [Figure] {
    if failures.isEmpty { return figures }
    throw Partial(figures: figures, failures: failures)
  }

  /// Rows of which some are missing.
  struct Partial: Error, CustomStringConvertible {
    let figures: [Figure]
    let failures: [String]

    var description: String { failures.joined(separator: "; ") }
  }
}
