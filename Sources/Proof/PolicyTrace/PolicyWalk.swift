public import Addresses
public import PolicyModel

/// The walk of a pod's policies in the order in which they are asked, for traffic with one peer: the only place of this
/// module that says which rule decides.
///
/// Within a tier the first rule that matches decides. What it passes, and what no rule of a tier matches whose default is
/// pass, goes on to the next tier. What no tier decides is allowed.
public struct PolicyWalk<Traffic: DividableTraffic>: Sendable {
  /// A policy as the walk needs it: its tier, and for each rule its action and the traffic that it matches.
  public struct Step: Sendable {
    /// The tier of the policy.
    public let tier: TierKind
    /// The rules of the direction, in order.
    public let rules: [(action: RuleAction, matched: Traffic)]

    /// A policy of a tier.
    public init(_ tier: TierKind, _ rules: [(action: RuleAction, matched: Traffic)]) {
      self.tier = tier
      self.rules = rules
    }
  }

  /// A rule that decides about some traffic, or passes it on.
  public struct Decision: Sendable {
    /// The policy, as an index of the steps.
    public let policy: Int
    /// The rule's place in the policy.
    public let rule: Int
    /// The effect of the rule.
    public let action: RuleAction
    /// The traffic that comes as far as this rule and that it matches; never empty.
    public let traffic: Traffic
  }

  /// The traffic that is allowed in the end.
  public private(set) var allowed = Traffic.nothing
  /// The rules that have something to decide, in the order in which they are asked.
  public private(set) var decisions: [Decision] = []
  /// The traffic that the default of a tier denies, with the tier; in order, and never empty.
  public private(set) var isolating: [(tier: TierKind, traffic: Traffic)] = []

  /// Walks the policies that select a pod. O(rules).
  ///
  /// - Parameter steps: the policies in the order in which they are asked, those of a tier together.
  public init(_ steps: [Step]) {
    var undecided = Traffic.everything
    var rest = steps.indices[...]
    while let first = rest.first, !undecided.isEmpty {
      let tier = steps[first].tier
      let own = rest.prefix { steps[$0].tier == tier }
      rest = rest.dropFirst(own.count)
      var passed = Traffic.nothing
      for policy in own {
        for (rule, (action, matched)) in steps[policy].rules.enumerated() {
          let traffic = undecided.intersection(matched)
          if traffic.isEmpty { continue }
          decisions.append(Decision(policy: policy, rule: rule, action: action, traffic: traffic))
          switch action {
          case .accept: allowed = allowed.union(traffic)
          case .deny: break
          case .pass: passed = passed.union(traffic)
          }
          undecided = undecided.subtracting(traffic)
        }
      }
      if tier.selectedDefault == .pass {
        undecided = passed.union(undecided)
      } else {
        if !undecided.isEmpty { isolating.append((tier, undecided)) }
        undecided = passed
      }
    }
    allowed = allowed.union(undecided)
  }
}

/// Traffic that rules divide among themselves.
public protocol DividableTraffic: Sendable {
  /// The empty set of traffic.
  static var nothing: Self { get }
  /// All traffic that is asked about.
  static var everything: Self { get }
  /// True for no traffic.
  var isEmpty: Bool { get }
  /// The traffic of either.
  func union(_ other: Self) -> Self
  /// The traffic of both.
  func intersection(_ other: Self) -> Self
  /// The traffic of this one alone.
  func subtracting(_ other: Self) -> Self
}

extension TrafficSet: DividableTraffic {}

/// The traffic of one packet: it is there or not.
public enum OnePacket: DividableTraffic {
  /// The packet is not among it.
  case nothing
  /// The packet is among it.
  case everything

  /// The packet, where it matches.
  public init(_ matches: Bool) { self = matches ? .everything : .nothing }

  /// True where the packet is not among the traffic.
  public var isEmpty: Bool { self == .nothing }

  /// The packet, where one of both has it.
  public func union(_ other: OnePacket) -> OnePacket { OnePacket(!isEmpty || !other.isEmpty) }

  /// The packet, where both have it.
  public func intersection(_ other: OnePacket) -> OnePacket { OnePacket(!isEmpty && !other.isEmpty) }

  /// The packet, where only this one has it.
  public func subtracting(_ other: OnePacket) -> OnePacket { OnePacket(!isEmpty && other.isEmpty) }
}
