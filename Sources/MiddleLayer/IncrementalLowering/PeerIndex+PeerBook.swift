import Addresses
import Lowering
import PolicyModel
import Ruleset

extension PeerIndex: PeerBook {
  func addresses(ofQuery number: Int, _ family: IPFamily) -> [UInt128] {
    let query = queries[number]
    var found: [UInt128] = []
    found.reserveCapacity(query.counts[family])
    for pod in pods(of: query.selection) {
      for address in query.addresses(of: pod) where address.family == family { found.append(address.bits) }
    }
    return found.sorted()
  }

  mutating func addresses(_ query: PodQuery, _ family: IPFamily) -> [UInt128] {
    guard let number = numbersOfQueries[query] else { return [] }
    if let known = askedAddresses[family][number] { return known }
    steps += queries[number].counts[family]
    let found = addresses(ofQuery: number, family)
    askedAddresses[family][number] = found
    return found
  }

  mutating func count(_ query: PodQuery, _ family: IPFamily) -> Int {
    numbersOfQueries[query].map { queries[$0].counts[family] } ?? 0
  }

  /// None: the sets' elements are worked out when the table is written.
  mutating func elements(_ query: PodQuery, _ family: IPFamily) -> [ElementKey] { [] }

  mutating func description(_ query: PodQuery, _ family: IPFamily) -> SetRegistry.Description {
    query.description(family)
  }

  mutating func numbers(ofPort name: String, _ transport: TransportProtocol, among query: PodQuery)
    -> [UInt16]
  {
    let selection = selection(query)
    let key = PortNameState.Key(selection: selection, name: name, transport: transport)
    if let known = numbersOfPortUses[key] {
      askedPortUses.insert(known)
      return portUses[known].counts.keys.sorted()
    }
    var made = PortNameState(key: key)
    for pod in pods(of: selection) {
      steps += 1
      if let number = pod.number(ofPort: name, transport) { made.counts[number, default: 0] += 1 }
    }
    let number = portUses.insert(made)
    numbersOfPortUses[key] = number
    selections[selection].portUses.insert(number)
    askedPortUses.insert(number)
    return made.counts.keys.sorted()
  }
}
