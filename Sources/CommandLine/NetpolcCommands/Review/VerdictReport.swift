import Addresses
import Diagnostics
import JSONText
import Documents
import KubernetesManifests
import PolicyModel
import PolicyExplain
import PolicyTrace
import Wording

/// Where the verdict of a connection changed in a history.
struct VerdictReport {
  /// The verdict at one commit.
  enum Verdict: Equatable {
    case allowed
    case denied
    /// An end does not exist, or the manifests have errors.
    case unknown(Reason)

    /// The reason for which a commit has no verdict.
    struct Reason {
      /// The place of an error; nil where an end does not exist.
      var location: SourceLocation?
      /// The message of the error.
      let message: String

      fileprivate var words: String { location.map { "\($0): \(message)" } ?? message }
    }

    /// Not to know is one verdict, for whatever reason.
    static func == (left: Verdict, right: Verdict) -> Bool {
      switch (left, right) {
      case (.allowed, .allowed), (.denied, .denied), (.unknown, .unknown): true
      default: false
      }
    }

    fileprivate var words: String {
      switch self {
      case .allowed: "ALLOWED"
      case .denied: "DENIED"
      case .unknown(let reason): "UNKNOWN (\(reason.words))"
      }
    }
  }

  /// The verdict at one commit.
  struct State {
    let verdict: Verdict
    /// The rules and policies that decide, with places.
    let causes: [Cause]
    /// Paths that it does not have: no policy was read from them.
    let missing: [String]

    /// The same of a commit with the same content, whose places have another commit's name.
    func said(of commit: String, insteadOf other: String) -> State {
      func renamed(_ file: String) -> String {
        file.hasPrefix("\(other):") ? "\(commit):\(file.dropFirst(other.count + 1))" : file
      }
      var verdict = verdict
      if case .unknown(var reason) = verdict {
        reason.location = reason.location.map {
          SourceLocation(file: renamed($0.file), line: $0.line, column: $0.column)
        }
        verdict = .unknown(reason)
      }
      return State(
        verdict: verdict, causes: causes.map { $0.renamingFiles(renamed) }, missing: missing)
    }
  }

  /// The first commit, or one from which on something is otherwise.
  struct Change {
    let commit: GitHistory.Commit
    /// Nil for the first.
    let before: State?
    let after: State
    /// Where the commit is a merge, the commits of its branch that brought the verdict: a merge, then what is behind it.
    let brought: [GitHistory.Commit]

    /// True where the verdict is another.
    var isOfVerdict: Bool { before.map { $0.verdict != after.verdict } ?? false }
  }

  let source: EndpointReference
  let destination: EndpointReference
  let traffic: TrafficReference
  let changes: [Change]
  /// The number of commits of the range that touch the paths.
  let commits: Int
  /// The verdict at the end.
  let last: Verdict?

  private var verdictChanges: Int { changes.filter(\.isOfVerdict).count }

  /// As text for a terminal.
  var text: String {
    var text = ""
    for change in changes {
      let since = change.before == nil ? "at" : change.isOfVerdict ? "since" : "still at"
      text += "\(change.after.verdict.words) \(since) \(change.commit.name) \(change.commit.subject)\n"
      for commit in change.brought { text += "  brought by \(commit.name) \(commit.subject)\n" }
      for path in change.after.missing { text += "  \(path) is not there: no policies of it\n" }
      guard change.isOfVerdict, let before = change.before else { continue }
      text += before.causes.map { "  before  \($0.words)\n" }.joined()
      text += change.after.causes.map { "  after   \($0.words)\n" }.joined()
    }
    let looked = "\(Counting.of(commits, "commit")) looked at"
    return ForeignText(text + "\(looked), \(Counting.of(verdictChanges, "change")) of the verdict\n").lines
  }

  /// As JSON, whose schema is docs/schemas/explain.schema.json; one line.
  var json: String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "VerdictHistory")
      json.pair("source", source.words)
      json.pair("destination", destination.words)
      json.pair("traffic", traffic.words)
      json.key("commits")
      json.number(commits)
      json.key("changes")
      json.array { json in for change in changes { write(change, &json) } }
    }
    return json.text + "\n"
  }

  private func write(_ change: Change, _ json: inout JSONWriter) {
    json.object { json in
      switch change.after.verdict {
      case .allowed: json.pair("verdict", "allowed")
      case .denied: json.pair("verdict", "denied")
      case .unknown(let reason):
        json.pair("verdict", "unknown")
        json.pair("reason", reason.words)
      }
      json.key("commit")
      write(change.commit, &json)
      json.key("changed")
      json.bool(change.isOfVerdict)
      json.key("broughtBy")
      json.array { json in for commit in change.brought { write(commit, &json) } }
      json.list("missingPaths", change.after.missing)
      json.list("before", (change.before?.causes ?? []).map(\.words))
      json.list("after", change.after.causes.map(\.words))
    }
  }

  private func write(_ commit: GitHistory.Commit, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("name", commit.name)
      json.pair("subject", commit.subject)
    }
  }
}
