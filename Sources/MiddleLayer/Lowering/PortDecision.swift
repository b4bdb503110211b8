import PolicyModel

/// The traffic of an address that is accepted, denied or passed on: the first match of ordered rules,
/// computed in advance.
///
/// Canonical: the ports of different outcomes are disjoint, and none has the outcome of all other traffic, so equal values
/// are equal decisions.
struct PortDecision: Hashable, Sendable {
  /// The outcome for some traffic.
  enum Outcome: Hashable, Sendable {
    /// The direction allows it, by the chain of a rule where that is not nil.
    case accept(rule: String?)
    /// It is dropped: by the chain of a rule, or, where that is nil, by the end of the tier or a rule without a chain.
    case deny(rule: String?)
    /// The next tier is asked, by the chain of a rule where that is not nil.
    case pass(rule: String?)
    /// The rest of the same tier is asked.
    case proceed

    init(_ selectedDefault: SelectedDefault) {
      self = selectedDefault == .deny ? .deny(rule: nil) : .pass(rule: nil)
    }

    init(_ term: Term) {
      switch term.action {
      case .accept: self = .accept(rule: term.ruleChain?.chain)
      case .deny: self = .deny(rule: term.ruleChain?.chain)
      case .pass: self = .pass(rule: term.ruleChain?.chain)
      }
    }

    /// The outcome in one word.
    var word: String {
      switch self {
      case .accept: "accept"
      case .deny: "deny"
      case .pass: "pass"
      case .proceed: "proceed"
      }
    }

    /// The chain of the rule, where it has one.
    var rule: String? {
      switch self {
      case .accept(let rule), .deny(let rule), .pass(let rule): rule
      case .proceed: nil
      }
    }

    private var order: (Int, String) {
      switch self {
      case .accept: (0, rule ?? "")
      case .deny: (1, rule ?? "")
      case .pass: (2, rule ?? "")
      case .proceed: (3, "")
      }
    }

    /// Accept, deny, pass, proceed; of the same kind by the names of chains.
    static func < (left: Outcome, right: Outcome) -> Bool { left.order < right.order }
  }

  /// The outcome for traffic that `exceptions` do not name.
  private(set) var otherwise: Outcome
  /// Protocols and ports with another outcome; never every protocol.
  private(set) var exceptions: [Outcome: PortMatch] = [:]

  /// The outcomes of `exceptions`, in a fixed order.
  var outcomes: [Outcome] { exceptions.keys.sorted(by: <) }

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
    guard otherwise == .deny(rule: nil), exceptions.count == 1 else { return nil }
    return exceptions[.accept(rule: nil)]
  }

  /// `deny tcp 22, pass udp 53, accept the rest`, in a fixed order.
  var summary: String {
    let parts = outcomes.compactMap { outcome in
      exceptions[outcome].map { "\(outcome.word) \($0.summary)" }
    }
    return (parts + ["\(otherwise.word) \(parts.isEmpty ? "all" : "the rest")"]).joined(separator: ", ")
  }
}
