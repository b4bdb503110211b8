import Addresses
import Connectivity
import JSONText
import PolicyModel
import PolicyTrace
import Reachability
import Wording

extension PageData {
  /// The policies of a revision: each rule with what it lets pass and the classAddresses that its entries match.
  mutating func writeSide(_ side: Int) {
    var sets = ClassAddressSets(matrix, kept, side: side)
    json.openObject()
    list("policies", policies[side]) { index, page in
      let policy = page.matrix.sides[side].cluster.policies[index]
      page.json.openObject()
      page.json.key("name")
      page.label("\(policy.id)")
      page.json.pair("at", page.place(policy.origin))
      if policy.tier != .networkPolicy {
        page.json.key("tier")
        page.label(policy.tier.name)
      }
      if policy.tier.selectedDefault == .pass {
        page.json.key("goesOn")
        page.json.bool(true)
      }
      for direction in [Direction.ingress, .egress]
      where page.matrix.matches[side].counting[direction]?.contains(index) == true {
        page.json.key(direction.rawValue.lowercased())
        page.array { page in
          for rule in policy.rules(direction) ?? [] { page.write(rule, of: policy, side, &sets) }
        }
      }
      page.json.closeObject()
    }
    list("sets", sets.lists) { list, page in page.array { page in list.forEach { page.number($0) } } }
    json.closeObject()
  }

  private mutating func write(
    _ rule: PolicyRule, of policy: Policy, _ side: Int, _ sets: inout ClassAddressSets
  ) {
    json.openObject()
    json.pair("at", place(rule.origin))
    if rule.action != .accept {
      json.key("action")
      label(rule.action.rawValue.lowercased())
    }
    json.key("passes")
    writePorts(of: rule, side)
    if rule.ports != .everything {
      json.key("ports")
      label(rule.ports.entries.map(\.words).joined(separator: ", "))
    }
    if rule.peers != .everything {
      json.key("peers")
      array { page in
        for peer in rule.peers.entries {
          page.array { page in
            page.number(page.place(peer.origin))
            page.number(sets.place(of: .init(peer, of: policy)))
            page.label(Tracer.words(peer, policy.id))
          }
        }
      }
    }
    json.closeObject()
  }

  /// Writes the traffic of a rule's ports: the number of its words, or where it names ports those
  /// of each receiver.
  private mutating func writePorts(of rule: PolicyRule, _ side: Int) {
    guard rule.ports != .everything else { return json.number(CellTable.everything) }
    let isNamed = rule.ports.entries.contains { $0.ports.name != nil }
    guard isNamed else { return json.number(code(rule.traffic(to: nil))) }
    let codes = kept.map { index in
      let pod = matrix.sides[side].cluster.pods[matrix.common.pod(matrix.classes[index][0], side: side)]
      return UInt32(code(rule.traffic(to: pod)))
    }
    array { page in MatrixRows.differences(codes, from: nil, base: -1).forEach { page.number($0) } }
  }

  private mutating func code(_ set: TrafficSet) -> Int { cells.code(matrix.sides[0].store.intern(set)) }
}
