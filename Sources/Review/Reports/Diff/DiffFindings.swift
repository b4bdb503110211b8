import Wording
import Addresses
import Connectivity
import Diagnostics
public import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability

/// A difference as findings for services of code hosting: each at the line that causes it.
public enum DiffFindings {
  /// The kinds of findings.
  public static let rules: [SARIF.Rule] = [
    .init(
      id: "connectivity-widened", title: "more is allowed",
      explanation: "Connections pass that the old revision denied."),
    .init(
      id: "connectivity-narrowed", title: "less is allowed",
      explanation: "Connections are denied that the old revision let pass."),
    .init(
      id: "connectivity-changed", title: "other connections are allowed",
      explanation: "Some connections pass that did not, others do not that did."),
    .init(
      id: "pods-isolated", title: "pods are newly isolated",
      explanation: "Policies select pods that none selected before in this direction."),
    .init(
      id: "pods-released", title: "pods are no longer isolated",
      explanation: "No policy selects these pods in this direction any more: everything is allowed."),
    .init(
      id: "pods-new", title: "pods or workloads are new",
      explanation: "The old revision has no such pods; what they may send and receive is widened."),
    .init(
      id: "pods-gone", title: "pods or workloads are gone",
      explanation: "The new revision has no such pods; what they could send and receive is narrowed."),
    .init(
      id: "pods-on-host-network", title: "pods or workloads come onto the host network",
      explanation: "No policy applies there: they are reached and send as their node does."),
    .init(
      id: "not-compared", title: "not everything was compared",
      explanation: "There may be a difference that was not looked for."),
    .init(
      id: "review-config-changed", title: "the settings of the review change",
      explanation:
        "Exclusions, suppressions or options of the old revision were used. What the new ones leave out is not seen by later reviews."
    ),
  ]

  /// The findings, in the order of the report.
  public static func findings(_ diff: ConnectivityDiff) -> [ReportedFinding] {
    var findings = diff.reviewChanges.map {
      ReportedFinding(
        rule: "review-config-changed", severity: .warning,
        message: "\($0.words): the old revision's settings were used", location: $0.location,
        related: $0.others)
    }
    findings += diff.ontoHostNetwork.map { finding($0) }
    findings += diff.isolation.map { finding($0) }
    findings += diff.allChanges.map { finding($0) }
    return findings + pods(diff) + uncompared(diff)
  }

  private static func pods(_ diff: ConnectivityDiff) -> [ReportedFinding] {
    [("new", diff.pods.appeared), ("gone", diff.pods.vanished)].filter { !$0.1.isEmpty }.map { word, names in
      ReportedFinding(
        rule: "pods-\(word)", severity: .note, message: "\(word): \(Counting.first(6, of: names))",
        location: nil)
    }
  }

  private static func uncompared(_ diff: ConnectivityDiff) -> [ReportedFinding] {
    let reasons = (diff.isWithoutPods ? [diff.summary] : []) + diff.omissions.map { "not compared: \($0)" }
    return reasons.map {
      ReportedFinding(rule: "not-compared", severity: .warning, message: $0, location: nil)
    }
  }

  private static func finding(_ change: HostNetworkChange) -> ReportedFinding {
    ReportedFinding(
      rule: "pods-on-host-network", severity: .warning,
      message: "\(change.name): on the host network now, where no policy applies", places: change.places)
  }

  private static func finding(_ change: IsolationChange) -> ReportedFinding {
    let direction = change.direction.rawValue.lowercased()
    return ReportedFinding(
      rule: change.isIsolated ? "pods-isolated" : "pods-released",
      severity: change.isIsolated ? .note : .warning,
      message:
        "\(change.pods.description): \(direction) is \(change.isIsolated ? "isolated now" : "open now, it was isolated")",
      places: change.places)
  }

  private static func finding(_ change: ConnectionChange) -> ReportedFinding {
    ReportedFinding(
      rule: "connectivity-\(change.kind.rawValue)", severity: change.kind == .narrowed ? .note : .warning,
      message:
        "\(change.kind.rawValue): \(change.words); for example \(change.witness.description)",
      places: change.witness.places)
  }
}
