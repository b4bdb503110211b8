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
  private var ofGroup: [(ipv4: [UInt32], ipv6: [UInt128])?]
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
      var (four, six): ([UInt32], [UInt128]) = ([], [])
      for group in groups(query) {
        let addresses = addresses(ofGroup: group)
        four += addresses.ipv4
        six += addresses.ipv6
      }
      six.sort()
      answer = [.ipv4: four.ascending.map { UInt128($0) }, .ipv6: six]
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

  private mutating func addresses(ofGroup group: Int) -> (ipv4: [UInt32], ipv6: [UInt128]) {
    if let known = ofGroup[group] { return known }
    var found: (ipv4: [UInt32], ipv6: [UInt128]) = ([], [])
    for position in index.groups[group].pods {
      for address in index.pods[position].addresses {
        switch address.family {
        case .ipv4: found.ipv4.append(UInt32(truncatingIfNeeded: address.bits))
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

extension [UInt32] {
  /// The numbers in order, byte by byte; bytes that all share are left out. O(n).
  fileprivate var ascending: [UInt32] {
    if count < 64 { return sorted() }
    let (all, any) = reduce((UInt32.max, 0)) { ($0.0 & $1, $0.1 | $1) }
    var (from, to) = (self, self)
    for shift in [UInt32(0), 8, 16, 24] where (all ^ any) >> shift & 255 != 0 {
      var places = Array<Int>(repeating: 0, count: 256)
      for number in from { places[Int(number >> shift & 255)] += 1 }
      var next = 0
      for byte in places.indices { (places[byte], next) = (next, next + places[byte]) }
      for number in from {
        let byte = Int(number >> shift & 255)
        to[places[byte]] = number
        places[byte] += 1
      }
      swap(&from, &to)
    }
    return from
  }
}
