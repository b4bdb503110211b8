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

/// The node's own pods by their kinds, kept from slice to slice.
struct OwnKinds: Sendable {
  private struct Entry: Sendable {
    var members: Set<Int> = []
    /// The questions of their rules and policies; nil: not worked out.
    var reading: KindReading?
  }

  private var entries: [OwnKind: Entry] = [:]
  private var kinds: [Int: OwnKind] = [:]
  /// Pods that came, went, or may be of another kind now.
  private var touched: Set<Int> = []

  /// Notes that a pod came, went, or may be of another kind now.
  mutating func touch(_ id: Int) { touched.insert(id) }

  /// Brings the kinds of touched pods up to date: at the end of each transaction, since numbers of groups and classes that are gone
  /// are used again. O(1) for each touched pod.
  mutating func settle(_ peers: PeerIndex) {
    for id in touched {
      let kind = peers.subjects.contains(id) ? peers.endpoints[id].map(OwnKind.init) : nil
      let former = kinds[id]
      if kind == former { continue }
      if let former {
        entries[former]?.members.remove(id)
        if entries[former]?.members.isEmpty == true { entries[former] = nil }
      }
      if let kind { entries[kind, default: Entry()].members.insert(id) }
      kinds[id] = kind
    }
    touched.removeAll()
  }

  /// One pod of each kind, without some pods: the first.
  func representatives(without some: Set<Int>) -> [OwnKind: Int] {
    entries.compactMapValues { $0.members.lazy.filter { !some.contains($0) }.min() }
  }

  /// The reading of the rules and policies of the pods of a kind; nil: not worked out.
  func reading(of kind: OwnKind) -> KindReading? { entries[kind]?.reading }

  /// Notes the reading of the rules and policies of the pods of a kind.
  mutating func note(_ reading: KindReading, of kind: OwnKind) { entries[kind]?.reading = reading }

  /// Forgets all readings: some rules or policies are others now.
  mutating func forgetReadings() {
    for place in entries.indices { entries.values[place].reading = nil }
  }
}

/// The questions about other ends that the rules and policies of the pods of a kind ask.
struct KindReading: Sendable {
  /// The selections of pods whose addresses the rules look for.
  var selections: Set<Int> = []
  /// The names of their sets and maps.
  var objects: Set<String> = []
  /// The bounds of the addresses that rules, or policies, tell apart otherwise.
  var bounds = PerFamily<[AddressBounds]>([])
}
