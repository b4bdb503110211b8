import Dispatch
public import PolicyModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The rulesets of many nodes, made from one preparation on all processors.
public enum NodeRulesets {
  /// Lowers each node and hands its ruleset to `body`, from several threads at once and in no order.
  ///
  /// - Parameters:
  ///   - nodes: the nodes' names, each once.
  ///   - lowerer: the prepared cluster; each thread works on a copy, whose caches its nodes share.
  ///   - modes: the modes of a node; plain ones where nil.
  ///   - workers: how many threads; nil: as many as there are processors, and no more than eight, since each keeps
  ///     a cache of its own.
  ///   - state: what a thread keeps from one of its nodes to the next.
  ///   - body: what becomes of a node's ruleset. Its first error ends the work.
  /// - Throws: the first error of `body`.
  public static func forEach<State>(
    of nodes: [String], _ lowerer: Lowerer, modes: (@Sendable (String) -> EnforcementModes)? = nil,
    workers: Int? = nil, state: @Sendable () -> State,
    _ body: @Sendable (_ node: String, _ ruleset: LoweredRuleset, _ state: inout State) throws -> Void
  ) throws {
    let count = min(workers ?? min(activeProcessors(), 8), max(nodes.count, 1))
    let next = Atomic(0)
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: count) { _ in
      var own = lowerer
      var state = state()
      while true {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard place < nodes.count, failure.withLock({ $0 == nil }) else { return }
        let node = nodes[place]
        let options = LoweringOptions(node: node, modes: modes?(node) ?? EnforcementModes())
        do {
          try body(node, own.lower(options), &state)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

/// The number of processors available for work.
private func activeProcessors() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
