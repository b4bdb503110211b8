import Addresses
import Lowering
import PolicyModel

/// Pods that no selector can distinguish: one namespace, one set of labels.
struct PodGroup: Sendable {
  let namespace: String
  let labels: Labels
  /// For addresses that several pods have an equal claim to, these pods: a selector must match each.
  let claimants: [Pod]
  /// Its endpoints, by number.
  var members: Set<Int> = []
  /// Those of them that the ruleset isolates where policies say so.
  var subjects: Set<Int> = []
  /// The selections that it is in.
  var selections: [Int] = []
  /// The policies that select it, ascending; one list for each claimant where there are some. Nil until they are asked for: of most
  /// groups no pod is this node's.
  var policies: [[PolicyID]]?

  /// The namespaces and labels by which policies select it: one, or those of each claimant.
  var identities: [(namespace: String, labels: Labels)] {
    claimants.isEmpty ? [(namespace, labels)] : claimants.map { ($0.namespace, $0.labels) }
  }
}

/// A pod on the pod network with its group and its classes.
struct EndpointState: Sendable {
  let pod: Pod
  private let groupNumber: UInt32
  let isSubject: Bool
  /// One entry for a pod that is isolated: of a hundred thousand pods a node has a hundred.
  private var own: [Classes] = []

  private struct Classes: Sendable {
    var ofPolicies: [Direction: [Int]] = [:]
    var ofClusterTiers: [Direction: Int] = [:]
  }

  /// A pod without classes.
  init(pod: Pod, group: Int, isSubject: Bool) {
    self.pod = pod
    groupNumber = UInt32(group)
    self.isSubject = isSubject
  }

  /// The number of its group.
  var group: Int { Int(groupNumber) }

  /// The classes of each direction in which policies isolate it; several where its claimants are of different classes.
  var classes: [Direction: [Int]] {
    get { own.first?.ofPolicies ?? [:] }
    set { change { $0.ofPolicies = newValue } }
  }

  /// The class of each direction by the tiers of ClusterNetworkPolicy alone.
  var classesOfClusterTiers: [Direction: Int] {
    get { own.first?.ofClusterTiers ?? [:] }
    set { change { $0.ofClusterTiers = newValue } }
  }

  /// The numbers of all its classes. A class is of one direction.
  var classNumbers: [Int] { Array(classes.values.joined()) + classesOfClusterTiers.values }

  private mutating func change(_ body: (inout Classes) -> Void) {
    var classes = own.first ?? Classes()
    body(&classes)
    own = classes.ofPolicies.isEmpty && classes.ofClusterTiers.isEmpty ? [] : [classes]
  }
}

/// The query of a peer set, with the number of its addresses.
struct QueryState: Sendable {
  let query: PodQuery
  let selection: Int
  let blocks: [IPFamily: IntervalSet<UInt128>]?
  /// The number of addresses in each family.
  var counts = PerFamily(0)
  /// The addresses added (1) and removed (-1) since the last transaction.
  var pending = PerFamily<[UInt128: Int]>([:])
  /// The number of classes whose terms use it.
  var users = 0
  /// The classes that have a copy of its addresses in a map of their own.
  var copies: Set<ClassFamily> = []
  /// The classes with a long list of ordered rules that asks for it.
  var orderedLists: Set<ClassFamily> = []
  /// The names of its sets in the table: one, or none. More only where digests collided before.
  var setNames = PerFamily<Set<String>>([])

  /// The addresses that a pod adds to it.
  func addresses(of pod: Pod) -> [IPAddress] {
    if let port = query.port, pod.number(ofPort: port.name, port.transport) != port.number { return [] }
    guard let blocks else { return pod.addresses }
    return pod.addresses.filter { blocks[$0.family]?.contains($0.bits) ?? false }
  }
}

/// A class's chains in one family.
struct ClassFamily: Hashable, Sendable {
  let policyClass: Int
  let family: IPFamily
}

/// The numbers that a selection's pods give to a port name.
struct PortNameState: Sendable {
  struct Key: Hashable {
    let selection: Int
    let name: String
    let transport: TransportProtocol
  }

  let key: Key
  /// The number of pods that give each port number.
  var counts: [UInt16: Int] = [:]
  /// The numbers as they were when the classes that use them were made; nil: as they are.
  var former: Set<UInt16>?
  /// The classes whose egress rules name the port.
  var users: Set<Int> = []
}

/// The groups that a pod selector in a scope selects.
struct SelectionState: Sendable {
  struct Key: Hashable {
    let scope: PodQuery.Scope
    let selector: LabelSelector
  }

  let key: Key
  var groups: Set<Int> = []
  var queries: Set<Int> = []
  var portUses: Set<Int> = []
}
