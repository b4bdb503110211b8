public import Addresses
import PolicyModel
public import Ruleset

/// The guard of unknown pods: of the node's pod addresses only those of the inventory send and receive.
extension TableLayout {
  /// True where there are blocks of a family in which unknown pods are denied.
  public func guardsUnknownPods(_ family: IPFamily) -> Bool {
    modes.unknownPodBlocks.contains { $0.family == family }
  }

  /// A table of modes without the guard, with the guard of this layout's modes added.
  ///
  /// - Parameters:
  ///   - table: the table of a layout that leaves unknown pods open.
  ///   - known: the addresses that are not denied, in any order.
  /// - Returns: the table; addresses of the blocks that are not among `known` neither send nor receive.
  public func guarding(_ table: Table, known: [IPAddress]) -> Table {
    var table = table
    for family in IPFamily.allCases where guardsUnknownPods(family) {
      let blocks = modes.unknownPodAddresses(family)
      let inside = known.filter { $0.family == family && blocks.contains($0.bits) }
      table.sets += [
        nodePodSet(family), knownPodSet(family, Set(inside.map(\.bits)).sorted().map { ElementKey($0) }),
      ]
    }
    for place in table.chains.indices where table.chains[place].name == ChainName.forward {
      table.chains[place].rules = guardJumps + table.chains[place].rules
    }
    table.chains += guardChains
    return table
  }

  /// The set of the blocks.
  func nodePodSet(_ family: IPFamily) -> NamedSet {
    NamedSet(
      SetName.nodePods(family), key: [family.dataType], flags: .interval,
      elements: modes.unknownPodAddresses(family).intervals.map { .single($0) })
  }

  /// The set of the addresses in the blocks that pods of the inventory have.
  public func knownPodSet(_ family: IPFamily, _ elements: [ElementKey]) -> NamedSet {
    NamedSet(SetName.knownPods(family), key: [family.dataType], elements: elements)
  }

  /// The rules that send packets to the guard, before all others: an address that changed hands may still have
  /// connections of its former owner.
  var guardJumps: [Rule] {
    IPFamily.allCases.filter(guardsUnknownPods).map { family in
      Self.rule(family, .jump(ChainName.unknownPodGuard(family)))
    }
  }

  /// The chains of the guard; none where no pod is denied for being unknown.
  var guardChains: [Chain] {
    let families = IPFamily.allCases.filter(guardsUnknownPods)
    if families.isEmpty { return [] }
    return families.map(guardChain)
      + [denying(Chain(ChainName.unknownPods, rules: [Self.denial]))]
  }

  private func guardChain(_ family: IPFamily) -> Chain {
    let ends = [family.ends.source, family.ends.destination]
    return Chain(
      ChainName.unknownPodGuard(family),
      rules: neverBlocked(family)
        + ends.map { end in
          Rule([
            .match(Match(end, .equal, .namedSet(SetName.nodePods(family)))),
            .match(Match(end, .notEqual, .namedSet(SetName.knownPods(family)))),
            .verdict(.goto(ChainName.unknownPods)),
          ])
        })
  }
}
