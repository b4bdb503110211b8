#if os(Linux)
  import Digest
  import Enforcement
  import LinuxNet
  import NFTables
  import Ruleset
  import RulesetText

  extension FuzzTarget {
    /// The network namespace that records of the corpus are of.
    private static let namespace = NetworkNamespaceID(boot: "0123456789ab", number: "1")

    /// A record as it is, which its digests almost always refuse, and once more with digests that fit.
    static func state(_ text: String) -> String? {
      if let problem = sameAgain(text) { return problem }
      return resealed(text).flatMap(sameAgain)
    }

    private static func sameAgain(_ text: String) -> String? {
      guard let state = try? InstalledState(reading: text, namespace: namespace) else { return nil }
      if state.applied.age < .zero { return "it was applied in the future" }
      // netpolc writes no table that its model has no words for.
      guard state.table.isModelled else { return nil }
      let table = InstalledState.text(of: state.table)
      var written = state
      written.digest = SHA256.hex(table)
      guard var again = try? InstalledState(reading: written.fileText(tableText: table), namespace: namespace)
      else { return "what was read cannot be read when it is written again" }
      // Words about classes are for people: blanks between them are written as one.
      guard again.classes.keys == written.classes.keys else {
        return "classes are lost when it is written again"
      }
      again.classes = written.classes
      guard again.table.withoutComments == written.table.withoutComments else {
        return "its table reads otherwise when it is written again"
      }
      again.table = written.table
      return again == written ? nil : "its header reads otherwise when it is written again"
    }

    /// The record with the digests of its table and of its header put right; nil where it has no such parts.
    private static func resealed(_ text: String) -> String? {
      guard let seal = text.firstRange(of: "\ncheck ") else { return nil }
      let rest = text[seal.upperBound...]
      guard let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      let table = String(rest[rest.index(after: end)...])
      let lines = text[..<seal.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
      let header = lines.map { line in
        (line.hasPrefix("digest ") ? "digest \(SHA256.hex(table))" : String(line)) + "\n"
      }.joined()
      return "\(header)check \(SHA256.hex(header))\n\(table)"
    }

    /// Both small files of a change that waits, or waited.
    static func confirmation(_ text: String) -> String? {
      if let pending = PendingConfirmation(text) {
        if pending.deadline.remaining < .zero { return "less than nothing is left" }
        if pending.remaining.isEmpty { return "no words for what is left" }
        guard let again = PendingConfirmation(pending.text), again == pending else {
          return "the wait reads otherwise when it is written again"
        }
      }
      if let note = RollbackNote(text) {
        if note.description.isEmpty { return "no words for what became of it" }
        guard let again = RollbackNote(note.text), again.revision == note.revision else {
          return "the note reads otherwise when it is written again"
        }
      }
      return nil
    }
  }
#endif
