import Addresses
import PolicyModel
import Ruleset
import TableLayout

/// Answers questions for addresses of a cluster that stays as it is, each once.
struct AddressBook: PeerBook, Sendable {
  private let index: PodIndex
  private let cluster: Cluster
  private var pods: [PodQuery: [Int]] = [:]
  private var found: [PodQuery: [IPFamily: [UInt128]]] = [:]
  private var descriptions: [PodQuery: [IPFamily: SetRegistry.Description]] = [:]
  private var keys: [PodQuery: [IPFamily: [ElementKey]]] = [:]
  /// Made for the first question about namespaces by their labels.
  private lazy var namespaceIndex = NamespaceIndex(cluster.namespaces.keys, of: cluster)
  /// The addresses of each group's pods, once they were asked for.
  private var ofGroup: [(ipv4: [UInt128], ipv6: [UInt128])?]
  private var namespaces: [LabelSelector: [String]] = [:]

  init(cluster: Cluster, index: PodIndex) {
    self.cluster = cluster
    self.index = index
    ofGroup = Array(repeating: nil, count: index.groups.count)
  }

  mutating func count(_ query: PodQuery, _ family: IPFamily) -> Int { addresses(query, family).count }

  /// The addresses of the pods of a query as elements: the same array each time, so that the rulesets of many nodes
  /// share it.
  mutating func elements(_ query: PodQuery, _ family: IPFamily) -> [ElementKey] {
    if let known = keys[query]?[family] { return known }
    let made = addresses(query, family).map { ElementKey($0) }
    keys[query, default: [:]][family] = made
    return made
  }

  mutating func description(_ query: PodQuery, _ family: IPFamily) -> SetRegistry.Description {
    if let known = descriptions[query]?[family] { return known }
    let made = query.description(family)
    descriptions[query, default: [:]][family] = made
    return made
  }

  mutating func numbers(ofPort name: String, _ transport: TransportProtocol, among query: PodQuery)
    -> [UInt16]
  {
    Set(matching(query).compactMap { index.pods[$0].number(ofPort: name, transport) }).sorted()
  }

  mutating func addresses(_ query: PodQuery, _ family: IPFamily) -> [UInt128] {
    if let known = found[query] { return known[family] ?? [] }
    var answer: [IPFamily: [UInt128]] = [:]
    if query.port == nil, query.within == nil {
      var (four, six): ([UInt128], [UInt128]) = ([], [])
      for group in groups(query) {
        let addresses = addresses(ofGroup: group)
        four += addresses.ipv4
        six += addresses.ipv6
      }
      four.sort()
      six.sort()
      answer = [.ipv4: four, .ipv6: six]
      found[query] = answer
      return answer[family] ?? []
    }
    let blocks = query.blocks
    for position in matching(query) {
      for address in index.pods[position].addresses
      where blocks?[address.family]?.contains(address.bits) ?? (blocks == nil) {
        answer[address.family, default: []].append(address.bits)
      }
    }
    for family in answer.keys { answer[family]?.sort() }
    found[query] = answer
    return answer[family] ?? []
  }

  /// The pods of a query, as positions in the cluster's list, but for `within`.
  private mutating func matching(_ query: PodQuery) -> [Int] {
    if let port = query.port {
      var anyPort = query
      anyPort.port = nil
      return matching(anyPort).filter {
        index.pods[$0].number(ofPort: port.name, port.transport) == port.number
      }
    }
    var key = query
    key.within = nil
    if let known = pods[key] { return known }
    let found = groups(key).flatMap { index.groups[$0].pods }
    pods[key] = found
    return found
  }

  private mutating func addresses(ofGroup group: Int) -> (ipv4: [UInt128], ipv6: [UInt128]) {
    if let known = ofGroup[group] { return known }
    var found: (ipv4: [UInt128], ipv6: [UInt128]) = ([], [])
    for position in index.groups[group].pods {
      for address in index.pods[position].addresses {
        switch address.family {
        case .ipv4: found.ipv4.append(address.bits)
        case .ipv6: found.ipv6.append(address.bits)
        }
      }
    }
    ofGroup[group] = found
    return found
  }

  /// The groups whose pods a query without a port selects, but for `within`.
  private mutating func groups(_ query: PodQuery) -> [Int] {
    let names: [String] =
      switch query.scope {
      case .namespace(let name): [name]
      case .matching(let selector): namespaces(matching: selector)
      }
    var found: [Int] = []
    for name in names {
      for group in index.groupsOfNamespace[name] ?? []
      where query.selector.matches(index.groups[group].labels)
        && index.groups[group].claimants.allSatisfy({
          names.contains($0.namespace) && query.selector.matches($0.labels)
        })
      {
        found.append(group)
      }
    }
    return found
  }

  private mutating func namespaces(matching selector: LabelSelector) -> [String] {
    if let known = namespaces[selector] { return known }
    let names = namespaceIndex.matching(selector)
    namespaces[selector] = names
    return names
  }
}
