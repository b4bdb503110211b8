public import Addresses
public import PolicyModel
import Reachability
import Wording

/// What a change of policies does, as a reviewer wants to know it.
public struct ConnectivityDiff: Sendable {
  /// Every change of what is allowed, most pods first within a kind.
  public var changes: [ConnectionChange]
  /// Pods that policies isolate now and did not before, or the other way round.
  public var isolation: [IsolationChange]
  /// Pods that only one of the revisions has, or that have another address in each.
  public var pods: PodChanges
  /// How many pods both revisions have, at the same address.
  public var comparedPods: Int
  /// How many of them take part in a change, as an end of a connection.
  public var changedPods: Int
  /// What changes in the ruleset, if that was asked for.
  public var ruleset: RulesetChange?
  /// Whether a policy's text differs: without changes, the two texts say the same.
  public var policiesDiffer: Bool

  /// Whether the two revisions mean the same: no connection between ends that both have changes, no pod is isolated
  /// or released, and no pod comes or goes.
  public var isEquivalent: Bool { changes.isEmpty && isolation.isEmpty && pods.isEmpty }

  /// How many changes there are of a kind.
  public func count(_ kind: ConnectionChange.Kind) -> Int { changes.count { $0.kind == kind } }

  /// Whether anything is allowed that was not.
  public var widens: Bool { changes.contains { $0.kind != .narrowed } }
  /// Whether anything is denied that was not.
  public var narrows: Bool { changes.contains { $0.kind != .widened } }
}

/// Connections between two groups of ends whose allowed traffic changes, alike for every pair.
///
/// A pod always reaches itself: where a pod is in both groups, the pair of it with itself is not meant.
public struct ConnectionChange: Sendable, Hashable {
  /// Which way the change goes.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// More is allowed, and nothing less.
    case widened
    /// Less is allowed, and nothing more.
    case narrowed
    /// Some is allowed that was not, and some is not that was.
    case changed
  }

  /// Who sends.
  public let source: EndpointGroup
  /// Who receives.
  public let destination: EndpointGroup
  /// The families of the addresses between which it holds.
  public let families: [IPFamily]
  /// What was allowed.
  public let before: TrafficSet
  /// What is allowed now.
  public let after: TrafficSet
  /// A packet whose verdict changes.
  public var witness: PacketWitness

  /// Which way the change goes.
  public var kind: Kind {
    if after.subtracting(before).isEmpty { return .narrowed }
    return before.subtracting(after).isEmpty ? .widened : .changed
  }
}

/// One side of a connection.
public enum EndpointGroup: Sendable, Hashable {
  /// Pods: a description, and their names, ascending.
  case pods(description: String, names: [String])
  /// Addresses that are no pod's in either revision: the blocks, pods' addresses in them not meant.
  case outside([CIDR])

  /// `default app=hello (3 pods)`, `outside 10.0.0.0/8`.
  public var description: String {
    switch self {
    case .pods(let description, _): description
    case .outside(let blocks): "outside \(BlockWords.describe(blocks))"
    }
  }

  /// How many pods; none for outside.
  public var podCount: Int {
    if case .pods(_, let names) = self { names.count } else { 0 }
  }

  /// Whether this is not made of pods.
  public var isOutside: Bool {
    if case .outside = self { true } else { false }
  }
}

/// One packet that a change of policies treats otherwise, and why on each side.
public struct PacketWitness: Sendable, Hashable {
  /// The sender's name; nil for an outside address.
  public let source: String?
  /// The sender's address; nil for a pod that has none yet.
  public let sourceAddress: IPAddress?
  /// The receiver's name; nil for an outside address.
  public let destination: String?
  /// The receiver's address; nil for a pod that has none yet.
  public let destinationAddress: IPAddress?
  /// The protocol's number.
  public let transport: UInt8
  /// The destination port; nil for a protocol without ports.
  public let port: UInt16?
  /// Whether the old revision allows it; the new one says the contrary.
  public let allowedBefore: Bool
  /// Why the old revision treats it so.
  public var before: [Cause] = []
  /// Why the new revision treats it so.
  public var after: [Cause] = []

