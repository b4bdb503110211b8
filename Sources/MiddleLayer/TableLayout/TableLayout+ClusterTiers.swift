public import Addresses
public import PolicyModel
public import Ruleset

/// The parts of a table for tiers of ClusterNetworkPolicy, which hold where NetworkPolicy does not: for what pods send to
/// their own node, and to themselves through a Service.
extension TableLayout {
  /// A table with those parts; as it is where there are no such tiers.
  func withClusterTiers(_ table: Table, _ contents: TableContents) -> Table {
    guard let verdicts = contents.clusterTierVerdicts else { return table }
    var table = table
    let maps = IPFamily.allCases.flatMap { family in
      TableContents.directions.map { direction in
        clusterTierMap(direction, family, verdicts[direction]?[family] ?? [])
      }
    }
    table.maps += maps + (hasReplyChains ? maps.map(replyMap) : [])
    var chains = ownAddressChains
    if hasReplyChains { chains += ownAddressChains.map(replyChain) }
    if contents.asksClusterTiersForEgress { chains += clusterTierChainsToNode }
    for index in table.chains.indices where isOfNewConnections(table.chains[index].name) {
      table.chains[index] = judgingOwnAddresses(table.chains[index])
    }
    table.chains += chains
    return table
  }

  /// The map from addresses to the chains of these tiers alone.
  public func clusterTierMap(
    _ direction: Direction, _ family: IPFamily, _ elements: [VerdictElement]
  ) -> VerdictMap {
    VerdictMap(
      SetName.clusterTierVerdicts(direction, family), key: [family.dataType], elements: elements)
  }

  /// The chains by which these tiers judge what pods send to their own node; none in modes in which all policies hold there.
  public var clusterTierChainsToNode: [Chain] {
    guard modes.podToNode == .open else { return [] }
    var modes = modes
    modes.podToNode = .policies
    // Sources are checked there in the mode in which every policy holds there.
    modes.sourceCheck = .off
    return TableLayout(modes).baseChains.filter { isTowardsNode($0.name) }.map(askingClusterTiers)
  }

  /// The chains of what pods send to themselves: both directions, as for any other connection.
  private var ownAddressChains: [Chain] {
    IPFamily.allCases.map { family in
      Chain(
        ChainName.ownAddresses(family),
        rules: [
          Rule([.verdictMap([family.ends.source], .named(SetName.clusterTierVerdicts(.egress, family)))]),
          Rule([
            .verdictMap([family.ends.destination], .named(SetName.clusterTierVerdicts(.ingress, family)))
          ]),
        ])
    }
  }

  private func isTowardsNode(_ chain: String) -> Bool {
    chain == ChainName.input || IPFamily.allCases.contains { ChainName.toNode($0) == chain }
  }

  private func isOfNewConnections(_ chain: String) -> Bool {
    IPFamily.allCases.contains {
      let name = ChainName.newConnections($0)
      return chain == name || chain == ChainName.reply(name)
    }
  }

  /// A chain of new connections whose exemption of own addresses asks the tiers instead.
  private func judgingOwnAddresses(_ chain: Chain) -> Chain {
    var chain = chain
    for index in chain.rules.indices {
      let statements = chain.rules[index].statements
      let family = IPFamily.allCases.first { family in
        statements.contains { statement in
          guard case .match(let match) = statement else { return false }
          return match.operand == .namedSet(SetName.ownAddresses(family))
        }
      }
      guard let family, statements.last == .verdict(.return) else { continue }
      let name = ChainName.ownAddresses(family)
      chain.rules[index].statements[statements.count - 1] = .verdict(
        .goto(ChainName.isReply(chain.name) ? ChainName.reply(name) : name))
    }
    return chain
  }

  /// A chain towards the node that asks the tiers alone.
  private func askingClusterTiers(_ chain: Chain) -> Chain {
    var chain = chain
    for index in chain.rules.indices {
      chain.rules[index].statements = chain.rules[index].statements.map { statement in
        guard case .verdictMap(let key, .named(let map)) = statement,
          let family = IPFamily.allCases.first(where: { SetName.verdicts(.egress, $0) == map })
        else { return statement }
        return .verdictMap(key, .named(SetName.clusterTierVerdicts(.egress, family)))
      }
    }
    return chain
  }
}
