import PolicyModel
import Reachability
import Ruleset

/// The reason why nothing could be proved: a construct that this model of nftables does not have.
public struct UndecidedReason: Error, Sendable, Hashable, CustomStringConvertible {
  /// The chain it stands in; nil for something of the table itself.
  public let chain: String?
  /// The rule's place in the chain, from 0; nil for something of the chain itself.
  public let rule: Int?
  /// The construct, in words.
  public let text: String

  /// Creates a reason.
  public init(chain: String?, rule: Int?, _ text: String) {
    self.chain = chain
    self.rule = rule
    self.text = text
  }

  /// `chain forward, rule 3: meta mark is not modelled`; rules count from 1 here.
  public var description: String {
    let place = [chain.map { "chain \($0)" }, rule.map { "rule \($0 + 1)" }].compactMap { $0 }
    return place.isEmpty ? text : "\(place.joined(separator: ", ")): \(text)"
  }
}

extension Statement {
  /// The message about a statement that is not modelled.
  var unmodelledText: String {
    switch self {
    case .limit: "limit rate depends on earlier packets"
    case .unmodelled(let text): "\(text) is not modelled"
    default: "a statement is not modelled"
    }
  }
}

extension Match {
  /// The key as nft writes it.
  var keyText: String { key.map(\.rawValue).joined(separator: " . ") }
}

extension Table {
  /// The base chains that every forwarded packet passes with the addresses of this model, in the order it meets them:
  /// `forward`, and `postrouting` before source translation.
  var forwardPath: [Chain] {
    baseChains("forward") + baseChains("postrouting").filter { ($0.hook?.priority ?? 0) < sourceTranslation }
  }

  /// The base chains that a packet of a path passes, in the order it meets them.
  func baseChains(on path: PacketPath) -> [Chain] {
    switch path {
    case .forwarded: forwardPath
    case .toNode: baseChains("input")
    case .fromNode:
      baseChains("output") + baseChains("postrouting").filter { ($0.hook?.priority ?? 0) < sourceTranslation }
    }
  }

  /// The ways that the table or the modes have anything to say about. What pods send to their node is open unless a chain
  /// looks at it, policies are to hold there, or tiers of ClusterNetworkPolicy do.
  func paths(_ modes: EnforcementModes, _ specification: Specification) -> [PacketPath] {
    var paths = [PacketPath.forwarded]
    let isPromised = modes.podToNode == .policies || specification.clusterTiers != nil
    if !baseChains("input").isEmpty || isPromised { paths.append(.toNode) }
    if !baseChains(on: .fromNode).isEmpty { paths.append(.fromNode) }
    return paths
  }

  /// The base chains of a hook, lowest priority first.
  func baseChains(_ hook: String) -> [Chain] {
    let found = self.chains.filter { $0.hook?.hook == hook }
    let ranked = found.enumerated().sorted { left, right in
      let (first, second) = (left.element.hook?.priority ?? 0, right.element.hook?.priority ?? 0)
      return first == second ? left.offset < right.offset : first < second
    }
    return ranked.map(\.element)
  }
}

/// The priority at which source addresses are translated (`srcnat`).
let sourceTranslation: Int32 = 100
