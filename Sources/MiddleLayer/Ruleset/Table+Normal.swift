import Addresses

extension Ruleset {
  /// The same ruleset in a form in which two that differ only in order or spelling are equal: what nft lists
  /// after loading a ruleset has the normal form of what was loaded.
  ///
  /// Tables, sets, maps, chains and elements are sorted; ranges of sets that touch are one; an anonymous set of
  /// one value is the value; a value of `ct state` that is one bit is that bit, for a packet never has two. The
  /// order of rules and statements stays. Matches that nft leaves out because another one implies them
  /// (`meta l4proto tcp` before `tcp dport`) are not put back.
  public func normalized() -> Ruleset {
    Ruleset(
      tables.map { $0.normalized() }
        .sorted { ($0.family.rawValue, $0.name) < ($1.family.rawValue, $1.name) })
  }
}

extension Table {
  /// The table in normal form: see `Ruleset.normalized()`.
  public func normalized() -> Table {
    var table = self
    table.flags.sort()
    table.unmodelled.sort()
    table.sets = sets.map { set in
      var set = set
      set.elements = normal(set.elements, mergeable: set.key != [.ctState])
      return set
    }
    .sorted { $0.name < $1.name }
    table.maps = maps.map { map in
      var map = map
      map.elements.sort { $0.key < $1.key }
      return map
    }
    .sorted { $0.name < $1.name }
    table.chains = chains.map { chain in
      var chain = chain
      chain.rules = chain.rules.map { Rule($0.statements.map(\.normalized), comment: $0.comment) }
      return chain
    }
    .sorted { $0.name < $1.name }
    return table
  }
}

extension Statement {
  /// The statement with its anonymous sets in normal form.
  var normalized: Statement {
    switch self {
    case .match(let match): .match(match.normalized)
    case .verdictMap(let key, .anonymous(let elements)):
      .verdictMap(key, .anonymous(elements.sorted { $0.key < $1.key }))
    default: self
    }
  }
}

extension Match {
  var normalized: Match {
    var match = self
    if case .value(let value) = operand, key.count > 1 { match.operand = .anonymousSet([value]) }
    if case .anonymousSet(let keys) = match.operand {
      let keys = normal(keys, mergeable: key != [.ctState])
      match.operand = .anonymousSet(keys)
      if key.count == 1, keys.count == 1 { match.operand = .value(keys[0]) }
    }
    if key == [.ctState], comparison == .equal || comparison == .notEqual,
      case .value(.single(let interval)) = match.operand, interval.isSingle,
      interval.lower.nonzeroBitCount == 1
    {
      match.operand = .anyBit(interval.lower)
    }
    return match
  }
}

/// Elements sorted, those of one field merged where they touch.
private func normal(_ elements: [ElementKey], mergeable: Bool) -> [ElementKey] {
  var intervals: [Interval<UInt128>] = []
  intervals.reserveCapacity(elements.count)
  for element in elements {
    guard mergeable, case .single(let interval) = element else { return elements.sorted() }
    intervals.append(interval)
  }
  return IntervalSet(intervals).intervals.map { .single($0) }
}
