#if os(Linux)
  import Digest
  public import LinuxNet

  /// The last records of a network namespace, for a return to one of them.
  ///
  /// A record in the history is the state file of its revision under a second name, with a file beside it that has the pod
  /// of each address at that time.
  public struct RevisionHistory: Sendable {
    /// The number of records that are kept, the installed one included.
    public static let most = 10

    /// A record of the history.
    public struct Entry: Sendable {
      /// The content of the state file of that revision, with its table.
      public let state: InstalledState
      /// The name of the pod, `namespace/name`, of each pod address of the inventory at that time.
      public let owners: [String: String]
    }

    let directory: StateDirectory
    let namespace: NetworkNamespaceID

    /// The history of a namespace.
    public init(in directory: StateDirectory, _ namespace: NetworkNamespaceID) {
      self.directory = directory
      self.namespace = namespace
    }

    /// The revisions that are kept, ascending.
    public var revisions: [UInt64] {
      let prefix = "revision-"
      let suffix = "-\(namespace)"
      return directory.names(beginningWith: prefix).filter { $0.hasSuffix(suffix) }
        .compactMap { UInt64($0.dropFirst(prefix.count).dropLast(suffix.count)) }.sorted()
    }

    /// A record; nil where the revision is not kept.
    ///
    /// - Throws: why a file of it cannot be used.
    public func entry(_ revision: UInt64) throws(EnforcementFailure) -> Entry? {
      do throws(PrivateFile.Failure) {
        guard let text = try directory.read(file("revision", revision)) else { return nil }
        let owners = try directory.read(file("owners", revision))
        do throws(StateDefect) {
          return Entry(
            state: try InstalledState(reading: text, namespace: namespace),
            owners: try Self.owners(owners ?? ""))
        } catch {
          throw .unsafe(path: "\(directory.path)/\(file("revision", revision))", reason: "\(error)")
        }
      } catch { throw .record(error) }
    }

    /// Keeps the state file, which is of this revision, and the pods' names. The oldest records go.
    func keep(_ revision: UInt64, owners: [String: String]) throws(PrivateFile.Failure) {
      try directory.link(InstalledState.file("state", namespace), as: file("revision", revision))
      try directory.write(Self.text(of: owners), to: file("owners", revision))
      for old in revisions.dropLast(Self.most) { forget(old) }
    }

    /// Removes a record, as of a change that was undone.
    func forget(_ revision: UInt64) {
      for kind in ["revision", "owners"] { directory.remove(file(kind, revision)) }
    }

    private func file(_ kind: String, _ revision: UInt64) -> String {
      InstalledState.file("\(kind)-\(revision)", namespace)
    }

    /// A line for each address, ascending by its text, behind the digest of these lines.
    private static func text(of owners: [String: String]) -> String {
      let lines = owners.sorted { $0.key < $1.key }.map { address, name in
        "\(address) \(name.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
      }.joined()
      return "\(SHA256.hex(lines))\n\(lines)"
    }

    private static func owners(_ text: String) throws(StateDefect) -> [String: String] {
      guard let end = text.firstIndex(of: "\n"),
        SHA256.hex(String(text[text.index(after: end)...])) == text[..<end]
      else { throw .damaged("the pods of its addresses do not fit their digest") }
      var owners: [String: String] = [:]
      for line in text[text.index(after: end)...].split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 1)
        if words.count == 2 { owners[String(words[0])] = String(words[1]) }
      }
      return owners
    }
  }
#endif
