import Addresses
public import PolicyModel

/// One alternative of a rule, ready to become a rule of a chain: who, which ports, and then what.
public struct Term: Sendable {
  /// The effect on matching traffic in this direction.
  public let action: RuleAction
  /// The other end.
  public let peer: PeerTerm
  /// The ports at the destination.
  public let ports: PortMatch
  /// The policy it comes from.
  public let policy: PolicyID
  /// The entries of the policy it stands for.
  public let origins: [Origin]
  /// The name of the rule; nil where it has none.
  var name: String?
  /// The chain of the rule, where it has one.
  var ruleChain: RuleChain?
  /// A number by which a builder knows the term again in other classes; nil where it is of one class only.
  var number: Int?
}

/// Turns the rules of policies into terms.
///
/// A port name belongs to the destination: for ingress that is the pod the policy selects, so each class of
/// pods resolves it for itself; for egress it is the peer, so a rule falls into one term for each number that
/// the peers give to the name.
public struct TermBuilder {
  /// The ports of the selected pods, by which ingress rules resolve names.
  public let subjectPorts: [NamedPort]

  /// True where every rule of ClusterNetworkPolicy has a chain of its own, which counts for it.
  public let countsRules: Bool

  /// A builder for a class whose pods have these ports.
  public init(subjectPorts: [NamedPort], countsRules: Bool = false) {
    self.subjectPorts = subjectPorts
    self.countsRules = countsRules
  }

  /// The terms of an entry of a kind of tier, in the order of its rules.
  public func terms(of entry: PolicyEntry, in kind: TierKind, _ book: inout some PeerBook) -> [Term] {
    entry.rules.enumerated().flatMap { place, rule -> [Term] in
      let chain =
        kind.isOfCluster && (countsRules || rule.action == .deny)
        ? RuleChain(of: rule, at: place, entry.policy, entry.direction, kind) : nil
      let peers = peerTerms(rule.peers, of: entry.policy, rule: rule.origin)
      var terms: [Term] = []
      let plain = numericPorts(rule.ports, direction: entry.direction)
      if !plain.isNothing {
        terms += peers.map { peer in
          Term(
            action: rule.action, peer: peer.term, ports: plain, policy: entry.policy,
            origins: peer.origins, name: rule.name, ruleChain: chain)
        }
      }
      guard entry.direction == .egress else { return terms }
      for port in rule.ports.entries {
        guard case .named(let name) = port.ports else { continue }
        for peer in peers {
          let query = peer.term.podQuery
          for number in book.numbers(ofPort: name, port.transport, among: query) {
            var resolved = query
            resolved.port = NamedPort(name, port.transport, number)
            var ports = PortMatch.nothing
            ports.add(port.transport, Interval(number))
            terms.append(
              Term(
                action: rule.action, peer: .pods(resolved), ports: ports, policy: entry.policy,
                origins: peer.origins + [port.origin], name: rule.name, ruleChain: chain))
          }
        }
      }
      return terms
    }
  }

  /// The peers of a rule; all of its blocks of a family together are one term, so that they share a set.
  private func peerTerms(
    _ peers: OneOf<Peer>, of policy: PolicyID, rule: Origin
  ) -> [(term: PeerTerm, origins: [Origin])] {
    guard case .anyOf(let entries) = peers else { return [(.everything, [rule])] }
    var terms: [(term: PeerTerm, origins: [Origin])] = []
    var blocks: [IPFamily: [(block: IPBlock, origin: Origin)]] = [:]
    for entry in entries {
      switch entry.kind {
      case .ipBlock(let block):
        let canonical = IPBlock(block.cidr, except: Array(Set(block.except)).sorted())
        blocks[block.cidr.family, default: []].append((canonical, entry.origin))
      case .pods(let scope, let selector):
        let resolved: PodQuery.Scope =
          switch scope {
          case .own: .namespace(policy.namespace ?? "")
          case .matching(let namespaces): .matching(namespaces)
          }
        terms.append((.pods(PodQuery(scope: resolved, selector: selector)), [entry.origin]))
      }
    }
    let blockTerms = IPFamily.allCases.compactMap { family -> (term: PeerTerm, origins: [Origin])? in
      guard let own = blocks[family] else { return nil }
      let sorted = Array(Set(own.map(\.block))).sorted { ($0.cidr, $0.summary) < ($1.cidr, $1.summary) }
      return (.blocks(sorted), own.map(\.origin))
    }
    return blockTerms + terms
  }

  /// The ports with numbers, and all ports where none is given; for ingress also those with names.
  private func numericPorts(_ ports: OneOf<PolicyPort>, direction: Direction) -> PortMatch {
    guard case .anyOf(let entries) = ports else { return .everything }
    return PortMatch(
      entries.lazy.compactMap { entry -> (transport: TransportProtocol, interval: Interval<UInt16>)? in
        switch entry.ports {
        case .all: return (entry.transport, Interval(0, .max))
        case .range(let range): return (entry.transport, range)
        case .named(let name):
          guard direction == .ingress,
            let port = subjectPorts.first(where: { $0.name == name && $0.transport == entry.transport })
          else { return nil }
          return (entry.transport, Interval(port.number))
        }
      })
  }
}

extension PeerTerm {
  /// The pods among the term's addresses: names of ports mean nothing anywhere else.
  fileprivate var podQuery: PodQuery {
    switch self {
    case .everything: .anyPod
    case .pods(let query): query
    case .blocks(let blocks):
      PodQuery(scope: .matching(LabelSelector()), selector: LabelSelector(), within: blocks)
    }
  }
}
