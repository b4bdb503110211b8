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

  /// Writes the traffic that a rule's ports let pass: the number of its words, or where it names ports those
  /// of each receiver.
  private mutating func writePorts(of rule: PolicyRule, _ side: Int) {
    guard rule.ports != .everything else { return json.number(CellTable.everything) }
    let entries = rule.ports.entries
    let fixed = entries.compactMap { entry -> TrafficSet? in
      switch entry.ports {
      case .all: TrafficSet(entry.transport.number)
      case .range(let range): TrafficSet(entry.transport.number, PortSet(range))
      case .named: nil
      }
    }.reduce(TrafficSet.nothing) { $0.union($1) }
    let names = entries.compactMap { entry -> (name: String, transport: TransportProtocol)? in
      if case .named(let name) = entry.ports { (name, entry.transport) } else { nil }
    }
    guard !names.isEmpty else { return json.number(code(fixed)) }
    let codes = kept.map { index in
      let pod = matrix.sides[side].cluster.pods[matrix.common.pod(matrix.classes[index][0], side: side)]
      let named = names.reduce(fixed) { set, port in
        guard let number = pod.number(ofPort: port.name, port.transport) else { return set }
        return set.union(TrafficSet(port.transport.number, PortSet(Interval(number, number))))
      }
      return UInt32(code(named))
    }
    array { page in MatrixRows.differences(codes, from: nil, base: -1).forEach { page.number($0) } }
  }

  private mutating func code(_ set: TrafficSet) -> Int { cells.code(matrix.sides[0].store.intern(set)) }
}
