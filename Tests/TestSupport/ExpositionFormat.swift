/// A strict reader of Prometheus' text format, version 0.0.4, by its documentation: for tests of what we write.
///
/// Stricter than a scraper: each family has a help and a type, in this order, before its samples; no family comes in two
/// parts, no series twice; no comments, blank lines, times or blanks where none are needed; counters end in `_total`.
public struct ExpositionFormat: Sendable {
  /// A line that is not of the format.
  public struct Fault: Error, CustomStringConvertible {
    /// What is wrong, with the line.
    public let description: String
  }

  /// The values by series, written as in the text: `name{label="value"}`.
  public private(set) var values: [String: Double] = [:]
  /// The families' types by name.
  public private(set) var types: [String: String] = [:]

  /// Reads a page.
  public init(_ text: String) throws(Fault) {
    guard text.last == "\n" else { throw Fault(description: "the last line is not ended") }
    var helped: String?
    var current: String?
    var finished: Set<String> = []
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      if words[0] == "#" {
        guard words.count == 4, Self.isName(words[2]), !words[3].isEmpty else {
          throw Fault(description: "\(line)")
        }
        let name = String(words[2])
        switch words[1] {
        case "HELP":
          if let current { finished.insert(current) }
          guard helped == nil || types[helped ?? ""] != nil, types[name] == nil, !finished.contains(name)
          else {
            throw Fault(description: "out of order: \(line)")
          }
          _ = try Self.unescaped(words[3], quotes: false)
          (helped, current) = (name, nil)
        case "TYPE":
          guard helped == name, types[name] == nil else {
            throw Fault(description: "no help before: \(line)")
          }
          guard ["counter", "gauge", "histogram"].contains(words[3]) else {
            throw Fault(description: "\(line)")
          }
          if words[3] == "counter", !name.hasSuffix("_total") { throw Fault(description: "\(line)") }
          types[name] = String(words[3])
          current = name
        default: throw Fault(description: "a comment: \(line)")
        }
        continue
      }
      let (series, name, value) = try Self.sample(line)
      guard name == current || Self.isPart(name, of: current, types) else {
        throw Fault(description: "a sample outside its family: \(line)")
      }
      guard values.updateValue(value, forKey: series) == nil else {
        throw Fault(description: "twice: \(line)")
      }
      if types[name] == "counter", value < 0 { throw Fault(description: "a counter below zero: \(line)") }
    }
    for name in types.keys where !values.keys.contains(where: { $0 == name || $0.hasPrefix("\(name){") }) {
      guard types[name] == "histogram" else {
        throw Fault(description: "\(name) has no samples")
      }
      try histogram(name)
    }
    if let helped, types[helped] == nil { throw Fault(description: "\(helped) has no type") }
  }

  /// True for the series that a histogram is made of.
  private static func isPart(_ name: String, of family: String?, _ types: [String: String]) -> Bool {
    guard let family, types[family] == "histogram" else { return false }
    return ["_bucket", "_sum", "_count"].contains { name == family + $0 }
  }

  /// Looks at a histogram without labels of its own: buckets that grow, the last of them all.
  private func histogram(_ name: String) throws(Fault) {
    let bounds = values.keys.compactMap { key -> (Double, Double)? in
      guard key.hasPrefix("\(name)_bucket{le=\""), key.hasSuffix("\"}"), let value = values[key] else {
        return nil
      }
      return Double(key.dropFirst(name.utf8.count + 12).dropLast(2)).map { ($0, value) }
    }.sorted { $0.0 < $1.0 }
    guard let last = bounds.last, last.0 == .infinity, values["\(name)_sum"] != nil,
      values["\(name)_count"] == last.1, zip(bounds, bounds.dropFirst()).allSatisfy({ $0.1 <= $1.1 })
    else { throw Fault(description: "\(name) is no histogram") }
  }

  private static func sample(_ line: Substring) throws(Fault) -> (String, String, Double) {
    guard let end = line.lastIndex(of: " ") else { throw Fault(description: "\(line)") }
    let (series, number) = (line[..<end], line[line.index(after: end)...])
    let plain = number.allSatisfy { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
    guard plain, let value = Double(number) else { throw Fault(description: "no number: \(line)") }
    guard let brace = series.firstIndex(of: "{") else {
      guard isName(series) else { throw Fault(description: "\(line)") }
      return (String(series), String(series), value)
    }
    guard isName(series[..<brace]), series.last == "}" else { throw Fault(description: "\(line)") }
    var rest = series[series.index(after: brace)...].dropLast()
    var names: Set<Substring> = []
    while !rest.isEmpty {
      guard let equals = rest.firstIndex(of: "=") else { throw Fault(description: "\(line)") }
      let label = rest[..<equals]
      guard isName(label), !label.contains(":"), !label.hasPrefix("__"), names.insert(label).inserted else {
        throw Fault(description: "label \(label): \(line)")
      }
      rest = rest[equals...].dropFirst()
      guard rest.first == "\"" else { throw Fault(description: "\(line)") }
      rest = rest.dropFirst()
      var isEscaped = false
      guard
        let close = rest.firstIndex(where: { character in
          defer { isEscaped = character == "\\" && !isEscaped }
          return character == "\"" && !isEscaped
        })
      else { throw Fault(description: "\(line)") }
      _ = try unescaped(rest[..<close], quotes: true)
      rest = rest[close...].dropFirst()
      if rest.isEmpty { break }
      guard rest.first == ",", rest.count > 1 else { throw Fault(description: "\(line)") }
      rest = rest.dropFirst()
    }
    return (String(series), String(series[..<brace]), value)
  }

  private static func unescaped(_ text: Substring, quotes: Bool) throws(Fault) -> String {
    var result = ""
    var characters = text.makeIterator()
    while let character = characters.next() {
      guard character == "\\" else {
        result.append(character)
        continue
      }
      switch characters.next() {
      case "\\": result.append("\\")
      case "n": result.append("\n")
      case "\"" where quotes: result.append("\"")
      default: throw Fault(description: "a wrong escape: \(text)")
      }
    }
    return result
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
    return text.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
        || $0 == ":"
    }
  }
}
