#if os(Linux)
  import Digest
  public import LinuxNet
  public import KernelProgram
  public import PolicyModel
  public import Ruleset
  import RulesetText

  /// The record of the table that netpolc installed in one network namespace.
  public struct InstalledState: Sendable, Equatable {
    /// Digests of what the ruleset was made from.
    public struct Inputs: Sendable, Hashable {
      /// The digest of all policies of the cluster.
      public var policies: String
      /// The digest of pods and namespaces.
      public var inventory: String

      /// Digests, as hexadecimal digits.
      public init(policies: String, inventory: String) {
        self.policies = policies
        self.inventory = inventory
      }
    }

    /// The pods that the table isolates.
    public struct Scope: Sendable, Hashable {
      /// The node whose pods are isolated; nil: those of every node.
      public var node: String?
      /// The number of pods that at least one policy isolates.
      public var isolated: Int
      /// The number of pods that policies could isolate.
      public var pods: Int

      /// Creates a scope.
      public init(node: String?, isolated: Int, pods: Int) {
        self.node = node
        self.isolated = isolated
        self.pods = pods
      }
    }

    /// The network namespace of the table.
    public var namespace: NetworkNamespaceID
    /// Counts up with each change.
    public var revision: UInt64
    /// The digest of the table's text.
    public var digest: String
    /// The number of transactions that the network namespace had seen after the change; 0 where another program may have
    /// changed the table since.
    public var generation: UInt32
    /// Digests of the objects that were sent.
    public var objects: ObjectDigests
    /// When that was.
    public var applied: Timestamp
    /// The inputs that the ruleset was made from.
    public var inputs: Inputs
    /// The direction and the policies of each chain of a class, by the chain's name.
    public var classes: [String: ClassSubject]
    /// In which modes the table is.
    public var modes = EnforcementModes()
    /// The pods that the table isolates; nil where an earlier version wrote the record.
    public var scope: Scope?
    /// The table, without marker.
    public var table: Table

    /// The marker in the kernel's table.
    public var marker: RevisionMarker { RevisionMarker(revision: revision, digest: digest) }

    /// The name of the namespace's file of the given kind.
    static func file(_ kind: String, _ namespace: NetworkNamespaceID) -> String { "\(kind)-\(namespace)" }
  }

  /// The reasons for which a state file cannot be used.
  public enum StateDefect: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another version of netpolc wrote it.
    case version(String)
    /// It is of another network namespace.
    case namespace(String)
    /// It cannot be read at all.
    case unreadable(String)
    /// It is not whole, or was changed.
    case damaged(String)

    /// The defect as a clause.
    public var description: String {
      switch self {
      case .version(let found):
        "the state file has format \(found), this netpolc writes \(InstalledState.version)"
      case .namespace(let found): "the state file is of another network namespace (\(found))"
      case .unreadable(let why): why
      case .damaged(let what): "the state file is damaged (\(what))"
      }
    }
  }

  extension InstalledState {
    /// The format's version.
    static let version = "2"

    /// The text that the digest is of.
    package static func text(of table: Table) -> String { NFTPrinter.print(Ruleset([table])) }

    /// The file's text: a header, its digest, then the table as nft text, so that people can read it too.
    package func fileText(tableText: String) -> String {
      var header = """
        netpolc-state \(Self.version)
        namespace \(namespace)
        revision \(revision)
        digest \(digest)
        generation \(generation)
        applied \(applied.unixSeconds) \(applied.nanosecondsSinceBoot)
        policies \(inputs.policies)
        inventory \(inputs.inventory)

        """
      if let scope {
        header += "isolated \(scope.isolated) \(scope.pods)\n"
        if let node = scope.node {
          header += "node \(node.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
        }
      }
      for (object, digest) in objects.objects.sorted(by: { $0.key < $1.key }) {
        header += "object \(digest) \(object)\n"
      }
      if !modes.options.isEmpty { header += "modes \(modes.options.joined(separator: " "))\n" }
      for (chain, subject) in classes.sorted(by: { $0.key < $1.key }) {
        let plain = subject.description.split(whereSeparator: \.isNewline).joined(separator: " ")
        header += "class \(chain) \(plain)\n"
      }
      return "\(header)check \(SHA256.hex(header))\n\(tableText)"
    }

    /// Reads a file's text.
    ///
    /// - Throws: `StateDefect` unless every byte is as it was written, for this namespace.
    package init(reading text: String, namespace: NetworkNamespaceID) throws(StateDefect) {
      var rest = Substring(text)
      func line() throws(StateDefect) -> Substring {
        guard let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) else {
          throw .damaged("its end is missing")
        }
        defer { rest = rest[rest.index(after: end)...] }
        return rest[..<end]
      }
      var fields: [Substring: [Substring]] = [:]
      var classes: [String: ClassSubject] = [:]
      var objects: [String: String] = [:]
      while true {
        let start = rest.startIndex
        let words = try line().split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        if start == text.startIndex {
          guard words.first == "netpolc-state", words.count == 2 else { throw .damaged("not a state file") }
          if words[1] != Self.version { throw .version(String(words[1].prefix(20))) }
        }
        if words[0] == "check" {
          guard words.count == 2, SHA256.hex(String(text[..<start])) == words[1] else {
            throw .damaged("its header does not fit its digest")
          }
          break
        }
        if words[0] == "class", words.count == 3 {
          classes[String(words[1])] = ClassSubject(reading: words[2])
        }
        if words[0] == "object", words.count == 3 { objects[String(words[2])] = String(words[1]) }
        fields[words[0]] = Array(words.dropFirst())
      }
      func field(_ name: Substring, _ place: Int = 0) -> Substring {
        guard let words = fields[name], place < words.count else { return "" }
        return words[place]
      }
      func number<Number: FixedWidthInteger>(_ name: Substring, _ text: Substring) throws(StateDefect)
        -> Number
      {
        guard let value = Number(text) else { throw .damaged("no number of \(name)") }
        return value
      }
      guard field("namespace") == "\(namespace)" else { throw .namespace(String(field("namespace"))) }
      digest = String(field("digest"))
      guard SHA256.hex(String(rest)) == digest else { throw .damaged("its table does not fit its digest") }
      guard let read = try? NFTReader.read(String(rest)), read.tables.count == 1 else {
        throw .damaged("its table cannot be read")
      }
      let options = fields["modes", default: []].flatMap { $0.split(separator: " ") }
      guard let modes = EnforcementModes(options: options) else { throw .damaged("unknown modes") }
      if fields["isolated"] != nil {
        scope = Scope(
          node: fields["node"].map { $0.joined(separator: " ") },
          isolated: try number("pods", field("isolated")), pods: try number("pods", field("isolated", 1)))
      }
      self.namespace = namespace
      self.classes = classes
      self.modes = modes
      table = read.tables[0]
      revision = try number("revision", field("revision"))
      generation = try number("generation", field("generation"))
      self.objects = ObjectDigests(objects: objects)
      applied = Timestamp(
        unixSeconds: try number("time", field("applied")),
        nanosecondsSinceBoot: try number("time", field("applied", 1)))
      inputs = Inputs(policies: String(field("policies")), inventory: String(field("inventory")))
    }
  }
#endif
