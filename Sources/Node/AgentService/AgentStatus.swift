package import NodeCompiler
public import PolicyModel
import Synchronization
import Wording

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
    public var counters = Dictionary(uniqueKeysWithValues: CounterName.initial.map { ($0, 0) })
    /// When a kind was heard of last, by kind.
    public var heard: [String: ContinuousClock.Instant] = [:]
    /// The kinds whose lists are complete.
    public var synced: Set<String> = []
    /// The last turn of the loop.
    public var turned = ContinuousClock.now
    /// The times of transactions, their proofs included.
    public var applying = LatencyHistogram()
    /// The times of proofs, of slices and of whole tables.
    public var proving = LatencyHistogram()
    /// The times from the kernel's word that another program changed the table to the commit that put it right.
    public var repairing = LatencyHistogram()
    /// The time of the last proof, in seconds.
    public var proofSeconds = 0.0
    /// The time of the last comparison with the kernel's program, in seconds.
    public var compareSeconds = 0.0
    /// The last proof of the whole table.
    public var wholeProof: WholeProof?
    /// The verdict on the table in force.
    package var verdict = PrometheusText.Verdict.absent
    /// True where the last comparison found the kernel's program to be that of the table that was sent; nil before the first.
    public var isAsSent: Bool?
    /// The revision of the record; 0: none is written.
    public var recordedRevision: UInt64 = 0
    /// When a transaction changed the table last, in seconds since 1970; 0: never.
    public var appliedAt = 0
    /// The direction and the policies of chains, for the counts of denied packets.
    public var subjects: [String: ClassSubject] = [:]
    /// True where nothing is installed.
    public var isDryRun = false
    /// The times from an event's arrival to its commit.
    public var eventLag = LatencyHistogram()
    /// The times from the arrival of a policy's event to its commit.
    public var policyLag = LatencyHistogram()
    /// When the table was last committed in sync, in seconds since 1970; 0: never.
    public var syncedAt = 0
  }

  /// A proof of the whole table that was in force.
  public struct WholeProof: Sendable, Hashable {
    /// The revision that was proved.
    public var revision: UInt64
    /// When the proof ended.
    public var ended: ContinuousClock.Instant
    /// The same in seconds since 1970.
    public var time: Int
    /// The duration in seconds.
    public var seconds: Double
  }

  private let state = Mutex(Snapshot())

  /// A state of nothing.
  public init() {}

  /// The state now.
  public var snapshot: Snapshot { state.withLock { $0 } }

  /// Changes the state.
  func change(_ body: (inout Snapshot) -> Void) { state.withLock { body(&$0) } }

  /// Adds to a counter.
  func count(_ name: String, _ labels: KeyValuePairs<String, String> = [:], by number: Int = 1) {
    state.withLock { $0.counters[CounterName(name, labels), default: 0] += number }
  }
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
    let proof = wholeProof == nil ? [] : ["note: proof: \(provedWords)"]
    // Reasons may quote the API server, or another program: each stays one line.
    return ((obstacles.isEmpty ? ["ok"] : lines) + more + proof).map { ForeignText($0).line }.joined(
      separator: "\n") + "\n"
  }

  /// When the whole table was proved last, as a clause.
  private var provedWords: String {
    guard let wholeProof else { return "no whole table is proved yet" }
    let age = (ContinuousClock.now - wholeProof.ended).components.seconds
    return
      "the whole table was proved \(age) s ago"
      + (wholeProof.revision == revision ? "" : ", as revision \(wholeProof.revision)")
  }

  /// The answer to `/status`: one line for `netpolc status`.
  public var summary: String {
    let age = heard.values.min().map { "\((ContinuousClock.now - $0).components.seconds) s" } ?? "no time"
    let state =
      obstacles.isEmpty
      ? isDryRun ? "dry run" : "ready" : "not ready (\(obstacles.keys.sorted().joined(separator: ", ")))"
    return
      "\(state), revision \(revision), \(pods) pods, \(policies) policies, \(attachments) sandboxes; \(provedWords); the API server was heard within \(age)\n"
  }
}
