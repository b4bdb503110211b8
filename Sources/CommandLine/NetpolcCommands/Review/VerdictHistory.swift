import ArgumentParser
import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import PolicyExplain
import PolicyTrace

/// The verdicts about one connection from commit to commit. Each commit is read and asked, so that a verdict
/// that changes several times appears each time.
struct VerdictHistory {
  private let source: EndpointReference
  private let destination: EndpointReference
  private let traffic: TrafficReference
  private let paths: [String]
  private let inventory: SharedInventory
  private let history: GitHistory
  private let podToNode: EnforcementModes.PodToNode
  private let format: ErrorFormat
  /// Commits whose paths have the same content are asked once.
  private var known: [[String?]: (commit: String, state: VerdictReport.State)] = [:]

  /// Prepares the question; errors of the range or the inventory are printed, and end the command.
  init(
    _ range: String, source: EndpointReference, destination: EndpointReference, traffic: TrafficReference,
    paths: [String], options: InventoryOptions, workloads: WorkloadOptions,
    podToNode: EnforcementModes.PodToNode, format: ErrorFormat
  ) throws {
    (self.podToNode, self.format) = (podToNode, format)
    guard let dots = range.firstRange(of: ".."), !range.contains("...") else {
      throw ValidationError("--history takes REV..REV, such as main~20..main.")
    }
    (self.source, self.destination, self.traffic, self.paths) = (source, destination, traffic, paths)
    do throws(GitHistory.Fault) {
      history = try GitHistory(
        from: String(range[..<dots.lowerBound]), to: String(range[dots.upperBound...]), paths: paths)
    } catch {
      throw Findings.failure("no-history", "\(range): \(error.message)", in: format)
    }
    inventory = SharedInventory(options.inventory, options, workloads)
    try Findings(inventory.diagnostics.filter { $0.severity == .error }, strict: false).report(
      in: format)
  }

  /// Asks every commit; ends the command where git does not answer, or no commit has a path.
  mutating func report() throws -> VerdictReport {
    var changes: [VerdictReport.Change] = []
    var last: VerdictReport.State?
    var lost = Set(paths)
    do throws(GitHistory.Fault) {
      for commit in history.commits {
        let state = try ask(commit)
        lost.formIntersection(state.missing)
        if last?.verdict != state.verdict || last?.missing != state.missing {
          let brought = last?.verdict == state.verdict ? [] : try origins(of: state, in: commit)
          changes.append(VerdictReport.Change(commit: commit, before: last, after: state, brought: brought))
        }
        last = state
      }
    } catch {
      throw Findings.failure("no-history", error.message, in: format)
    }
    if let path = lost.sorted().first {
      throw Findings.failure("no-history", "\(path): no commit of the range has this path", in: format)
    }
    return VerdictReport(
      source: source, destination: destination, traffic: traffic, changes: changes,
      commits: history.commits.count - 1, last: last?.verdict)
  }

  /// The commit of a merged branch that made the verdict what the merge has, and where that is a merge too what is behind
  /// it; none where no branch changed it, so that the merge itself did.
  private mutating func origins(
    of state: VerdictReport.State, in merge: GitHistory.Commit
  ) throws(GitHistory.Fault) -> [GitHistory.Commit] {
    guard merge.parents.count > 1 else { return [] }
    for branch in try history.branches(of: merge) {
      var verdicts: [VerdictReport.Verdict] = []
      for commit in branch { verdicts.append(try ask(commit).verdict) }
      guard verdicts.last == state.verdict, let place = verdicts.lastIndex(where: { $0 != state.verdict })
      else {
        continue
      }
      let commit = branch[place + 1]
      return [commit] + (try origins(of: state, in: commit))
    }
    return []
  }

  private mutating func ask(_ commit: GitHistory.Commit) throws(GitHistory.Fault) -> VerdictReport.State {
    let objects = try history.objects(in: commit)
    if let (other, state) = known[objects] { return state.said(of: commit.name, insteadOf: other) }
    // A path that was not there yet held no policy.
    let there = zip(paths, objects).filter { $0.1 != nil }.map(\.0)
    let missing = zip(paths, objects).filter { $0.1 == nil }.map(\.0)
    let (verdict, causes) = ask(there.map { "\(commit.name):\($0)" })
    let state = VerdictReport.State(verdict: verdict, causes: causes, missing: missing)
    known[objects] = (commit.name, state)
    return state
  }

  private func ask(_ paths: [String]) -> (VerdictReport.Verdict, causes: [Cause]) {
    let (cluster, diagnostics, _) = inventory.cluster(of: paths)
    if let error = diagnostics.first(where: { $0.severity == .error }) {
      return (.unknown(.init(location: error.location, message: error.message)), [])
    }
    do throws(Explainer.Failure) {
      let answer = try Explainer(cluster, podToNode: podToNode).ask(source, destination, traffic)
      let example = answer.explanations.first { !$0.isAllowed } ?? answer.explanations.first
      switch answer.verdict {
      case .allowed: return (.allowed, example?.causes ?? [])
      case .denied: return (.denied, example?.causes ?? [])
      case .dependsOnAddress:
        return (
          .unknown(.init(message: "depends on an address that is not known: name its block with --pod-cidr")),
          []
        )
      }
    } catch {
      return (.unknown(.init(message: error.description)), [])
    }
  }
}
