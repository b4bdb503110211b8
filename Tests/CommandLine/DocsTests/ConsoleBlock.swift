import Foundation

/// A block of commands and what they print:
///
/// ```
/// $ netpolc compile policies \
/// >     inventory.yaml
/// table inet netpolc
/// …
/// ```
struct ConsoleBlock {
  /// A command with the lines that it must print.
  struct Step {
    /// The command, without prompts.
    let command: String
    /// The lines with prompts, as written.
    let promptLines: [String]
    /// What it prints: a line `…` stands for any lines, `…` in a line for any text.
    let expected: [String]
  }

  let steps: [Step]

  /// Reads a block's lines; nil if it does not begin with a command.
  init?(_ lines: [String]) {
    var steps: [Step] = []
    var prompt: [String] = []
    var command = ""
    var output: [String] = []
    func step() -> Step { Step(command: command, promptLines: prompt, expected: Self.trimmed(output)) }
    for line in lines {
      if line.hasPrefix("$ ") {
        if !prompt.isEmpty { steps.append(step()) }
        prompt = [line]
        command = String(line.dropFirst(2))
        output = []
      } else if line.hasPrefix("> "), output.isEmpty, !prompt.isEmpty {
        prompt.append(line)
        command += "\n" + line.dropFirst(2)
      } else if prompt.isEmpty {
        return nil
      } else {
        output.append(line)
      }
    }
    if prompt.isEmpty { return nil }
    steps.append(step())
    self.steps = steps
  }

  /// Lines without the empty ones at the end.
  static func trimmed(_ lines: [String]) -> [String] {
    Array(lines.reversed().drop { $0.isEmpty }.reversed())
  }

  /// The text of the block with other outputs.
  func text(printing outputs: [[String]]) -> [String] {
    zip(steps, outputs).flatMap { $0.promptLines + $1 }
  }
}

/// Lines in which `…` stands for what is left out.
struct OutputPattern {
  let lines: [String]

  /// Whether lines are what the pattern says.
  func matches(_ found: [String]) -> Bool { Self.matches(lines[...], found[...]) }

  private static func matches(_ pattern: ArraySlice<String>, _ found: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return found.isEmpty }
    if first.allSatisfy({ $0 == "…" || $0 == " " || $0 == "\t" }), first.contains("…") {
      return found.indices.contains { matches(pattern.dropFirst(), found[$0...]) }
        || matches(pattern.dropFirst(), [])
    }
    guard let line = found.first, Self.line(first, matches: line) else { return false }
    return matches(pattern.dropFirst(), found.dropFirst())
  }

  private static func line(_ pattern: String, matches line: String) -> Bool {
    let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else { return pattern == line }
    guard line.hasPrefix(first), line.hasSuffix(last), line.count >= first.count + last.count else {
      return false
    }
    var rest = line.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let place = rest.range(of: part) else { return false }
      rest = rest[place.upperBound...]
    }
    return true
  }

  /// The pattern refreshed from what was found; nil where a person has to say what is left out.
  func refreshed(from found: [String]) -> [String]? {
    let plain = found.map { $0.replacing(#/\bin \d+(\.\d+)? m?s\b/#) { _ in "in …" } }
    let gaps = lines.indices.filter { lines[$0].trimmingPrefix(while: \.isWhitespace) == "…" }
    guard let gap = gaps.first else { return plain }
    let (head, tail) = (gap, lines.count - gap - 1)
    guard gaps.count == 1, found.count >= head + tail else { return nil }
    return plain.prefix(head) + [lines[gap]] + plain.suffix(tail)
  }
}
