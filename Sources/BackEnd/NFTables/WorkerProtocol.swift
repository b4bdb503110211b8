#if os(Linux)
  /// The messages between client and worker. Both are the same executable, so there is one version of them.
  ///
  /// Requests and replies are datagrams of whole words on a socket that no other process holds; scripts, output and
  /// messages travel in files in memory. So nothing that libnftables prints can be taken for a reply, nothing
  /// can block on a full pipe, and what was printed before a crash can still be read.
  enum WorkerProtocol {
    /// The worker's descriptors, by number.
    enum Slot: Int32, CaseIterable {
      case null, strayOutput, strayErrors, control, script, output, errors, namespace, lock
    }

    /// Where libnftables finds the script. A file, since positions in a buffer are reported wrongly.
    static let scriptPath = "/proc/self/fd/\(Slot.script.rawValue)"

    /// The time in seconds that a worker gets to finish when its host is gone: less than another netpolc waits for the lock.
    static let secondsWithoutHost: UInt32 = 30

    static let magic: UInt32 = 0x6e70_6c63

    /// The byte between two steps of a script; it cannot occur in nft's text.
    static let stepEnd: UInt8 = 0

    struct Request {
      static let wordCount = 6
      var sequence: UInt32
      /// The number of transactions in the script, which are done one after the other.
      var steps: UInt32
      var dryRun: Bool
      var outputFlags: UInt32
      /// After so many seconds the worker ends itself, also when the host is gone.
      var secondsToLive: UInt32

      var words: [UInt32] { [magic, sequence, steps, dryRun ? 1 : 0, outputFlags, secondsToLive] }

      init(sequence: UInt32, steps: UInt32 = 1, dryRun: Bool, outputFlags: UInt32, secondsToLive: UInt32) {
        self.sequence = sequence
        self.steps = steps
        self.dryRun = dryRun
        self.outputFlags = outputFlags
        self.secondsToLive = secondsToLive
      }

      init?(words: [UInt32]) {
        guard words.count == Self.wordCount, words[0] == magic else { return nil }
        self.init(
          sequence: words[1], steps: words[2], dryRun: words[3] != 0, outputFlags: words[4],
          secondsToLive: words[5])
      }
    }

    struct Reply {
      enum Stage: UInt32 {
        /// `value` is the errno of entering the network namespace.
        case namespaceRefused
        /// `value` is the errno of the first nf_tables request.
        case kernelRefused
        /// `value` is what libnftables returned, or an errno of writing its output.
        case ran
      }

      static let wordCount = 4
      var sequence: UInt32
      var stage: Stage
      var value: Int32

      var words: [UInt32] { [magic, sequence, stage.rawValue, UInt32(bitPattern: value)] }

      init(sequence: UInt32, stage: Stage, value: Int32) {
        self.sequence = sequence
        self.stage = stage
        self.value = value
      }

      init?(words: [UInt32]) {
        guard words.count == Self.wordCount, words[0] == magic, let stage = Stage(rawValue: words[2]) else {
          return nil
        }
        self.init(sequence: words[1], stage: stage, value: Int32(bitPattern: words[3]))
      }
    }
  }
#endif
