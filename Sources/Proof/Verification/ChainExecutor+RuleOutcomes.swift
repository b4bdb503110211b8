import Reachability
import Ruleset

/// The results of a rule's lookups at some inner addresses, and the chains that the rule can lead to from
/// there.
private struct Finding {
  /// A partition for each lookup.
  var partitions: [UInt32]
  /// The index of each target among the values, after those of the lookups.
  var places: [String: Int] = [:]
  /// The effect of each target, as a function of the inner address.
  var targets: [UInt32] = []
}

extension ChainExecutor {
  /// A rule at one outer address, where its lookups are the given inner functions.
  ///
  /// Only the chains that the lookups lead to at an address are looked at there: a map of a hundred chains is not their
  /// product.
  func innerRule(
    _ chainNumber: Int, _ ruleNumber: Int, _ rule: Rule, _ lookupNames: [UInt32],
    _ outcomeFunction: (String) -> UInt32
  ) -> Piecewise {
    var findings: [Finding] = []
    func finding(_ partitions: [UInt32]) -> UInt32 {
      findings.append(self.finding(rule, partitions, outcomeFunction))
      return UInt32(findings.count - 1)
    }
    let found =
      lookupNames.isEmpty
      ? Piecewise(constant: finding([]))
      : combined(lookupNames.map { lookups.functions[Int($0)] }, finding)
    // Outcomes by finding, and by what its only target does; more targets than one are rare.
    var ofNone: [UInt32?] = Array(repeating: nil, count: findings.count)
    for (number, finding) in findings.enumerated() {
      // What leads nowhere, or to the same everywhere, is one outcome.
      let targets = finding.targets.map { lookups.functions[Int($0)] }
      guard targets.allSatisfy(\.isConstant) else { continue }
      ofNone[number] = outcome(
        chainNumber, ruleNumber, rule, finding.partitions + targets.map { $0.values[0] }, finding.places)
    }
    if !ofNone.contains(nil) { return found.mapped { ofNone[Int($0)] ?? 0 } }
    if found.isConstant, findings[0].targets.count == 1 {
      // A map that was asked for the other end: what its chain does, whatever the inner address.
      return lookups.functions[Int(findings[0].targets[0])].mapped { target in
        self.outcome(
          chainNumber, ruleNumber, rule, findings[0].partitions + [target], findings[0].places)
      }
    }
    var ofOne: [UInt64: UInt32] = [:]
    var result = Piecewise()
    result.reserve(found.starts.count)
    for piece in found.starts.indices {
      let number = Int(found.values[piece])
      if let known = ofNone[number] {
        result.append(found.starts[piece], known)
        continue
      }
      let finding = findings[number]
      func outcome(_ targets: [UInt32]) -> UInt32 {
        self.outcome(chainNumber, ruleNumber, rule, finding.partitions + targets, finding.places)
      }
      let (start, next) = (found.starts[piece], found.end(of: piece))
      switch finding.targets.count {
      case 1:
        var last: (value: UInt32, made: UInt32)?
        lookups.functions[Int(finding.targets[0])].forEachPiece(from: start, to: next) { at, value in
          if let last, last.value == value { return result.append(at, last.made) }
          let key = UInt64(found.values[piece]) << 32 | UInt64(value)
          let made = ofOne[key] ?? outcome([value])
          ofOne[key] = made
          last = (value, made)
          result.append(at, made)
        }
      default:
        let targets = combined(finding.targets.map { lookups.functions[Int($0)] }, outcome)
        targets.forEachPiece(from: start, to: next) { result.append($0, $1) }
      }
    }
    return result
  }

  private func finding(
    _ rule: Rule, _ partitions: [UInt32], _ outcomeFunction: (String) -> UInt32
  ) -> Finding {
    var finding = Finding(partitions: partitions)
    func need(_ verdict: Verdict) {
      guard let target = verdict.target, target != SharedBodies.onward, finding.places[target] == nil
      else { return }
      finding.places[target] = partitions.count + finding.targets.count
      finding.targets.append(outcomeFunction(target))
    }
    var lookup = 0
    for statement in rule.statements {
      switch statement {
      case .match: lookup += 1
      case .verdictMap:
        for part in lookups.partitions[Int(partitions[lookup])].parts {
          need(lookups.verdicts[Int(part.verdict)])
        }
        lookup += 1
      case .verdict(let verdict): need(verdict)
      default: break
      }
    }
    return finding
  }

  /// A rule at one pair of addresses: its lookups are the given partitions, then its targets the given outcomes.
  private func outcome(
    _ chainNumber: Int, _ number: Int, _ rule: Rule, _ values: [UInt32], _ places: [String: Int]
  ) -> UInt32 {
    var alive: TrafficID = .everything
    var result = Outcome(accept: .nothing, back: .nothing, next: .nothing)
    func give(_ verdict: Verdict, to traffic: TrafficID) -> TrafficID {
      switch verdict {
      case .accept: result.accept = store.union(result.accept, traffic)
      case .drop: break
      case .return: result.back = store.union(result.back, traffic)
      case .continue: return traffic
      case .goto(SharedBodies.onward): result.onward = store.union(result.onward, traffic)
      case .jump(let target), .goto(let target):
        // A chain that does not exist was noted: whatever is done here, nothing will be proved.
        guard let place = places[target] else { return .nothing }
        let there = outcomes[values[place]]
        result.accept = store.union(result.accept, store.intersection(traffic, there.accept))
        result.onward = store.union(result.onward, store.intersection(traffic, there.onward))
        let returned = store.intersection(traffic, there.back)
        if case .jump = verdict {
          result.next = store.union(result.next, returned)
        } else {
          result.back = store.union(result.back, returned)
        }
      }
      return .nothing
    }
    var lookup = 0
    for statement in rule.statements {
      switch statement {
      case .counter, .log: continue
      case .limit, .unmodelled:
        if alive != .nothing { note(chainNumber, number, statement.unmodelledText) }
      case .reject: alive = .nothing
      case .verdict(let verdict): alive = give(verdict, to: alive)
      case .match:
        let found = lookups.partitions[Int(values[lookup])].parts.first?.traffic ?? .nothing
        lookup += 1
        result.next = store.union(result.next, store.difference(alive, found))
        alive = store.intersection(alive, found)
      case .verdictMap:
        let parts = lookups.partitions[Int(values[lookup])].parts
        lookup += 1
        var missed = alive
        var going: TrafficID = .nothing
        for part in parts {
          missed = store.difference(missed, part.traffic)
          let traffic = store.intersection(alive, part.traffic)
          going = store.union(going, give(lookups.verdicts[Int(part.verdict)], to: traffic))
        }
        result.next = store.union(result.next, missed)
        alive = going
      }
    }
    result.next = store.union(result.next, alive)
    return outcomes.intern(result)
  }
}
