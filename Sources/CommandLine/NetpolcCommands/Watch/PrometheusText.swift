/// A page of metrics in Prometheus' text format, version 0.0.4: each family with its help and type, then its samples.
struct PrometheusText {
  /// The lines, each ended.
  private(set) var text = ""

  /// The types of a metric family.
  enum Kind: String {
    /// They go up and down.
    case gauge
    /// They go up, or begin again.
    case counter
  }

  /// One family's value.
  struct Sample {
    var labels: [(name: String, value: String)] = []
    /// A number as the format writes it.
    var value: String
  }

  /// Adds a family; one without samples is left out.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
      text += name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(sample.value)\n"
    }
  }

  /// Adds a family of one value without labels; nil: leaves it out.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: String?) {
    add(name, kind, help, value.map { [Sample(value: $0)] } ?? [])
  }

  /// Adds a family of one value that is 1 where something holds and 0 where it does not.
  mutating func add(_ name: String, _ help: String, _ holds: Bool) {
    add(name, .gauge, help, holds ? "1" : "0")
  }

  /// A duration in seconds, to the microsecond.
  static func seconds(_ duration: Duration) -> String {
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
