import TestSupport

/// One random edit of a ruleset's text, as a slip of a hand would make it, a word at a time.
struct TextMutator {
  var generator: SeededGenerator

  /// An edited text.
  struct Edit {
    let text: String
    let what: String
    /// True where only notations are used that netpolc itself writes.
    let isPlain: Bool
  }

  private static let swaps: [(String, String)] = [
    ("return", "drop"), ("return", "accept"), ("drop", "return"), ("drop", "accept"), ("accept", "drop"),
    ("saddr", "daddr"), ("daddr", "saddr"), ("tcp", "udp"), ("udp", "tcp"), ("established", "new"),
    ("ip", "ip6"), ("new", "untracked"), ("4789", "4790"), ("80", "81"), ("1", "2"), ("10", "11"), ("5", "6"),
  ]

  /// An edit of one line; nil where the draw found nothing to edit.
  mutating func mutate(_ original: String) -> Edit? {
    var lines = original.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let body = lines.indices.filter {
      let line = lines[$0].drop { $0 == "\t" }
      return lines[$0].hasPrefix("\t\t") && !line.isEmpty && !line.hasPrefix("#")
    }
    guard !body.isEmpty else { return nil }
    let place = generator.pick(body)
    let line = lines[place]
    let kind = Int.random(in: 0..<8, using: &generator)
    switch kind {
    case 0: lines.remove(at: place)
    case 1: lines.insert(line, at: generator.pick(body))
    case 2:
      let other = generator.pick(body)
      lines.swapAt(place, other)
    case 3, 4:
      guard
        let (from, to) = Self.swaps.shuffled(using: &generator).first(where: {
          Self.words(line).contains($0.0)
        })
      else { return nil }
      lines[place] = replaceWord(line, from, to)
    case 5:
      // A digit more or another one.
      guard let digit = line.indices.filter({ line[$0].isNumber }).randomElement(using: &generator) else {
        return nil
      }
      var changed = line
      changed.replaceSubrange(digit...digit, with: "\(Int.random(in: 0...9, using: &generator))")
      lines[place] = changed
    case 6:
      // A leading zero, which makes an octal number.
      guard
        let number = Self.words(line).filter({ $0.first?.isNumber == true }).randomElement(using: &generator)
      else { return nil }
      lines[place] = replaceWord(line, number, "0" + number)
    default:
      let additions = [
        "ct state new | untracked", "meta iiftype ether", "reject with tcp reset", "ether type ip",
        "ip saddr & 255.0.0.0 != 10.0.0.1",
        "ct state { new | invalid }", "meta mark 1", "limit rate 5/second",
      ]
      lines[place] = line.replacing(
        /(return|drop|accept|counter)/, with: "\(generator.pick(additions)) accept", maxReplacements: 1)
    }
    let text = lines.joined(separator: "\n")
    if text == original { return nil }
    // A digit may make a leading zero.
    let zero = text.contains(/[^0-9.a-f:]0[0-9]/) || text.contains(/\.0[0-9]/)
    return Edit(
      text: text, what: "kind \(kind) in line \(place + 1): \(line)",
      isPlain: kind < 6 && !zero && Self.isDeclaredFirst(lines))
  }

  /// True where each object is declared once, before what it holds, as netpolc writes it.
  private static func isDeclaredFirst(_ lines: [String]) -> Bool {
    var isOpen = false
    for line in lines where line.hasPrefix("\t") {
      let words = line.trimmingPrefix { $0 == "\t" }
      if line.hasSuffix("{") && !line.hasPrefix("\t\t") {
        isOpen = true
      } else if words.hasPrefix("type ") {
        if !isOpen { return false }
        isOpen = false
      } else if line.hasPrefix("\t\t"), !words.hasPrefix("#") {
        isOpen = false
      }
    }
    return true
  }

  private static func words(_ line: String) -> [String] {
    line.split { !($0.isLetter || $0.isNumber || $0 == ".") }.map(String.init)
  }

  private func replaceWord(_ line: String, _ from: String, _ to: String) -> String {
    guard
      let range = line.ranges(of: from).first(where: { range in
        func isWord(_ character: Character?) -> Bool {
          character.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "/" } ?? false
        }
        let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : nil
        let after = range.upperBound < line.endIndex ? line[range.upperBound] : nil
        return !isWord(before) && !isWord(after)
      })
    else { return line }
    return line.replacingCharacters(in: range, with: to)
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
