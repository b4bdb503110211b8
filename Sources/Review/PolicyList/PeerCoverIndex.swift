import Addresses
import PolicyModel

/// Entries of `from` and `to` by one condition of each, to find those that may mean all pods of another entry without asking
/// all: what is found is still to be asked.
struct PeerCoverIndex {
  /// A condition of a selector: a label that must have one value, or any other condition on a key.
  private struct Condition: Hashable {
    let key: String
    let value: String?

    init(_ key: String, _ value: String?) { (self.key, self.value) = (key, value) }

    /// The condition that stands for a requirement: only a requirement with an equal one surely meets it.
    init(_ requirement: LabelSelector.Requirement) {
      key = requirement.key
      let isOneValue = requirement.relation == .isIn && requirement.values.count == 1
      value = isOneValue ? requirement.values[0] : nil
    }
  }

  private var ofPods: [Condition: [Int]] = [:]
  private var ofNamespaces: [Condition: [Int]] = [:]
  private var ofBlocks: [CIDR: [Int]] = [:]
  private var lengths: Set<Int> = []
  private var others: [Int] = []
  private let cluster: Cluster

  /// Sorts entries, which are called by their places.
  init(_ peers: some Sequence<(place: Int, peer: Exposure.Peer)>, _ cluster: Cluster) {
    self.cluster = cluster
    for (place, peer) in peers {
      switch peer {
      case .everyPod: others.append(place)
      case .inNamespace(_, let pods): add(place, pods, LabelSelector())
      case .inNamespaces(let namespaces, let pods): add(place, pods, namespaces)
      case .atAddresses(let block):
        ofBlocks[block.cidr, default: []].append(place)
        lengths.insert(block.cidr.prefixLength)
      }
    }
  }

  private mutating func add(_ place: Int, _ pods: LabelSelector, _ namespaces: LabelSelector) {
    // Of namespaces a condition that a label must meet: others are met by labels that are not there.
    let positive = namespaces.requirements.first { $0.relation == .isIn || $0.relation == .exists }
    if let first = pods.requirements.first {
      ofPods[Condition(first), default: []].append(place)
    } else if let positive {
      ofNamespaces[Condition(positive), default: []].append(place)
    } else {
      others.append(place)
    }
  }

  /// The places of the entries that may mean every pod that another means, ascending, each once.
  func candidates(_ peer: Exposure.Peer) -> [Int] {
    var found = others
    func add(_ conditions: [Condition], _ index: [Condition: [Int]]) {
      for condition in Set(conditions) { found += index[condition] ?? [] }
    }
    func conditions(_ selector: LabelSelector) -> [Condition] {
      selector.requirements.flatMap { [Condition($0), Condition($0.key, nil)] }
    }
    switch peer {
    case .everyPod: break
    case .inNamespace(let name, let pods):
      add(conditions(pods), ofPods)
      let labels = cluster.labels(ofNamespace: name).pairs
      add(labels.flatMap { [Condition($0.key, $0.value), Condition($0.key, nil)] }, ofNamespaces)
    case .inNamespaces(let namespaces, let pods):
      add(conditions(pods), ofPods)
      add(conditions(namespaces), ofNamespaces)
    case .atAddresses(let block):
      let base = IPAddress(block.cidr.family, bits: block.cidr.interval.lower)
      for length in lengths where length <= block.cidr.prefixLength {
        found += ofBlocks[CIDR(base, prefixLength: length)] ?? []
      }
    }
    return Set(found).sorted()
  }
}
