#if os(Linux)
  public import Addresses
  public import Enforcement
  public import IncrementalLowering
  public import KernelProgram
  public import Lowering
  public import PolicyModel
  public import Ruleset
  import Dispatch
  import Synchronization
  import TableLayout

  /// A node whose table follows its cluster: each event, or a few together, becomes one small transaction.
  ///
  /// It is an `IncrementalCompiler`, which knows what events change, and an `InstalledTable`, which makes the change.
  /// Events that contradict the cluster are refused and change nothing. Where a transaction fails, the events count all
  /// the same, and the next call, of no events if need be, puts the whole table in its place.
  ///
  /// ```swift
  /// var session = try NodeEnforcer(contents, LoweringOptions(node: "node-a"))
  /// let outcome = try session.apply([.pod(pod), .policyRemoved(id)])
  /// try session.record()                       // `compile --apply` goes on from here by a difference
  /// ```
  ///
  /// All calls come from threads in one network namespace.
  public struct NodeEnforcer: ~Copyable, Sendable {
    /// The reason why events were not taken, or are not in the kernel.
    public enum Failure: Error, Sendable {
      /// An object of a full listing is written twice. Everything is as before.
      case contradiction(LiveCluster.Contradiction)
      /// They count, but the kernel may hold something else. Call `apply` again.
      case enforcement(EnforcementFailure)
      /// They count, but the table that they make was not proved, and nothing was sent; why.
      case unproved(String)
    }

    /// The result of some events.
    public struct Outcome: Sendable {
      /// The change of the compiled table.
      public let change: IncrementalCompiler.Change
      /// The reasons of the warnings that several pods have an equal claim to an address.
      public var sharedAddresses: [String] { change.sharedAddresses }
      /// The change of the kernel's table.
      public let report: Enforcer.Report
    }

    /// The compiled cluster.
    public private(set) var compiled: IncrementalCompiler
    private var installed: InstalledTable
    private let proof: (@Sendable (KernelTable, Cluster) -> String?)?
    private let judgement: (@Sendable (Table, Cluster, Set<IPFamily>) -> String?)?
    private var provedSlices = ProvedSlices()
    /// True where the last table was not sent because it was not proved.
    private var isWithheld = false
    /// The numbers of judgements of a table's slice and of the whole. A slice of a pattern that was judged is not judged again.
    public private(set) var judgements = (ofSlices: 0, ofWhole: 1)
    /// True where the cluster changed and the table did not: nothing was sent, and nothing was judged.
    public private(set) var isJudgementDue = false

    /// The revision that is installed.
    public var revision: UInt64 { installed.revision }

    /// True where the record on disk describes what is installed.
    public var isRecorded: Bool { installed.isRecorded }

    /// The report of the first installation.
    public var first: Enforcer.Report { installed.first }

    /// The process that runs libnftables, while there is one.
    public var workerProcess: Int32? { installed.workerProcess }

    /// Compiles a cluster and installs its table in the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - contents: what the manifests said, in any order.
    ///   - options: what the ruleset is made for.
    ///   - enforcer: where the record is kept, and the way to the kernel.
    ///   - proof: judges a table that was read back, after it was replaced as a whole; a reason means it is wrong. A table that is
    ///     the program that was judged before is not judged again.
    ///   - judgement: judges each table before it is sent, or the part of it that a change concerns, for packets of some
    ///     families; a reason means that it is not sent. It takes as long as the table or the part is large. Where events change nothing in the table, it is asked by `judge()` alone.
    /// - Throws: what contradicts itself, or why the kernel holds what it held before.
    public init(
      _ contents: ManifestContents, _ options: LoweringOptions = LoweringOptions(),
      enforcer: Enforcer = Enforcer(),
      proof: (@Sendable (KernelTable, Cluster) -> String?)? = nil,
      judgement: (@Sendable (Table, Cluster, Set<IPFamily>) -> String?)? = nil
    ) throws(Failure) {
      let compiled: IncrementalCompiler
      do throws(LiveCluster.Contradiction) { compiled = try IncrementalCompiler(contents, options) } catch {
        throw .contradiction(error)
      }
      try self.init(compiled, enforcer: enforcer, proof: proof, judgement: judgement)
    }

    /// Installs the table of a compiled cluster in the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - compiled: the cluster.
    ///   - enforcer: as for contents.
    ///   - proof: as for contents.
    ///   - judgement: as for contents.
    /// - Throws: why the kernel holds what it held before.
    public init(
      _ compiled: IncrementalCompiler, enforcer: Enforcer = Enforcer(),
      proof: (@Sendable (KernelTable, Cluster) -> String?)? = nil,
      judgement: (@Sendable (Table, Cluster, Set<IPFamily>) -> String?)? = nil
    ) throws(Failure) {
      let (cluster, table) = (compiled.resolvedCluster, compiled.table)
      // The digests of a hundred thousand pods take half as long as the proof.
      let objection = Mutex<String?>(nil)
      let inputs = Mutex<InputDigests?>(nil)
      DispatchQueue.concurrentPerform(iterations: 2) { part in
        if part == 0 {
          let reason = judgement?(table, cluster, Set(IPFamily.allCases))
          objection.withLock { $0 = reason }
        } else {
          let digests = InputDigests(cluster)
          inputs.withLock { $0 = digests }
        }
      }
      if let reason = objection.withLock({ $0 }) { throw .unproved(reason) }
      do throws(EnforcementFailure) {
        installed = try InstalledTable(
          enforcer,
          installing: Self.request(
            compiled, cluster, table, inputs.withLock { $0 } ?? InputDigests(cluster), proof,
            isProved: judgement != nil))
      } catch { throw .enforcement(error) }
      self.compiled = compiled
      self.proof = proof
      self.judgement = judgement
    }

    private static func objection(
      _ compiled: IncrementalCompiler, _ judgement: (@Sendable (Table, Cluster, Set<IPFamily>) -> String?)?
    ) -> String? {
      judgement?(compiled.table, compiled.resolvedCluster, Set(IPFamily.allCases))
    }

    /// Takes events together.
    ///
    /// - Returns: what was done.
    /// - Throws: why the kernel may hold something else.
    public mutating func apply(_ events: [ClusterEvent]) throws(Failure) -> Outcome {
      try commit(compiled.apply(events, fillsSmall: false), isNeeded: !events.isEmpty)
    }

    /// Takes a full listing of all objects, as after a watch that has to begin anew: what it lacks is gone. One difference
    /// is committed.
    ///
    /// - Returns: what was done.
    /// - Throws: why nothing was taken, or why the kernel may hold something else.
    public mutating func replaceAll(_ listing: ManifestContents) throws(Failure) -> Outcome {
      let change: IncrementalCompiler.Change
      do throws(LiveCluster.Contradiction) {
        change = try compiled.replaceAll(listing, fillsSmall: false)
      } catch {
        throw .contradiction(error)
      }
      return try commit(change, isNeeded: true)
    }

    private mutating func commit(_ change: IncrementalCompiler.Change, isNeeded: Bool) throws(Failure)
      -> Outcome
    {
      if isWithheld {
        try judge()
      } else if isNeeded, !isProved(inSliceOf: change) {
        if change.delta.isEmpty { isJudgementDue = judgement != nil } else { try judge() }
      }
      do throws(EnforcementFailure) {
        let (compiled, proof, isProved) = (compiled, proof, isProved)
        let report = try installed.commit(
          change.delta, filled: { change.isFilled ? change.delta : compiled.filled(change.delta) }
        ) {
          Self.request(compiled, proof, isProved: isProved)
        }
        return Outcome(change: change, report: report)
      } catch { throw .enforcement(error) }
    }

    /// True where a change of a table that was proved is proved by its slice. Where it is not, the whole may be all the same.
    private mutating func isProved(inSliceOf change: IncrementalCompiler.Change) -> Bool {
      guard let judgement, !isJudgementDue, let slice = compiled.slice(of: change) else { return false }
      let pattern = slice.pattern(compiled.options.modes)
      if let pattern, provedSlices.contains(pattern) { return true }
      judgements.ofSlices += 1
      guard judgement(slice.table, slice.cluster, slice.families) == nil else { return false }
      if let pattern { provedSlices.insert(pattern) }
      return true
    }

    /// Judges the table where the cluster changed and the table did not. It takes as long as the table is large.
    ///
    /// - Throws: `unproved`: the table is not that of the cluster; the next `apply` judges and replaces the whole.
    public mutating func judge() throws(Failure) {
      isJudgementDue = false
      judgements.ofWhole += 1
      if let reason = Self.objection(compiled, judgement) {
        installed.withhold()
        isWithheld = true
        throw .unproved(reason)
      }
      isWithheld = false
    }

    /// True where no transaction was committed in the network namespace since this session's last.
    public var isUndisturbed: Bool { installed.isUndisturbed }

    /// Says that the kernel may hold another table, as a look at it showed: the next `apply`, of no events if need be, puts
    /// the whole in its place.
    public mutating func distrust() { installed.withhold() }

    /// Writes down what is installed: the next apply can go on from it by a difference. To be called before the
    /// session ends. It takes as long as the cluster is large; see `recording` for a session that goes on.
    ///
    /// - Returns: notes for an operator.
    /// - Throws: why the kernel may hold something else.
    @discardableResult
    public mutating func record() throws(Failure) -> [String] { try record(recording.prepared()) }

    /// The state of now, from which a record can be prepared on another thread while this session goes on.
    public var recording: Recording {
      Recording(compiled: compiled, proof: proof, isProved: isProved, revision: revision)
    }

    /// True where the table is judged for the cluster as it is.
    private var isProved: Bool { judgement != nil && !isJudgementDue && !isWithheld }

    /// Writes down what was prepared; nothing where other transactions came since.
    ///
    /// - Returns: notes for an operator.
    /// - Throws: why the kernel may hold something else.
    @discardableResult
    public mutating func record(_ prepared: PreparedRecord) throws(Failure) -> [String] {
      do throws(EnforcementFailure) { return try installed.record(prepared) } catch {
        throw .enforcement(error)
      }
    }

    /// A session's state at one moment.
    public struct Recording: Sendable {
      fileprivate let compiled: IncrementalCompiler
      fileprivate let proof: (@Sendable (KernelTable, Cluster) -> String?)?
      fileprivate let isProved: Bool
      fileprivate let revision: UInt64

      /// The record of this state. O(n log n) in the cluster.
      public func prepared() -> PreparedRecord {
        PreparedRecord(
          NodeEnforcer.request(compiled, proof, isProved: isProved), revision: revision)
      }
    }

    /// The request that a compile from the beginning would make. O(n log n).
    fileprivate static func request(
      _ compiled: IncrementalCompiler, _ proof: (@Sendable (KernelTable, Cluster) -> String?)?,
      isProved: Bool
    ) -> Enforcer.Request {
      let cluster = compiled.resolvedCluster
      return request(compiled, cluster, compiled.table, InputDigests(cluster), proof, isProved: isProved)
    }

    private static func request(
      _ compiled: IncrementalCompiler, _ cluster: Cluster, _ table: Table, _ digests: InputDigests,
      _ proof: (@Sendable (KernelTable, Cluster) -> String?)?, isProved: Bool
    ) -> Enforcer.Request {
      var request = Enforcer.Request(
        table, inputs: InstalledState.Inputs(policies: digests.policies, inventory: digests.inventory),
        classes: compiled.classSubjects, modes: compiled.options.modes)
      let isolated = [Direction.ingress, .egress].reduce(into: Set<IPAddress>()) {
        $0.formUnion(TableLayout.isolatedAddresses($1, in: table))
      }
      let pods = cluster.pods.filter { pod in compiled.options.node.map(pod.isOn) ?? true }
      request.scope = InstalledState.Scope(
        node: compiled.options.node, isolated: pods.count { !isolated.isDisjoint(with: $0.addresses) },
        pods: pods.count)
      if let proof { request.proof = { proof($0, cluster) } }
      request.isProved = isProved
      return request
    }
  }
#endif
