import PolicyModel
import TableLayout

/// A page of metrics in Prometheus' text format, version 0.0.4: each family with its help and type, then its samples.
package struct PrometheusText {
  /// The lines, each ended.
  package private(set) var text = ""

  /// The types of a metric family.
  package enum Kind: String {
    /// They go up and down.
    case gauge
    /// They go up, or begin again.
    case counter
    /// They count values by their size.
    case histogram
  }

  /// One of a family's values.
  package struct Sample {
    /// The end of the metric's name, as the samples of a histogram have it.
    var suffix = ""
    /// The labels in their order.
    var labels: [(name: String, value: String)] = []
    /// A number as the format writes it.
    var value: String

    /// A value with its labels.
    package init(suffix: String = "", labels: [(name: String, value: String)] = [], value: String) {
      (self.suffix, self.labels, self.value) = (suffix, labels, value)
    }
  }

  /// A page of nothing.
  package init() {}

  /// Adds a family; one without samples is left out.
  package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
      text +=
        name + sample.suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
        + " \(sample.value)\n"
    }
  }

  /// Adds a family of one value without labels; nil: leaves it out.
  package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: String?) {
    add(name, kind, help, value.map { [Sample(value: $0)] } ?? [])
  }

  /// Adds a family of one value that is 1 where something holds and 0 where it does not.
  package mutating func add(_ name: String, _ help: String, _ holds: Bool) {
    add(name, .gauge, help, holds ? "1" : "0")
  }

  /// A duration in seconds, to the microsecond.
  package static func seconds(_ duration: Duration) -> String {
    let micro = duration.components.attoseconds / 1_000_000_000_000
    let digits = String(micro)
    return "\(duration.components.seconds).\(String(repeating: "0", count: 6 - digits.utf8.count))\(digits)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}

extension PrometheusText {
  /// The verdicts on a live table.
  package enum Verdict: String, CaseIterable, Sendable {
    /// There is no table.
    case absent
    /// A packet is treated otherwise than the policies say.
    case counterexample
    /// The table does what the policies say.
    case proven
    /// The kernel could not be asked.
    case trouble
    /// Something of it is not modelled.
    case undecided
  }

  /// Adds the version that is running.
  package mutating func addVersion(_ purpose: String) {
    add(
      "netpolc_build_info", .gauge, "The version of netpolc that \(purpose).",
      [.init(labels: [("version", ProductVersion.current)], value: "1")])
  }

  /// Adds the verdict on the live table.
  package mutating func add(_ verdict: Verdict, isProven: Bool) {
    add("netpolc_table_proven", "Whether the live table is proved to do what the policies say.", isProven)
    add(
      "netpolc_table_verdict", .gauge, "What the last look at the table came to: 1 for that verdict.",
      Verdict.allCases.map { .init(labels: [("verdict", $0.rawValue)], value: $0 == verdict ? "1" : "0") })
  }

  /// Packets that the chain of a direction and some policies counted.
  package struct Counted {
    /// The effect of the rule that the chain only counts for; nil where it denies.
    let action: RuleAction?
    let labels: [(name: String, value: String)]
    let packets: UInt64
    let bytes: UInt64

    /// The packets of a chain, which is of one direction and one class of pods.
    package init(
      chain: String, direction: String, policies: [String], packets: UInt64, bytes: UInt64
    ) {
      let action = ChainName.countedAction(chain)
      labels =
        (action.map { [("action", $0.rawValue)] } ?? []) + [
          ("direction", direction), ("chain", chain), ("policies", policies.joined(separator: ", ")),
        ]
      self.action = action
      (self.packets, self.bytes) = (packets, bytes)
    }
  }

  /// Adds the packets and bytes that chains denied, and those that rules accepted or passed on.
  package mutating func add(_ counted: [Counted]) {
    let denied = counted.filter { $0.action == nil }
    let decided = counted.filter { $0.action != nil }
    add(
      "netpolc_denied_packets_total", .counter,
      "Packets that a class of pods was denied since its chain was made; chains without any are left out.",
      denied.map { .init(labels: $0.labels, value: "\($0.packets)") })
    add(
      "netpolc_denied_bytes_total", .counter, "The bytes of these packets.",
      denied.map { .init(labels: $0.labels, value: "\($0.bytes)") })
    add(
      "netpolc_rule_packets_total", .counter,
      "Packets that a rule of ClusterNetworkPolicy accepted or passed on since its chain was made; rules without any are left out.",
      decided.map { .init(labels: $0.labels, value: "\($0.packets)") })
    add(
      "netpolc_rule_bytes_total", .counter, "The bytes of these packets.",
      decided.map { .init(labels: $0.labels, value: "\($0.bytes)") })
  }
}
