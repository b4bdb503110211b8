import Reachability
import Ruleset

/// The verdicts of a rule that asks for no address, each with its part of the traffic, in the order of the rule's statements.
struct Branches {
  /// The parts that get a verdict.
  private(set) var given: [(verdict: Verdict, traffic: TrafficID)] = []
  /// The traffic that goes on to the next rule.
  private(set) var passing: TrafficID = .nothing

  /// Works out a rule for the current case of an executor, and notes there what is not modelled.
  init(_ chain: Int, _ number: Int, _ chains: ChainExecutor) {
    let store = chains.store
    var alive: TrafficID = .everything
    func partition(_ fields: [Field], _ source: LookupKey.Source) -> Partition {
      do {
        let function = try chains.lookups.function(fields, source, .source, chains.packets)
        let inner = chains.lookups.functions[Int(function.values[0])]
        return chains.lookups.partitions[Int(inner.values[0])]
      } catch {
        chains.note(chain, number, error.text)
        return Partition(parts: [])
      }
    }
    for statement in chains.index.table.chains[chain].rules[number].statements where alive != .nothing {
      switch statement {
      case .counter, .log, .verdict(.continue): continue
      case .limit, .unmodelled: chains.note(chain, number, statement.unmodelledText)
      case .reject:
        given.append((.drop, alive))
        alive = .nothing
      case .verdict(let verdict):
        given.append((verdict, alive))
        alive = .nothing
      case .match(let match):
        let found = partition(match.key, .match(match.comparison, match.operand)).parts.first?.traffic
        passing = store.union(passing, store.difference(alive, found ?? .nothing))
        alive = store.intersection(alive, found ?? .nothing)
      case .verdictMap(let fields, let lookup):
        var missed = alive
        var going: TrafficID = .nothing
        for entry in partition(fields, .map(lookup)).parts {
          missed = store.difference(missed, entry.traffic)
          let traffic = store.intersection(alive, entry.traffic)
          let verdict = chains.lookups.verdicts[Int(entry.verdict)]
          if verdict == .continue {
            going = store.union(going, traffic)
          } else {
            given.append((verdict, traffic))
          }
        }
        passing = store.union(passing, missed)
        alive = going
      }
    }
    passing = store.union(passing, alive)
  }
}
