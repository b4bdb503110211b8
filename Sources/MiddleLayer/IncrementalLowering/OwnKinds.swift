import Addresses
import Lowering
import PolicyModel

/// Pods of the node that neither policies nor the table tell apart.
struct OwnKind: Hashable, Sendable {
  let group: Int
  let ports: [NamedPort]
  let classes: [Int]
  let hasIPv4: Bool
  let hasIPv6: Bool

  init(_ endpoint: EndpointState) {
    group = endpoint.group
    ports = endpoint.pod.namedPorts
    classes = endpoint.classNumbers.sorted()
    hasIPv4 = endpoint.pod.addresses.contains { $0.family == .ipv4 }
    hasIPv6 = endpoint.pod.addresses.contains { $0.family == .ipv6 }
  }
}

/// The node's own pods by their kinds, kept from slice to slice. A kind has a number as long as it has pods.
struct OwnKinds: Sendable {
  struct Entry: Sendable {
    let kind: OwnKind
    fileprivate(set) var members: Set<Int> = []

    /// The first of the pods but for some; nil where there is no other.
    func representative(without some: Set<Int>) -> Int? {
      members.lazy.filter { !some.contains($0) }.min()
    }
  }

  private var entries = SlotMap<Entry>()
  private var numbers: [OwnKind: Int] = [:]
  private var kinds: [Int: Int] = [:]
  /// The questions of the rules and policies of the pods of kinds, where they are worked out.
  private(set) var readings: [Int: KindReading] = [:]
  /// The bounds of these, apart from what else a reading has: each pod of the node asks for them of every kind.
  private(set) var bounds: [Int: PerFamily<AddressBounds>] = [:]
  /// Pods that came, went, or may be of another kind now.
  private var touched: Set<Int> = []
  /// The kinds whose questions are not worked out.
  private(set) var unread: Set<Int> = []
  /// The kinds that ask for a selection of pods, by its number; for a set or a map; and those that a policy selects, by the number of
  /// its naming.
  private var bySelection: [Int: Set<Int>] = [:]
  private var byObject: [String: Set<Int>] = [:]
  private var byNaming: [Int: Set<Int>] = [:]

  /// Notes that a pod came, went, or may be of another kind now.
  mutating func touch(_ id: Int) { touched.insert(id) }

  /// Brings the kinds of touched pods up to date: at the end of each transaction, since numbers of groups and classes that are gone
  /// are used again. O(1) for each touched pod, and the questions of each kind that went.
  mutating func settle(_ peers: PeerIndex) {
    for id in touched {
      let kind = peers.subjects.contains(id) ? peers.endpoints[id].map(OwnKind.init) : nil
      let former = kinds[id]
      if let former {
        if entries[former].kind == kind { continue }
        entries[former].members.remove(id)
        if entries[former].members.isEmpty { remove(former) }
      }
      kinds[id] = kind.map { enter(id, $0) }
    }
    touched.removeAll()
  }

  private mutating func enter(_ id: Int, _ kind: OwnKind) -> Int {
    if let known = numbers[kind] {
      entries[known].members.insert(id)
      return known
    }
    let number = entries.insert(Entry(kind: kind, members: [id]))
    numbers[kind] = number
    unread.insert(number)
    return number
  }

  private mutating func remove(_ number: Int) {
    forgetReading(of: number)
    unread.remove(number)
    numbers[entries[number].kind] = nil
    entries.remove(number)
  }

  /// The number of kinds.
  var count: Int { numbers.count }

  /// A kind by its number.
  subscript(number: Int) -> Entry { entries[number] }

  /// The number of the kind of an own pod; nil where it is none.
  func number(ofPod id: Int) -> Int? { kinds[id] }

  /// The kinds that are known to ask for a selection of pods.
  func asking(forSelection number: Int) -> Set<Int> { bySelection[number] ?? [] }

  /// The kinds that are known to have a set or a map.
  func having(_ object: String) -> Set<Int> { byObject[object] ?? [] }

  /// The kinds that a policy is known to select.
  func selected(byNaming number: Int) -> Set<Int> { byNaming[number] ?? [] }

  /// Notes the reading of the rules and policies of the pods of a kind.
  mutating func note(_ reading: KindReading, of number: Int) {
    readings[number] = reading
    bounds[number] = reading.bounds
    unread.remove(number)
    for selection in reading.selections { bySelection[selection, default: []].insert(number) }
    for object in reading.objects { byObject[object, default: []].insert(number) }
    for naming in reading.namings { byNaming[naming, default: []].insert(number) }
  }

  /// Forgets all readings: some rules or policies are others now.
  mutating func forgetReadings() {
    (readings, bounds) = ([:], [:])
    unread = Set(numbers.values)
    (bySelection, byObject, byNaming) = ([:], [:], [:])
  }

  /// Forgets the readings of the kinds with some classes, whose rules are others now. O(n) in the kinds.
  mutating func forgetReadings(ofClasses classes: Set<Int>) {
    for (kind, number) in numbers where kind.classes.contains(where: classes.contains) {
      forgetReading(of: number)
    }
  }

  private mutating func forgetReading(of number: Int) {
    guard let reading = readings.removeValue(forKey: number) else { return }
    bounds[number] = nil
    unread.insert(number)
    func forget<Key>(_ keys: some Sequence<Key>, _ index: inout [Key: Set<Int>]) {
      for key in keys {
        index[key]?.remove(number)
        if index[key]?.isEmpty == true { index[key] = nil }
      }
    }
    forget(reading.selections, &bySelection)
    forget(reading.objects, &byObject)
    forget(reading.namings, &byNaming)
  }
}

/// The questions about other ends that the rules and policies of the pods of a kind ask.
struct KindReading: Sendable, Equatable {
  /// The selections of pods whose addresses the rules look for.
  var selections: Set<Int> = []
  /// The names of their sets and maps.
  var objects: Set<String> = []
  /// The policies that select the pods, by the numbers of their namings.
  var namings: [Int] = []
  /// The pods as selectors see them.
  let pod: NamedPod
  /// The bounds of the addresses that rules, or policies, tell apart otherwise.
  var bounds = PerFamily(AddressBounds([]))
  /// The same without the single addresses of pods in maps.
  var blocks = PerFamily(AddressBounds([]))
}
