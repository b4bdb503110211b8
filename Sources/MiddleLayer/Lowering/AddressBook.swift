import Addresses
import PolicyModel
import Ruleset
import TableLayout

/// A question for pods: which ones, seen from a rule.
struct PodQuery: Hashable, Sendable {
  /// The namespaces of the pods.
  enum Scope: Hashable, Sendable {
    /// One, by name.
    case namespace(String)
    /// Those whose labels match.
    case matching(LabelSelector)
  }

  /// The namespaces of the pods.
  var scope: Scope
  /// The selected pods of these namespaces.
  var selector: LabelSelector
  /// Only pods with an address in one of these blocks, and of that pod these addresses only; nil: any address.
  var within: [IPBlock]?
  /// Only pods whose port of this name and protocol has this number.
  var port: NamedPort?

  /// Every pod of the cluster.
  static let anyPod = PodQuery(scope: .matching(LabelSelector()), selector: LabelSelector())
}

/// The peers that a rule refers to, with the policy's own namespace filled in: equal terms match equal
/// traffic.
enum PeerTerm: Hashable, Sendable {
  /// No restriction of peers.
  case everything
  /// Pods by a query.
  case pods(PodQuery)
  /// Addresses, each block without its own excepts.
  case blocks([IPBlock])
}

/// The addresses that a peer comes to in one family. *Everything* and *nothing* are cases of their own: a filter
/// that leaves nothing must never widen.
enum AddressMatch: Sendable {
  /// Every address of the family.
  case everything
  /// None, now and with any pods: an IPv4 block in IPv6, say.
  case nothing
  /// Ranges of addresses, at least one.
  case ranges(IntervalSet<UInt128>)
  /// Addresses of pods, ascending; there may be none at the moment.
  case pods([UInt128])
}

/// Resolves peers to their current addresses.
protocol PeerBook {
  /// The addresses of the pods of a query, ascending.
  mutating func addresses(_ query: PodQuery, _ family: IPFamily) -> [UInt128]
  /// The number of pods that the query selects.
  mutating func count(_ query: PodQuery, _ family: IPFamily) -> Int
  /// The same as elements of their set. A book that keeps the elements of its sets elsewhere has none here.
  mutating func elements(_ query: PodQuery, _ family: IPFamily) -> [ElementKey]
  /// The set of the pods of a query.
  mutating func description(_ query: PodQuery, _ family: IPFamily) -> SetRegistry.Description
  /// The numbers that pods of the query, in whatever block, give to a port name, ascending.
  mutating func numbers(ofPort name: String, _ transport: TransportProtocol, among query: PodQuery)
    -> [UInt16]
}

extension PeerBook {
  /// The addresses of a term in a family.
  mutating func match(_ term: PeerTerm, _ family: IPFamily) -> AddressMatch {
    switch term {
    case .everything: return .everything
    case .pods(let query): return .pods(addresses(query, family))
    case .blocks(let blocks):
      let set = IPBlock.addresses(of: blocks, family)
      if set.isEmpty { return .nothing }
      return set.intervals == [family.everything] ? .everything : .ranges(set)
    }
  }

  /// The number of pod addresses that a term has in a family; 0 for a term that is not about pods.
  mutating func count(_ term: PeerTerm, _ family: IPFamily) -> Int {
    guard case .pods(let query) = term else { return 0 }
    return count(query, family)
  }
}

/// Answers questions for addresses of a cluster that stays as it is, each once.
struct AddressBook: PeerBook, Sendable {
  private let index: PodIndex
  private let cluster: Cluster
  private var pods: [PodQuery: [Int]] = [:]
  private var found: [PodQuery: [IPFamily: [UInt128]]] = [:]
  private var descriptions: [PodQuery: [IPFamily: SetRegistry.Description]] = [:]
  private var keys: [PodQuery: [IPFamily: [ElementKey]]] = [:]
  private var namespaces: [LabelSelector: [String]] = [:]

  init(cluster: Cluster, index: PodIndex) {
    self.cluster = cluster
    self.index = index
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
    let names: [String] =
      switch key.scope {
      case .namespace(let name): [name]
      case .matching(let selector): namespaces(matching: selector)
      }
    var found: [Int] = []
    for name in names {
      for group in index.groupsOfNamespace[name] ?? [] where key.selector.matches(index.groups[group].labels)
      {
        found += index.groups[group].pods
      }
    }
    pods[key] = found
    return found
  }

  private mutating func namespaces(matching selector: LabelSelector) -> [String] {
    if let known = namespaces[selector] { return known }
    let names = cluster.namespaces.filter { selector.matches($0.value) }.keys.sorted()
    namespaces[selector] = names
    return names
  }
}

extension PodQuery {
  /// The set of the query's pods.
  func description(_ family: IPFamily) -> SetRegistry.Description {
    SetRegistry.Description(
      prefix: SetName.podPrefix(family), hint: hint, identity: summary, key: [family.dataType],
      remark: summary)
  }

  /// The addresses of `within`; nil: any.
  var blocks: [IPFamily: IntervalSet<UInt128>]? {
    within.map { blocks in
      Dictionary(uniqueKeysWithValues: IPFamily.allCases.map { ($0, IPBlock.addresses(of: blocks, $0)) })
    }
  }

  /// The query in words: for remarks, and as the identity of its set.
  var summary: String {
    var text =
      switch scope {
      case .namespace(let name): "pods of namespace \(name)"
      case .matching(let namespaces) where namespaces.isEverything: "pods of every namespace"
      case .matching(let namespaces): "pods of namespaces with \(namespaces)"
      }
    if !selector.isEverything { text += " with \(selector)" }
    if let within { text += " in \(within.map(\.summary).joined(separator: ", "))" }
    if let port { text += " whose port \(port.name) is \(port.transport.rawValue) \(port.number)" }
    return text
  }

  /// A few words for the name of the set.
  var hint: String {
    var words: [String] = []
    switch scope {
    case .namespace(let name): words.append(name)
    case .matching(let namespaces): words.append(namespaces.isEverything ? "all" : namespaces.hint)
    }
    if !selector.isEverything { words.append(selector.hint) }
    if let port { words.append(port.name) }
    return words.joined(separator: "/")
  }
}

extension LabelSelector {
  /// A few words for a name: `version.v2`. The digest behind it distinguishes what the words leave out.
  fileprivate var hint: String {
    requirements.map { requirement in
      let key = requirement.key.split(separator: "/").last.map(String.init) ?? requirement.key
      let values = requirement.values.joined(separator: ".")
      return switch requirement.relation {
      case .isIn: "\(key).\(values)"
      case .notIn: "\(key).not.\(values)"
      case .exists: key
      case .doesNotExist: "no.\(key)"
      }
    }.joined(separator: ".")
  }
}

extension IPBlock {
  /// The union of blocks of a family, each without its own excepts and no other's.
  static func addresses(of blocks: [IPBlock], _ family: IPFamily) -> IntervalSet<UInt128> {
    var union = IntervalSet<UInt128>()
    for block in blocks where block.cidr.family == family {
      let holes = IntervalSet(block.except.filter { $0.family == family }.map(\.interval))
      union = union.union(IntervalSet(block.cidr.interval).subtracting(holes))
    }
    return union
  }

  /// `172.17.0.0/16 except 172.17.1.0/24`.
  var summary: String {
    except.isEmpty ? "\(cidr)" : "\(cidr) except \(except.map(\.description).joined(separator: " "))"
  }
}
