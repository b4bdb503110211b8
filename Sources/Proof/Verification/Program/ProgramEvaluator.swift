import Addresses
public import KernelProgram
import Ruleset

/// Runs one packet through a table's instructions as the kernel does: registers of bytes, rules in order, the first
/// condition that fails ends a rule. Plain on purpose: it is the witness against the symbolic execution, and shares
/// nothing with it but the model of a packet.
public struct ProgramEvaluator {
  private let table: KernelTable
  private let chains: [String: KernelChain]
  private let sets: [String: KernelSet]

  /// An evaluator of a table.
  public init(_ table: KernelTable) {
    self.table = table
    chains = Dictionary(table.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    sets = Dictionary(table.sets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The effect of the table on a packet on its path: it passes when every base chain on its way lets it pass.
  public func evaluate(_ packet: Packet) -> Evaluation {
    var trace: [TraceStep] = []
    do throws(UndecidedReason) {
      for (chain, policy) in baseChains(packet) {
        var decision: Decision
        switch try walk(chain, packet, &trace, depth: 0) {
        case .some(let made): decision = made
        case nil:
          decision = policy == .accept ? .accept : .drop
          trace.append(
            TraceStep(
              chain: chain.name, rule: nil, element: nil, verdict: decision == .accept ? .accept : .drop))
        }
        if decision == .drop { return Evaluation(decision: .drop, trace: trace, obstacle: nil) }
      }
      return Evaluation(decision: .accept, trace: trace, obstacle: nil)
    } catch { return Evaluation(decision: nil, trace: trace, obstacle: error) }
  }

  /// The base chains on a packet's path, in the order it meets them.
  private func baseChains(_ packet: Packet) -> [(KernelChain, Chain.Hook.Policy)] {
    let isSeen = Table(table.family, table.name).sees(packet.family) && !table.flags.contains(.dormant)
    if !isSeen { return [] }
    var found: [(chain: KernelChain, hook: Chain.Hook, stage: Int)] = []
    for chain in table.chains {
      guard let hook = chain.hook else { continue }
      switch (packet.path, hook.hook) {
      case (.forwarded, "forward"), (.toNode, "input"), (.fromNode, "output"): found.append((chain, hook, 0))
      case (.forwarded, "postrouting"), (.fromNode, "postrouting"):
        if hook.priority < sourceTranslation { found.append((chain, hook, 1)) }
      default: continue
      }
    }
    return found.sorted {
      ($0.stage, $0.hook.priority, $0.chain.name) < ($1.stage, $1.hook.priority, $1.chain.name)
    }
    .map { ($0.chain, $0.hook.policy) }
  }

  /// The decision that a chain comes to; nil where the packet comes back from it.
  private func walk(_ chain: KernelChain, _ packet: Packet, _ trace: inout [TraceStep], depth: Int)
    throws(UndecidedReason) -> Decision?
  {
    if depth > 64 { throw UndecidedReason(chain: chain.name, rule: nil, "chains jump in a circle") }
    for (number, rule) in chain.rules.enumerated() {
      func undecided(_ text: String) -> UndecidedReason {
        UndecidedReason(chain: chain.name, rule: number, text)
      }
      var run = RegisterRun(packet, sets)
      let verdict: Verdict?
      do throws(Lookups.UndecidedText) { verdict = try run.execute(rule) } catch {
        throw undecided(error.text)
      }
      guard let verdict else { continue }
      trace.append(TraceStep(chain: chain.name, rule: number, element: run.found, verdict: verdict))
      switch verdict {
      case .accept: return .accept
      case .drop: return .drop
      case .return: return nil
      case .continue: continue
      case .jump(let name), .goto(let name):
        guard let target = chains[name] else { throw undecided("chain \(name) does not exist") }
        let end = try walk(target, packet, &trace, depth: depth + 1)
        if end != nil { return end }
        if case .goto = verdict { return nil }
      }
    }
    return nil
  }
}
