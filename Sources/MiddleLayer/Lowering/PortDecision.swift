import PolicyModel

/// The traffic of an address that is accepted, denied or passed on: the first match of ordered rules,
/// computed in advance.
///
/// Canonical: the ports of different outcomes are disjoint, and none has the outcome of all other traffic, so equal values
/// are equal decisions.
struct PortDecision: Hashable, Sendable {
  /// The outcome for some traffic.
  enum Outcome: Hashable, Sendable, CaseIterable {
    /// The direction allows it.
    case accept
    /// It is dropped.
    case deny
    /// The next tier is asked.
    case pass
    /// The rest of the same tier is asked.
    case proceed

    init(_ selectedDefault: SelectedDefault) {
      self = selectedDefault == .deny ? .deny : .pass
    }

    init(_ action: RuleAction) {
      switch action {
      case .accept: self = .accept
      case .deny: self = .deny
      case .pass: self = .pass
      }
    }
  }

  /// The outcome for traffic that `exceptions` do not name.
  private(set) var otherwise: Outcome
  /// Protocols and ports with another outcome; never every protocol.
  private(set) var exceptions: [Outcome: PortMatch] = [:]

  /// The decision of steps of which the first that matches counts.
  init(firstOf steps: [(outcome: Outcome, ports: PortMatch)], otherwise: Outcome) {
    self.otherwise = otherwise
    var decided = PortMatch.nothing
    for (outcome, ports) in steps {
      if ports.everything {
        self.otherwise = outcome
        break
      }
      let more = ports.subtracting(decided)
      decided = decided.union(ports)
      exceptions[outcome] = exceptions[outcome]?.union(more) ?? more
    }
    exceptions[self.otherwise] = nil
    exceptions = exceptions.filter { !$0.value.isNothing }
  }

  /// Ports that are accepted where all else is denied, which is what rules that only allow come to; nil for any other
  /// decision.
  var allowed: PortMatch? {
    guard otherwise == .deny, exceptions.count == 1 else { return nil }
    return exceptions[.accept]
  }

  /// `deny tcp 22, pass udp 53, accept the rest`, in a fixed order.
  var summary: String {
    let parts = Outcome.allCases.compactMap { outcome in
      exceptions[outcome].map { "\(outcome) \($0.summary)" }
    }
    return (parts + ["\(otherwise) \(parts.isEmpty ? "all" : "the rest")"]).joined(separator: ", ")
  }
}
