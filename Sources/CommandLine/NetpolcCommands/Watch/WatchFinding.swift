#if os(Linux)
  import LinuxNet
  import Enforcement
  import Glibc
  import PolicyModel
  import Ruleset
  import Verification

  /// The result of one check of the live table.
  struct WatchFinding {
    /// The possible results of the check.
    enum Verdict {
      /// The table does what the policies say.
      case proven
      /// It does not: the first counterexample, in a clause, and all of it for people.
      case counterexample(String, details: String)
      /// Something in it has no word in the model.
      case undecided(String)
      /// There is no table.
      case absent
      /// It could not be looked at.
      case trouble(String)
    }

    var verdict: Verdict
    /// The table and its record; nil where the kernel could not be asked.
    var status: InstalledStatus?
    /// The duration of the proof; nil where there was none.
    var duration: Duration?
    /// When it was.
    var moment = Timestamp.now

    /// The exit status that `verify` has for the answer.
    var exitStatus: Int32 {
      switch verdict {
      case .proven: Status.success
      case .counterexample, .absent: Status.finding
      case .undecided: Status.undecided
      case .trouble: Status.trouble
      }
    }

    /// `TIME VERDICT[: WHAT]; RECORD; CAUSE`, on one line; the cause says why the look was taken.
    func line(_ cause: String) -> String {
      let parts = [answer, record, cause].compactMap { $0 }
      let text = parts.joined(separator: "; ").split(whereSeparator: \.isNewline).joined(separator: " ")
      return "\(Self.time(moment.unixSeconds)) \(text)\n"
    }

    private var answer: String {
      switch verdict {
      case .proven: "proven"
      case .counterexample(let words, _): "counterexample: \(words)"
      case .undecided(let reason): "undecided: \(reason)"
      case .absent: "table gone: there is no table inet netpolc"
      case .trouble(let reason): "trouble: \(reason)"
      }
    }

    /// The relation of the table to what netpolc installed.
    private var record: String? {
      guard let status else { return nil }
      let recorded = status.state.map { "revision \($0.revision)" }
      switch status.drift {
      case .none: return recorded.map { "\($0) as recorded" }
      case .nothingInstalled: return "nothing is on record"
      case .tableGone: return recorded.map { "\($0) is on record" }
      case .unknown(let why): return why
      case .changed(let delta):
        guard let state = status.state else { return nil }
        if status.revision == state.revision {
          return "revision \(state.revision), changed since it was recorded (repair: \(delta.summary))"
        }
        let found = status.revision.map { "revision \($0)" } ?? "a table without a revision"
        return "\(found), not the recorded revision \(state.revision)"
      }
    }

    /// The time in UTC: `2026-11-24T15:40:12Z`.
    static func time(_ seconds: Int64) -> String {
      var moment = time_t(seconds)
      var parts = tm()
      gmtime_r(&moment, &parts)
      func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
      let day = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      return "\(day)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
  }
#endif
