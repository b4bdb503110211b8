/// A counter of the metrics: its name and its labels.
public struct CounterName: Sendable, Hashable, Comparable {
  /// The name of the metric, which ends with `_total`.
  public let name: String
  private let keys: [String]
  private let values: [String]

  /// A counter with labels, in this order.
  public init(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) {
    self.name = name
    keys = labels.map(\.key)
    values = labels.map(\.value)
  }

  /// The labels with their values, in order.
  var labels: [(name: String, value: String)] { zip(keys, values).map { ($0, $1) } }

  /// The order by name, then by the labels' values.
  public static func < (left: CounterName, right: CounterName) -> Bool {
    left.name == right.name ? left.values.lexicographicallyPrecedes(right.values) : left.name < right.name
  }

  /// The counters that are there from the start.
  static let initial: [CounterName] =
    [
      "transactions", "proof_failures", "whole_proofs", "recompilations", "drift", "former_tables",
      "full_comparisons",
    ].map { CounterName("netpolc_agent_\($0)_total") } + [CounterName("netpolc_table_changes_total")]
}
