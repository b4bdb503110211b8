/// One line of the table: what netpolc took, what the limit took, and how far apart the two may be.
struct Figure {
  /// The measured step.
  let name: String
  /// The cost of the step.
  let cost: Cost
  /// A description of the step that it is compared with.
  let against: String
  /// The cost of that step in the same run.
  let limit: Cost
  /// The ratio that is aimed for; nil where the figure is for information.
  var target: Double?
  /// The memory that is aimed for, in bytes.
  var memoryTarget: Int?
  /// Something else worth a word.
  var note = ""

  /// True where sizes are compared, not durations.
  private(set) var isOfSizes = false

  /// The cost divided by the limit.
  var ratio: Double { limit.seconds > 0 ? cost.seconds / limit.seconds : 0 }

  /// True where both targets are met; nil without targets.
  var isMet: Bool? {
    if target == nil && memoryTarget == nil { return nil }
    let isFast = target.map { ratio <= $0 } ?? true
    let isSmall = memoryTarget.map { (cost.peak ?? 0) <= $0 } ?? true
    return isFast && isSmall
  }
}

extension Figure {
  /// A comparison of two sizes.
  init(name: String, size: Int, against: String, limit: Int, target: Double) {
    self.init(
      name: name, cost: Cost(seconds: Double(size), peak: nil), against: against,
      limit: Cost(seconds: Double(limit), peak: nil), target: target)
    isOfSizes = true
  }

  /// A cost of either side in words.
  func words(_ cost: Cost) -> String {
    isOfSizes ? Words.fixed(cost.seconds, 0) : Words.seconds(cost.seconds)
  }
}

/// Numbers for people.
enum Words {
  static func seconds(_ value: Double) -> String {
    if value >= 1 { return "\(fixed(value, 2)) s" }
    if value >= 1e-3 { return "\(fixed(value * 1e3, 1)) ms" }
    return "\(fixed(value * 1e6, 2)) us"
  }

  static func bytes(_ value: Int?) -> String { value.map { "\(fixed(Double($0) / 1e6, 1)) MB" } ?? "-" }

  static func ratio(_ value: Double) -> String { "\(fixed(value, 2))x" }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int((value * scale).rounded())
    let text = String(whole)
    if digits == 0 { return text }
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return "\(padded.dropLast(digits)).\(padded.suffix(digits))"
  }
}

/// The table, as Markdown, which is legible as it is.
struct FigureTable {
  let figures: [Figure]

  var text: String {
    let head = ["what", "took", "limit", "took", "ratio", "target", "peak memory", "met", "note"]
    let rows = figures.map { figure in
      [
        figure.name, figure.words(figure.cost), figure.against, figure.words(figure.limit),
        Words.ratio(figure.ratio), figure.target.map(Words.ratio) ?? "-",
        Words.bytes(figure.cost.peak) + (figure.memoryTarget.map { " of \(Words.bytes($0))" } ?? ""),
        figure.isMet.map { $0 ? "yes" : "NO" } ?? "-", figure.note,
      ]
    }
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      "| "
        + cells.enumerated().map { $1 + String(repeating: " ", count: widths[$0] - $1.count) }.joined(
          separator: " | ") + " |\n"
    }
    return line(head) + line(widths.map { String(repeating: "-", count: $0) }) + rows.map(line).joined()
  }
}
