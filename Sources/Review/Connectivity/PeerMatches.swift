import Addresses
public import PolicyModel
public import Reachability

/// The pods that the entries of `from` and `to` match in a cluster, each different entry once. Only policies
/// that isolate a subject count.
public struct PeerMatches {
  /// The content of an entry, independent of its place.
  public enum Entry: Hashable {
    /// Addresses of a block.
    case block(IPBlock)
    /// Pods by labels: of one namespace, or of those that a selector matches.
    case pods(namespace: String?, namespaces: LabelSelector?, pods: LabelSelector)

    /// The question behind an entry of a policy.
    public init(_ peer: Peer, of policy: Policy) {
      switch peer.kind {
      case .ipBlock(let block): self = .block(block)
      case .pods(.own, let pods):
        self = .pods(namespace: policy.id.namespace ?? "", namespaces: nil, pods: pods)
      case .pods(.matching(let namespaces), let pods):
        self = .pods(namespace: nil, namespaces: namespaces, pods: pods)
      }
    }
  }

  /// Pods that no selector and no port's name can distinguish.
  private struct Kind: Hashable {
    let namespace: String
    let labels: Labels
    let numbers: [UInt16?]
    /// The pods that the addresses may be of, where that is not known.
    let claimants: [Pod]
  }

  private struct PortName: Hashable {
    let name: String
    let transport: TransportProtocol
  }

  /// The policies that isolate a subject in a direction, as indices of `Cluster.policies`.
  public let counting: [Direction: Set<Int>]
  /// The kind of each pod, by a small number.
  public let kindOfPod: [Int]
  /// The blocks among the entries.
  public let blocks: [IPBlock]
  /// For each kind a number that says which entries match it and what its ports' names stand for: equal numbers are
  /// equal answers, but for a chance of about 2⁻¹²⁸.
  public private(set) var signatures: [UInt128]
  private let kinds: [Kind]
  private let byNamespace: [String: [Int]]
  private let namespaces: NamespaceIndex
  private let kindIndex: LabelIndex
  private let cluster: Cluster

  /// Finds the entries, and the pods that are alike.
  ///
  /// - Complexity: O(pods), and the kinds of pods that carry a label which an entry asks for.
  public init(_ specification: Specification) {
    cluster = specification.cluster
    var counting: [Direction: Set<Int>] = [:]
    for direction in Direction.allCases {
      counting[direction] = Set(specification.classes.flatMap { $0.profile(direction).policies })
    }
    self.counting = counting
    var entries: Set<Entry> = []
    var names: Set<PortName> = []
    for direction in Direction.allCases {
      for index in counting[direction] ?? [] {
        let policy = cluster.policies[index]
        for rule in policy.rules(direction) ?? [] {
          for peer in rule.peers.entries { entries.insert(Entry(peer, of: policy)) }
          for port in rule.ports.entries {
            if let name = port.ports.name {
              names.insert(PortName(name: name, transport: port.transport))
            }
          }
        }
      }
    }
    let ports = names.sorted { ($0.name, $0.transport) < ($1.name, $1.transport) }
    var known: [Kind: Int] = [:]
    var kinds: [Kind] = []
    var kindOfPod = Array(repeating: 0, count: cluster.pods.count)
    for run in cluster.podRuns {
      let pod = cluster.pods[run.lowerBound]
      let kind = Kind(
        namespace: pod.namespace, labels: pod.labels,
        numbers: ports.map { pod.number(ofPort: $0.name, $0.transport) }, claimants: pod.claimants)
      let place = known[kind] ?? kinds.count
      if place == kinds.count {
        known[kind] = place
        kinds.append(kind)
      }
      for pod in run { kindOfPod[pod] = place }
    }
    self.kinds = kinds
    self.kindOfPod = kindOfPod
    byNamespace = Dictionary(grouping: kinds.indices) { kinds[$0].namespace }
    namespaces = NamespaceIndex(byNamespace.keys, of: cluster)
    kindIndex = LabelIndex(kinds.map(\.labels))
    blocks = entries.compactMap { if case .block(let block) = $0 { block } else { nil } }
    signatures = []
    signatures = signed(entries)
  }

  private func signed(_ entries: Set<Entry>) -> [UInt128] {
    var ordinals: [[UInt16?]: UInt64] = [:]
    var result = kinds.map { kind in
      let ordinal = ordinals[kind.numbers] ?? UInt64(ordinals.count)
      ordinals[kind.numbers] = ordinal
      return HashWeight.of(ordinal)
    }
    // Rules that deny and rules that accept match such addresses differently.
    for (place, kind) in kinds.enumerated() where !kind.claimants.isEmpty {
      result[place] &+= HashWeight.of(1 << 41 | UInt64(place))
    }
    for (ordinal, entry) in entries.enumerated() {
      let weight = HashWeight.of(1 << 40 | UInt64(ordinal))
      for kind in matching(entry) { result[kind] &+= weight }
    }
    return result
  }

  /// The kinds of pods that an entry matches by its selectors; none for a block.
  public func matching(_ entry: Entry) -> [Int] {
    guard case .pods(let namespace, let selector, let pods) = entry else { return [] }
    let names = namespace.map { [$0] } ?? selector.map { namespaces.matching($0) } ?? []
    let wanted = Set(names)
    func isMatched(_ kind: Int) -> Bool {
      wanted.contains(kinds[kind].namespace)
        && kinds[kind].claimants.allSatisfy { wanted.contains($0.namespace) && pods.matches($0.labels) }
    }
    let inNamespaces = names.reduce(0) { $0 + (byNamespace[$1]?.count ?? 0) }
    if inNamespaces <= 8 {
      return names.flatMap { byNamespace[$0] ?? [] }.filter {
        pods.matches(kinds[$0].labels) && isMatched($0)
      }
    }
    return kindIndex.matching(pods).filter(isMatched)
  }
}
