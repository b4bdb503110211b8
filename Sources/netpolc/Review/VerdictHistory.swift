import ArgumentParser
import Diagnostics
import Manifests
import PolicyModel
import Review

/// What became of one connection from commit to commit: each is read and asked, none is guessed from its text, so a
/// verdict that changes several times is told each time.
struct VerdictHistory {
  let source: EndpointReference
  let destination: EndpointReference
  let traffic: TrafficReference
  let inventory: InventoryOptions

  /// The verdict at one commit.
  private enum Verdict: Equatable {
    case allowed
    case denied
    /// Nobody is asked about, or the manifests have errors.
    case unknown(String)

    var words: String {
      switch self {
      case .allowed: "ALLOWED"
      case .denied: "DENIED"
      case .unknown(let reason): "UNKNOWN (\(reason))"
      }
    }
  }

  /// Tells every change of the verdict; ends the command with the status of the last one.
  func run(_ range: String, paths: [String]) throws {
    guard let dots = range.firstRange(of: ".."), !range.contains("...") else {
      throw ValidationError("--history takes REV..REV, such as main~20..main.")
    }
    let history: GitHistory
    do throws(GitHistory.Fault) {
      history = try GitHistory(
        from: String(range[..<dots.lowerBound]), to: String(range[dots.upperBound...]), paths: paths)
    } catch {
      StandardError.write("netpolc: error: \(range): \(error.message)\n")
      throw ExitCode(Status.trouble)
    }
    var last: (verdict: Verdict, causes: [String])?
    var text = ""
    var changes = 0
    for commit in history.commits {
      let state = ask(commit, history, paths)
      if let before = last, before.verdict == state.verdict {
        last = state
        continue
      }
      text += "\(state.verdict.words) \(last == nil ? "at" : "since") \(commit.name) \(commit.subject)\n"
      if let before = last {
        changes += 1
        text += before.causes.map { "  before  \($0)\n" }.joined()
        text += state.causes.map { "  after   \($0)\n" }.joined()
      }
      last = state
    }
    let (touching, verdict) = (history.commits.count - 1, last?.verdict)
    text += "\(Plural.of(touching, "commit")) looked at, \(Plural.of(changes, "change")) of the verdict\n"
    guard StandardOutput.write(Style.plain(text)) else { throw ExitCode(Status.trouble) }
    if verdict != .allowed { throw ExitCode(verdict == .denied ? Status.finding : Status.trouble) }
  }

  private func ask(
    _ commit: GitHistory.Commit, _ history: GitHistory, _ paths: [String]
  ) -> (verdict: Verdict, causes: [String]) {
    // A path that was not there yet held no policy.
    let there = paths.filter { history.has($0, in: commit) }.map { "\(commit.name):\($0)" }
    guard let reading = try? Reading(paths: there, options: inventory, subjects: .podsAndWorkloads) else {
      return (.unknown("cannot be read"), [])
    }
    if let error = reading.diagnostics.first(where: { $0.severity == .error }) {
      return (.unknown(error.location.map { "\($0): \(error.message)" } ?? error.message), [])
    }
    do throws(Explainer.Failure) {
      let answers = try Explainer(reading.cluster).explain(source, destination, traffic)
      let telling = answers.first { !$0.isAllowed } ?? answers.first
      return (answers.allSatisfy(\.isAllowed) ? .allowed : .denied, telling?.causes ?? [])
    } catch {
      return (.unknown(error.description), [])
    }
  }
}
