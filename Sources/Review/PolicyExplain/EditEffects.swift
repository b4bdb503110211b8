import Wording
import Addresses
import Connectivity
import PolicyDiff
import PolicyModel
import PolicyTrace
import Reachability

/// The changes that edits make besides the connection that they are for.
public struct EditEffects: Sendable, Hashable {
  /// The number of senders and receivers concerned.
  public struct Reach: Sendable, Hashable {
    /// Pairs of pods.
    public private(set) var pairs = 0
    /// Pairs of a pod and an address that is no pod's; as many as fit into the type where there are more.
    public private(set) var outside: UInt128 = 0
  }

  /// Where more is allowed than before.
  public let allowed: Reach
  /// Where less is.
  public let denied: Reach
  /// Every change as `diff` reports it, that of the connection itself included.
  public let words: [String]
  /// The amount of traffic allowed between the two ends beyond the request: protocols and ports.
  let excess: Int

  /// The effects of a difference, without the connection of an answer.
  ///
  /// - Parameters:
  ///   - difference: the connections before and after the edits.
  ///   - answer: the explanation that the edits are for.
  ///   - families: the address families of each pod, by its name; a pod that is missing counts as one of both.
  init(
    _ difference: ConnectivityDiff, beside answer: Explanation, families: [String: Set<IPFamily>]
  ) {
    func isOwn(_ change: ConnectionChange) -> Bool {
      change.source.contains(answer.source, answer.sourcePod == nil ? answer.sourceAddress : nil)
        && change.destination.contains(
          answer.destination, answer.destinationPod == nil ? answer.destinationAddress : nil)
    }
    let gained = difference.changes.filter { !$0.after.subtracting($0.before).isEmpty }
    let lost = difference.changes.filter { !$0.before.subtracting($0.after).isEmpty }
    allowed = Reach(gained, but: gained.first(where: isOwn), families)
    denied = Reach(lost, but: nil, families)
    excess = gained.filter(isOwn).map { $0.after.subtracting($0.before).count }.max() ?? 0
    words = difference.changes.map { "\($0.kind.rawValue) \($0.words)" }
  }

  /// `also allows 37 other pairs`, `allows nothing else`.
  public var summary: String {
    let parts = [Self.words(allowed, "also allows"), Self.words(denied, "denies")].compactMap { $0 }
    return parts.isEmpty ? "allows nothing else" : parts.joined(separator: "; ")
  }

  private static func words(_ reach: Reach, _ verb: String) -> String? {
    var parts: [String] = []
    if reach.pairs > 0 { parts.append(reach.pairs == 1 ? "1 other pair" : "\(reach.pairs) other pairs") }
    if reach.outside > 0 { parts.append("addresses outside the cluster") }
    return parts.isEmpty ? nil : "\(verb) \(parts.joined(separator: " and "))"
  }
}

extension EditEffects.Reach {
  /// The pairs of some changes, each once, without one of the change that is meant.
  fileprivate init(
    _ changes: [ConnectionChange], but meant: ConnectionChange?, _ families: [String: Set<IPFamily>]
  ) {
    for change in changes {
      pairs += Self.pairs(change, change) - Self.strangers(change, families)
      outside = Self.sum(outside, Self.outside(change))
    }
    // In one family a pair is of one change; of two families it may be of two.
    for four in changes where four.families == [.ipv4] {
      for six in changes where six.families == [.ipv6] { pairs -= Self.pairs(four, six) }
    }
    guard let meant else { return }
    if meant.source.isOutside || meant.destination.isOutside {
      if outside < .max { outside -= 1 }
    } else {
      pairs -= 1
    }
  }

  /// The number of pairs of pods that are in both changes, no pod with itself.
  private static func pairs(_ one: ConnectionChange, _ other: ConnectionChange) -> Int {
    guard case .pods(_, let senders) = one.source, case .pods(_, let receivers) = one.destination,
      case .pods(_, let otherSenders) = other.source, case .pods(_, let otherReceivers) = other.destination
    else { return 0 }
    let (from, to) = (Set(senders).intersection(otherSenders), Set(receivers).intersection(otherReceivers))
    return from.count * to.count - from.intersection(to).count
  }

  /// The number of pairs in a change of both families that have no address family in common.
  private static func strangers(_ change: ConnectionChange, _ families: [String: Set<IPFamily>]) -> Int {
    guard change.families.count > 1, case .pods(_, let senders) = change.source,
      case .pods(_, let receivers) = change.destination
    else { return 0 }
    func count(_ pods: [String], _ family: IPFamily) -> Int { pods.count { families[$0] == [family] } }
    return count(senders, .ipv4) * count(receivers, .ipv6) + count(senders, .ipv6) * count(receivers, .ipv4)
  }

  /// The number of pairs of a pod and an address outside.
  private static func outside(_ change: ConnectionChange) -> UInt128 {
    switch (change.source, change.destination) {
    case (.outside(let blocks), .pods(_, let pods)), (.pods(_, let pods), .outside(let blocks)):
      let addresses = blocks.reduce(UInt128(0)) { sum($0, sum($1.interval.upper - $1.interval.lower, 1)) }
      let (all, isOver) = addresses.multipliedReportingOverflow(by: UInt128(pods.count))
      return isOver ? .max : all
    case (.pods, .pods), (.outside, .outside): return 0
    }
  }

  private static func sum(_ left: UInt128, _ right: UInt128) -> UInt128 {
    let (sum, isOver) = left.addingReportingOverflow(right)
    return isOver ? .max : sum
  }

  /// All of them together; as many as fit into the type where there are more.
  public var total: UInt128 { Self.sum(outside, UInt128(pairs)) }
}

extension EndpointGroup {
  /// True where an end is meant: a pod by its name, an address that is no pod's by itself. Blocks are written
  /// whole, so one may have addresses of pods that are not meant.
  fileprivate func contains(_ name: String, _ address: IPAddress?) -> Bool {
    switch self {
    case .pods(_, let names): names.contains(name)
    case .outside(let blocks): address.map { address in blocks.contains { $0.contains(address) } } ?? false
    }
  }
}
