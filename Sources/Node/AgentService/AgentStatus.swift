import Synchronization

/// The state of an agent as seen from outside its loop: health, reasons, numbers.
public final class AgentStatus: Sendable {
  /// The state at one time.
  public struct Snapshot: Sendable {
    /// The reasons why the agent is not ready, by subject; empty where it is.
    public var obstacles = [
      "lists": "no list is complete yet", "table": "this agent has not committed a table yet",
    ]
    /// The faults that do not keep it from being ready, by subject.
    public var remarks: [String: String] = [:]
    /// The revision that is installed.
    public var revision: UInt64 = 0
    /// The numbers of known pods, of policies, and of sandboxes that the runtime reported.
    public var pods = 0
    /// The number of policies that the API server has reported.
    public var policies = 0
    /// The number of sandboxes that the runtime has reported.
    public var attachments = 0
    /// True where unknown pods are denied.
    public var deniesUnknownPods = false
    /// Counters by metric and label.
    public var counters: [String: Int] = [:]
    /// When a kind was heard of last, by kind.
    public var heard: [String: ContinuousClock.Instant] = [:]
    /// The kinds whose lists are complete.
    public var synced: Set<String> = []
    /// The last turn of the loop.
    public var turned = ContinuousClock.now
    /// The time of the last commit and of the last proof, in seconds.
    public var applySeconds = 0.0
    /// The time of the last proof, in seconds.
    public var proofSeconds = 0.0
    /// The time of the last comparison with the kernel's program, in seconds.
    public var compareSeconds = 0.0
    /// True where nothing is installed.
    public var isDryRun = false
    /// The times from an event's arrival to its commit.
    public var eventLag = LatencyHistogram()
    /// The times from the arrival of a policy's event to its commit.
    public var policyLag = LatencyHistogram()
    /// When the table was last committed in sync, in seconds since 1970; 0: never.
    public var syncedAt = 0
  }

  private let state = Mutex(Snapshot())

  /// A state of nothing.
  public init() {}

  /// The state now.
  public var snapshot: Snapshot { state.withLock { $0 } }

  /// Changes the state.
  func change(_ body: (inout Snapshot) -> Void) { state.withLock { body(&$0) } }

  /// Adds to a counter.
  func count(_ name: String, _ number: Int = 1) { state.withLock { $0.counters[name, default: 0] += number } }
}

extension AgentStatus.Snapshot {
  /// The time that the loop may be still before it counts as stuck.
  static let longestTurn = Duration.seconds(60)

  /// True where the loop turns.
  public var isLive: Bool { ContinuousClock.now - turned < Self.longestTurn }

  /// The answer to `/livez`.
  public var livez: String { isLive ? "ok\n" : "the loop has not turned for a minute\n" }

  /// The answer to `/readyz`: a line for each obstacle, then the remarks.
  public var readyz: String {
    let lines = obstacles.sorted { $0.key < $1.key }.map { "not ready: \($0.key): \($0.value)" }
    let more = remarks.sorted { $0.key < $1.key }.map { "note: \($0.key): \($0.value)" }
    return ((obstacles.isEmpty ? ["ok"] : lines) + more).joined(separator: "\n") + "\n"
  }

  /// The answer to `/status`: one line for `netpolc status`.
  public var summary: String {
    let age = heard.values.min().map { "\((ContinuousClock.now - $0).components.seconds) s" } ?? "no time"
    let state =
      obstacles.isEmpty
      ? isDryRun ? "dry run" : "ready" : "not ready (\(obstacles.keys.sorted().joined(separator: ", ")))"
    return
      "\(state), revision \(revision), \(pods) pods, \(policies) policies, \(attachments) sandboxes; the API server was heard within \(age)\n"
  }

