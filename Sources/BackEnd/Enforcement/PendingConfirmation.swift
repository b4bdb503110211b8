#if os(Linux)
  public import LinuxNet
  import NFTables

  /// A change that is undone unless it is confirmed.
  public struct PendingConfirmation: Sendable, Hashable {
    /// The revision that waits.
    public var revision: UInt64
    /// When it is undone.
    public var deadline: Timestamp
    /// The time that was given for the confirmation.
    public var window: Duration
    /// The chain that marks the revision in the table.
    var marker: String
    /// Tells this wait from every other one.
    var nonce: String
    /// The digest of the script that undoes the change.
    var snapshotDigest: String

    /// True where the confirmation deletes the table.
    var removesTable = false

    /// A change that was undone since it was not confirmed in time.
    public struct Undone: Sendable, Hashable {
      /// The revision that is not installed any more.
      public let revision: UInt64

      /// The same in a clause.
      public var words: String {
        "revision \(revision) was not confirmed in time and its watchdog was gone: the former ruleset is back"
      }
    }

    /// True where the time is over and no watchdog is there to undo the change.
    func isUnguarded(in directory: StateDirectory, _ namespace: NetworkNamespaceID) -> Bool {
      deadline.remaining == .zero && !Watchdog.isAlive(directory, namespace)
    }

    /// The time that is left, in words.
    public var remaining: String {
      let left = deadline.remaining.components
      let seconds = left.seconds + (left.attoseconds > 0 ? 1 : 0)
      return seconds > 0 ? "\(seconds) s left" : "its time is up"
    }

    /// The file's text.
    package var text: String {
      """
      netpolc-pending 1
      revision \(revision)
      marker \(marker)
      deadline \(deadline.unixSeconds) \(deadline.nanosecondsSinceBoot)
      window \(window.components.seconds)
      nonce \(nonce)
      snapshot \(snapshotDigest)
      \(removesTable ? "then remove\n" : "")
      """
    }

    init(_ marker: RevisionMarker, window: Duration, nonce: String, snapshotDigest: String) {
      revision = marker.revision
      self.marker = marker.chain
      self.window = window
      self.nonce = nonce
      self.snapshotDigest = snapshotDigest
      deadline = .after(window)
    }

    /// In seconds: a week, more than the command line takes. What is beyond was not written by netpolc.
    private static let longestWindow: Int64 = 604_800

    /// Anything else was not written by netpolc, and may hold the end of a line, as CR LF is no LF to Swift.
    private static func isHexadecimal(_ word: Substring) -> Bool {
      word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Reads a file's text; nil where it is not one.
    package init?(_ text: String) {
      var fields: [Substring: [Substring]] = [:]
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        if let name = words.first { fields[name] = Array(words.dropFirst()) }
      }
      guard fields["netpolc-pending"] == ["1"],
        let marker = fields["marker"]?.first.flatMap({ RevisionMarker(chain: String($0)) }),
        let times = fields["deadline"]?.compactMap({ Int64($0) }), times.count == 2,
        let window = fields["window"]?.first.flatMap({ Int64($0) }),
        (0...Self.longestWindow).contains(window),
        let nonce = fields["nonce"]?.first, Self.isHexadecimal(nonce),
        let digest = fields["snapshot"]?.first, Self.isHexadecimal(digest)
      else { return nil }
      self.init(
        marker, window: .seconds(window), nonce: String(nonce), snapshotDigest: String(digest))
      removesTable = fields["then"] == ["remove"]
      deadline = Timestamp(unixSeconds: times[0], nanosecondsSinceBoot: times[1])
    }
  }

  /// The outcome of the last change that was not confirmed.
  public struct RollbackNote: Sendable, Hashable, CustomStringConvertible {
    /// The revision that was undone.
    public var revision: UInt64
    /// When that was.
    public var moment: Timestamp
    /// The reason why it could not be undone yet; nil where it was undone.
    public var failure: String?

    /// The outcome as one clause.
    public var description: String {
      let age = moment.age.components.seconds
      guard let failure else { return "revision \(revision) was rolled back \(age) s ago" }
      return "revision \(revision) could not be rolled back so far: \(failure)"
    }

    /// The file's text.
    package var text: String {
      let why = (failure ?? "").split(whereSeparator: \.isNewline).joined(separator: "; ")
      return "\(revision) \(moment.unixSeconds) \(moment.nanosecondsSinceBoot) \(why)\n"
    }

    init(revision: UInt64, failure: String? = nil) {
      self.revision = revision
      self.failure = failure
      moment = .now
    }

    /// Reads a file's text; nil where it is not one.
    package init?(_ text: String) {
      let words = text.split(separator: "\n").first?.split(
        separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      guard let words, words.count == 4, let revision = UInt64(words[0]), let unix = Int64(words[1]),
        let boot = Int64(words[2])
      else { return nil }
      self.init(revision: revision, failure: words[3].isEmpty ? nil : String(words[3]))
      moment = Timestamp(unixSeconds: unix, nanosecondsSinceBoot: boot)
    }
  }
#endif
