/// Times in buckets, as Prometheus counts them.
public struct LatencyHistogram: Sendable, Hashable {
  /// The upper bounds of the buckets, in seconds.
  static let bounds: [Double] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  ]

  /// The number of times in each bucket alone; the last is of those beyond all bounds.
  private var counts = [Int](repeating: 0, count: bounds.count + 1)
  private var sum = 0.0

  /// A histogram of nothing.
  public init() {}

  /// Adds a time, for so many things that took it.
  mutating func add(_ time: Duration, times: Int = 1) {
    let seconds = time / .seconds(1)
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += times
    sum += seconds * Double(times)
  }

  /// The samples: suffix of the metric's name, labels, value.
  var samples: [(suffix: String, labels: [(name: String, value: String)], value: String)] {
    var (samples, total): ([(String, [(name: String, value: String)], String)], Int) = ([], 0)
    for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], counts) {
      total += count
      samples.append(("_bucket", [("le", bound)], "\(total)"))
    }
    return samples + [("_sum", [], "\(sum)"), ("_count", [], "\(total)")]
  }
}