  /// The answer to `/metrics`, in Prometheus' text format.
  public var metrics: String {
    var text = ""
    func add(_ name: String, _ kind: String, _ help: String, _ samples: [(label: String, value: String)]) {
      if samples.isEmpty { return }
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
      for sample in samples { text += "\(name)\(sample.label) \(sample.value)\n" }
    }
    func one(_ name: String, _ kind: String, _ help: String, _ value: String) {
      add(name, kind, help, [("", value)])
    }
    one(
      "netpolc_agent_ready", "gauge", "Whether the node's table is in sync, applied and proved.",
      obstacles.isEmpty ? "1" : "0")
    add(
      "netpolc_agent_watch_synced", "gauge", "Whether a kind's list is complete and watched.",
      FollowedKind.allCases.map(\.rawValue).filter {
        $0 != FollowedKind.nodes.rawValue || synced.contains($0)
      }
      .map { ("{kind=\"\($0)\"}", synced.contains($0) ? "1" : "0") })
    add(
      "netpolc_agent_view_age_seconds", "gauge", "The time since the API server was heard of a kind.",
      heard.sorted { $0.key < $1.key }.map {
        ("{kind=\"\($0.key)\"}", "\((ContinuousClock.now - $0.value).components.seconds)")
      })
    one("netpolc_agent_installed_revision", "gauge", "The revision of the installed table.", "\(revision)")
    one("netpolc_agent_pods", "gauge", "Pods that the API server has reported.", "\(pods)")
    one("netpolc_agent_policies", "gauge", "Policies that the API server has reported.", "\(policies)")
    one("netpolc_agent_attachments", "gauge", "Sandboxes that the CNI plugin has reported.", "\(attachments)")
    one(
      "netpolc_agent_apply_seconds", "gauge", "How long the last transaction took, its proof included.",
      "\(applySeconds)")
    one("netpolc_agent_proof_seconds", "gauge", "How long the last proof took.", "\(proofSeconds)")
    one(
      "netpolc_agent_compare_seconds", "gauge",
      "How long the last comparison of the kernel's program with the table took.", "\(compareSeconds)")
    func histogram(_ name: String, _ help: String, _ times: LatencyHistogram) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
      for sample in times.samples { text += "\(name)\(sample.suffix)\(sample.label) \(sample.value)\n" }
    }
    histogram(
      "netpolc_agent_event_lag_seconds", "From an event's arrival to the commit of what follows from it.",
      eventLag)
    histogram(
      "netpolc_agent_policy_enforcement_latency_seconds",
      "From the arrival of a policy's event to its commit; those before the start are not counted.", policyLag
    )
    if syncedAt > 0 {
      one(
        "netpolc_agent_last_sync_timestamp_seconds", "gauge",
        "When the table was last committed in sync with the API server, in seconds since 1970.", "\(syncedAt)"
      )
    }
    let families = Dictionary(grouping: counters.sorted { $0.key < $1.key }) {
      String($0.key.prefix { $0 != "{" })
    }
    for (name, samples) in families.sorted(by: { $0.key < $1.key }) {
      add(
        name, "counter", Self.help[name] ?? "A count since the agent's start.",
        samples.map {
          (String($0.key.dropFirst(name.count)), "\($0.value)")
        })
    }
    return text
  }

  private static let help = [
    "netpolc_agent_events_total": "Objects that the API server reported, by kind.",
    "netpolc_agent_transactions_total": "Transactions that changed the table.",
    "netpolc_agent_proof_failures_total": "Tables that were not sent because they were not proved.",
    "netpolc_agent_resyncs_total": "Full lists, by reason.",
    "netpolc_agent_drift_total": "Changes of the table by other programs.",
    "netpolc_agent_unreadable_objects_total": "Objects that could not be read, by kind.",
    "netpolc_agent_held_lists_total": "Full lists that were held because of what they would release.",
    "netpolc_agent_address_conflicts_total": "Addresses that several pods came to claim equally.",
    "netpolc_agent_full_comparisons_total":
      "Full lists after which all known objects were compared with those that are compiled.",
    "netpolc_agent_former_tables_total":
      "Times that the former table was put in force, since the kernel's program stayed another than the new one.",
    "netpolc_agent_comparisons_total": "Comparisons that found the kernel's program to be the table's.",
    "netpolc_agent_denied_packets_logged_total":
      "Denied packets that the kernel's log group gave to the agent.",
    "netpolc_agent_denied_packets_not_told_total": "Denied packets that the agent's log left out.",
    "netpolc_agent_attachments_total": "Questions of the CNI plugin, by verb and answer.",
  ]
}