  /// `ricky-apps/website (10.244.1.9) → default/hello-1 (10.244.1.5) TCP 8081`.
  public var description: String {
    "\(Self.end(source, sourceAddress)) → \(Self.end(destination, destinationAddress)) \(traffic)"
  }

  /// `TCP 8081`, `ICMP`.
  public var traffic: String { IPProtocol(transport).description + (port.map { " \($0)" } ?? "") }

  private static func end(_ name: String?, _ address: IPAddress?) -> String {
    switch (name, address) {
    case (let name?, let address?): "\(name) (\(address))"
    case (let name?, nil): name
    case (nil, let address?): "\(address)"
    case (nil, nil): "nobody"
    }
  }
}

/// Why one direction of one end lets a packet pass, or not.
public struct Cause: Sendable, Hashable {
  /// What the direction says.
  public enum Verdict: String, Sendable, Hashable {
    /// No policy isolates the pod in this direction.
    case open
    /// A rule allows it.
    case allowed
    /// Policies isolate the pod, and none of their rules allows it.
    case denied
  }

  /// A policy that has to do with it.
  public struct Source: Sendable, Hashable {
    /// The policy.
    public let policy: PolicyID
    /// The rule or entry that allows, or the policy that isolates.
    public let origin: Origin
  }

  /// The pod that is asked.
  public let pod: String
  /// Seen from the pod.
  public let direction: Direction
  /// What it says.
  public let verdict: Verdict
  /// Rules that allow, or policies that isolate; none when it is open.
  public let sources: [Source]

  /// The cause behind a trace.
  init(_ trace: DirectionTrace) {
    pod = trace.pod
    direction = trace.direction
    verdict = trace.isOpen ? .open : trace.allows ? .allowed : .denied
    sources =
      trace.allows
      ? trace.policies.flatMap { policy in
        policy.rules.filter(\.allows).map { Source(policy: policy.policy, origin: $0.cause) }
      }
      : trace.policies.map { Source(policy: $0.policy, origin: $0.origin) }
  }

  /// `ingress of default/hello-1 allowed by default/my-network-policy spec.ingress[0].from[1] (policy.yaml:24:11)`.
  public var words: String {
    let subject = "\(direction.rawValue.lowercased()) of \(pod)"
    switch verdict {
    case .open: return "\(subject) is open: no policy isolates it"
    case .allowed: return "\(subject) allowed by \(Counting.first(3, of: sources.map(Self.words)))"
    case .denied:
      return
        "\(subject) denied: isolated by \(Counting.first(3, of: sources.map(Self.words))), no rule matches"
    }
  }

  private static func words(_ source: Source) -> String {
    let field = source.origin.field.isEmpty ? "" : " \(source.origin.field)"
    return "\(source.policy)\(field) (\(source.origin.location))"
  }
}

/// Pods whose isolation changes in a direction.
public struct IsolationChange: Sendable, Hashable {
  /// The direction.
  public let direction: Direction
  /// Whether policies isolate them now; otherwise they did before.
  public let isIsolated: Bool
  /// Which pods.
  public let pods: EndpointGroup
  /// The policies that isolate, now or before.
  public let policies: [Cause.Source]
}

/// Pods that are not the same in both revisions. Connections with them are not compared, for one of the two sides
/// knows nothing of them.
public struct PodChanges: Sendable, Hashable {
  /// Only in the new revision.
  public var appeared: [String] = []
  /// Only in the old revision.
  public var vanished: [String] = []
  /// In both, with no address in common.
  public var readdressed: [String] = []

  /// Whether there are none.
  public var isEmpty: Bool { appeared.isEmpty && vanished.isEmpty && readdressed.isEmpty }
}
