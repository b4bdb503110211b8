import Addresses
import Connectivity
import PolicyModel
import Reachability

/// The ends of an expectation about pods to come: existing pods, and every kind of pod that may be created and
/// that the policies in question can distinguish by labels, namespace, address or the numbers behind port
/// names.
struct FuturePods {
  /// The kind that stands in their names.
  static let kind = "PodToCome"
  /// The beginning of the names of namespaces that are not there yet; no namespace of today can have such a name.
  private static let namespace = "NamespaceToCome"
  /// No more ends than this, and no more pairs of them: beyond it the answer is *undecided*.
  static let mostEnds = 20_000
  static let mostPairs = 4_000_000

  /// There are more cases than are looked at.
  struct TooMany: Error {
    let words: String
  }

  let cluster: Cluster
  let reading: PolicyReading
  private let nodes: NodeAddresses
  /// True where the node of a sender matters for the sources that it can use.
  private let areSourcesClaimed: Bool

  init(_ cluster: Cluster, _ nodes: NodeAddresses, areSourcesClaimed: Bool) {
    (self.cluster, self.nodes, self.areSourcesClaimed) = (cluster, nodes, areSourcesClaimed)
    reading = PolicyReading(cluster)
  }

  /// A group of an expectation, and the one at the other end.
  struct Question {
    let group: AccessExpectation.Group
    let other: AccessExpectation.Group
    /// The direction of the connection, seen from the group.
    let direction: Direction
    let expectation: AccessExpectation
  }

  /// The ends of both groups.
  func ends(
    _ expectation: AccessExpectation
  ) throws(TooMany) -> (sources: [PossibleEnd], destinations: [PossibleEnd]) {
    let (source, destination) = (expectation.source, expectation.destination)
    var sources = try ends(
      Question(group: source, other: destination, direction: .egress, expectation: expectation))
    if expectation.verdict == .only {
      let families = IPFamily.allCases.map { CIDR(IPAddress($0, bits: 0), prefixLength: 0) }
      sources += outside(expectation, in: families)
    }
    let destinations = try ends(
      Question(group: destination, other: source, direction: .ingress, expectation: expectation))
    let pairs = sources.count * destinations.count
    if pairs > Self.mostPairs { throw TooMany(words: "\(pairs) pairs of kinds of pods") }
    return (sources, destinations)
  }

  /// The sources that packets to the receivers may bear, whoever sends them: of each stretch outside that policies distinguish
  /// one address, then every pod of today.
  func bearers(_ expectation: AccessExpectation) -> [PossibleEnd] {
    var others = expectation
    others.onlySources = []
    let usable = IPFamily.allCases.flatMap { family in
      SourceClaims.usable(family).intervals.flatMap { CIDR.covering($0, family: family) }
    }
    let question = Question(
      group: AccessExpectation.Group(), other: expectation.destination, direction: .egress,
      expectation: expectation)
    let pods = cluster.pods.filter { !$0.isPlaceholder && !$0.addresses.isEmpty }
    return outside(others, in: usable)
      + pods.flatMap(\.readings).map { end($0, $0.addresses, question) }
  }

  /// One address of each stretch outside that no block of a sender of `only` has and that policies distinguish.
  private func outside(_ expectation: AccessExpectation, in ranges: [CIDR]) -> [PossibleEnd] {
    let facing = namespaces(of: expectation.destination).flatMap {
      reading.policies(of: $0, cluster.labels(ofNamespace: $0), .ingress)
    }
    let named = expectation.onlySources.compactMap(\.block)
    let lists = facing.flatMap { $0.rules(.ingress) ?? [] }.map(\.blocks) + named.map { [IPBlock($0)] }
    let cells = AddressCells(Array(Set(lists)), taken: Set(cluster.pods.flatMap(\.addresses)))
    return cells.addresses(in: ranges).filter { address in
      !named.contains { $0.contains(address) }
    }.map {
      PossibleEnd(pod: nil, namespaceLabels: Labels(), addresses: [$0], policies: [], name: "\($0)")
    }
  }

  private func ends(_ question: Question) throws(TooMany) -> [PossibleEnd] {
    let opposite: Direction = question.direction == .ingress ? .egress : .ingress
    let facing = namespaces(of: question.other).flatMap {
      reading.policies(of: $0, cluster.labels(ofNamespace: $0), opposite)
    }
    let lists = facing.flatMap { $0.rules(opposite) ?? [] }.map(\.blocks)
    let ofNodes = question.group.block.map(nodes.addresses) ?? []
    let cells = AddressCells(
      Array(Set(lists)), taken: Set(cluster.pods.flatMap(\.addresses) + ofNodes))
    if let block = question.group.block {
      let pods = cluster.pods.flatMap(\.readings).compactMap { pod -> PossibleEnd? in
        let addresses = pod.addresses.filter(block.contains)
        return addresses.isEmpty ? nil : end(pod, addresses, question)
      }
      // A node's address stands for itself: between it and its pods other rules hold.
      return pods
        + (cells.addresses(in: [block]) + ofNodes).map {
          PossibleEnd(pod: nil, namespaceLabels: Labels(), addresses: [$0], policies: [], name: "\($0)")
        }
    }
    let present = present(question, cells)
    guard question.group.toCome else { return present }
    return try present + toCome(question, facing, opposite, cells)
  }

  // MARK: Pods that are there

  /// The namespaces whose policies may select a pod of the group.
  private func namespaces(of group: AccessExpectation.Group) -> [String] {
    let pods = cluster.pods.lazy.flatMap(\.readings).filter { group.contains($0, cluster) }.map(\.namespace)
    return Set(pods + (group.toCome ? namespacesToday(group) : [])).sorted()
  }

  /// One of each kind of pod of the inventory; replicas are alike.
  private func present(_ question: Question, _ cells: AddressCells) -> [PossibleEnd] {
    struct Kind: Hashable {
      let pod: Pod
      let addresses: [AddressCells.Signature]
      let isPlaceholder: Bool
      let node: String?
    }
    // Pods of one kind on several nodes are several where it matters on which one is.
    let isNodeAsked =
      areSourcesClaimed || question.other.block.map { !nodes.addresses(in: $0).isEmpty } ?? false
    var places: [Kind: Int] = [:]
    var ends: [PossibleEnd] = []
    for pod in cluster.pods.lazy.flatMap(\.readings) where question.group.contains(pod, cluster) {
      var like = Pod(namespace: pod.namespace, name: "", labels: pod.labels, origin: .nowhere)
      like.namedPorts = pod.namedPorts
      let addresses = (pod.isPlaceholder ? self.addresses(cells) : pod.addresses)
        .filter { question.group.block?.contains($0) ?? true }
      let kind = Kind(
        pod: like, addresses: addresses.map(cells.signature), isPlaceholder: pod.isPlaceholder,
        node: isNodeAsked ? pod.node : nil)
      if let place = places[kind] {
        ends[place].isSeveral = true
        continue
      }
      places[kind] = ends.count
      ends.append(end(pod, addresses, question))
    }
    return ends
  }

  /// A pod of today at some of its addresses.
  private func end(_ pod: Pod, _ addresses: [IPAddress], _ question: Question) -> PossibleEnd {
    let labels = cluster.labels(ofNamespace: pod.namespace)
    return PossibleEnd(
      pod: pod, namespaceLabels: labels, addresses: addresses,
      policies: reading.policies(selecting: pod.labels, in: pod.namespace, labels, question.direction),
      isSeveral: pod.isSeveral,
      name: pod.endpointName)
  }

  // MARK: Pods that may come

  /// The known namespaces that a group means, and the one it names.
  private func namespacesToday(_ group: AccessExpectation.Group) -> [String] {
    let named = group.namespacesToCome ? [] : [group.namespace].compactMap { $0 }
    return Set(cluster.namespaces.keys).union(named).sorted().filter { group.matches(namespace: $0, cluster) }
  }

  private func toCome(
    _ question: Question, _ facing: [Policy], _ opposite: Direction, _ cells: AddressCells
  ) throws(TooMany) -> [PossibleEnd] {
    let addresses = addresses(cells)
    var asked: [LabelCondition] = []
    var scoped: [String: [LabelCondition]] = [:]
    for policy in facing {
      for peer in (policy.rules(opposite) ?? []).flatMap(\.peers.entries) {
        guard case .pods(let scope, let selector) = peer.kind else { continue }
        switch scope {
        case .own: scoped[policy.id.namespace ?? "", default: []].append(LabelCondition(pod: selector))
        case .matching(let namespaces):
          asked.append(LabelCondition(pod: selector, namespace: namespaces))
        }
      }
    }
    var ends: [PossibleEnd] = []
    for namespace in namespacesToday(question.group) {
      let labels = cluster.labels(ofNamespace: namespace)
      let own = reading.policies(of: namespace, labels, question.direction)
      let conditions =
        own.map { LabelCondition(pod: $0.subjects.pods) } + (scoped[namespace] ?? [])
        + (asked + question.group.conditions).filter { $0.namespace.matches(labels) }.map {
          LabelCondition(pod: $0.pod)
        }
      let names = try portVariants(question, own: own, facing: facing)
      let kinds = LabelCells(conditions, given: question.group.labels, namespace: nil)
      for cell in try kinds.cells(orMoreThan: Self.mostEnds, in: "namespace \(namespace)") {
        ends += variants(question.group, cell, namespace, labels, own, addresses, names)
        if ends.count > Self.mostEnds {
          throw TooMany(words: "more than \(Self.mostEnds) kinds of pods to come")
        }
      }
    }
    guard question.group.namespacesToCome else { return ends }
    var known = question.group.namespaceLabels
    if let name = question.group.namespace { known = known.setting(Namespace.nameLabel, to: name) }
    var taken = Set(cluster.namespaces.keys)
    if let name = question.group.outsideNamespace { taken.insert(name) }
    if let name = question.group.namespace, taken.contains(name) { return ends }
    // No policy is in a namespace that is not there: pods of it are selected by the namespace's labels, or matter as peers.
    let wide = reading.clusterWide(question.direction)
    asked += wide.map { LabelCondition(pod: $0.policy.subjects.pods, namespace: $0.namespaces) }
    asked += question.group.conditions
    let kinds = LabelCells(
      asked, given: question.group.labels,
      namespace: LabelCells.OpenNamespace(labels: known, taken: taken))
    let names = try portVariants(question, own: wide.map(\.policy), facing: facing)
    for cell in try kinds.cells(orMoreThan: Self.mostEnds, in: "namespaces to come") {
      let labels = Labels(known.pairs + cell.namespace)
      let told = labels.pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      let name = told.isEmpty ? Self.namespace : "\(Self.namespace)(\(told))"
      let own = wide.filter { $0.namespaces.matches(labels) }.map(\.policy)
      ends += variants(question.group, cell, name, labels, own, addresses, names)
      if ends.count > Self.mostEnds {
        throw TooMany(words: "more than \(Self.mostEnds) kinds of pods to come")
      }
    }
    return ends
  }

  private func variants(
    _ group: AccessExpectation.Group, _ cell: LabelCells.Cell, _ namespace: String,
    _ namespaceLabels: Labels,
    _ own: [Policy], _ addresses: [IPAddress], _ names: [[NamedPort]]
  ) -> [PossibleEnd] {
    func list(_ pairs: [Labels.Pair]) -> String {
      pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
    let labels = Labels(group.labels.pairs + cell.extra)
    // The conditions of the group part kinds of pods that are in it from those that are not.
    guard group.matches(labels, namespaceName(namespace, namespaceLabels), namespaceLabels) else { return [] }
    let policies = own.filter { $0.subjects.pods.matches(labels) }
    let carried = list(group.labels.pairs + cell.extra)
    let name = carried.isEmpty ? "any" : carried
    let showsAddress = Set(addresses.map(\.family)).count < addresses.count
    return names.flatMap { ports in
      var ported = ports.prefix(3).map { "\($0.name)=\($0.number)/\($0.transport.rawValue)" }
        .joined(separator: ",")
      if ports.count > 3 { ported += " and \(ports.count - 3) more" }
      let name = ported.isEmpty ? name : "\(name), its ports \(ported)"
      return addresses.map { address in
        let pod = Pod(
          namespace: namespace, name: name, kind: Self.kind, labels: labels, addresses: [address],
          namedPorts: ports, origin: .nowhere)
        return PossibleEnd(
          pod: pod, namespaceLabels: namespaceLabels, addresses: [address], policies: policies,
          name: Self.words(carried, namespace, namespaceLabels, ports: ported)
            + (showsAddress ? " (\(address))" : ""))
      }
    }
  }

  /// `a pod to come with tier=db in namespace shop`.
  private static func words(
    _ labels: String, _ namespace: String, _ namespaceLabels: Labels, ports: String
  ) -> String {
    let place: String
    if namespace.hasPrefix(Self.namespace) {
      let told = namespaceLabels.pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      place = told.isEmpty ? "a new namespace" : "a new namespace with \(told)"
    } else {
      place = "namespace \(namespace)"
    }
    return "a pod to come\(labels.isEmpty ? "" : " with \(labels)") in \(place)"
      + (ports.isEmpty ? "" : ", its ports \(ports)")
  }

  /// The name of a namespace; of one to come that which its labels say, if they do.
  private func namespaceName(_ name: String, _ labels: Labels) -> String {
    labels[Namespace.nameLabel] ?? name
  }

  /// Examples of the addresses that pods to come may get, one of each stretch that the blocks distinguish.
  private func addresses(_ cells: AddressCells) -> [IPAddress] {
    cells.addresses(in: FutureAddresses([cluster]).blocks)
  }

  /// The numbers that may be behind port names of a pod to come, as far as it matters: none at all, and where a
  /// connection must be denied, for each protocol every name at one of the ports in question. A packet has one port,
  /// so no other numbers let more of them in.
  private func portVariants(
    _ question: Question, own: [Policy], facing: [Policy]
  ) throws(TooMany) -> [[NamedPort]] {
    guard question.direction == .ingress, question.expectation.verdict != .allow else { return [[]] }
    let entries =
      (own.flatMap { $0.ingress ?? [] } + facing.flatMap { $0.egress ?? [] })
      .flatMap(\.ports.entries)
    var variants: [[NamedPort]] = [[]]
    for transport in TransportProtocol.allCases.sorted() {
      let own = entries.filter { $0.transport == transport }
      let names = Set(own.compactMap(\.ports.name))
      guard !names.isEmpty else { continue }
      let ranges = Set(own.compactMap(\.ports.numbers).filter { $0 != .everything }.flatMap(\.intervals))
      var seen: Set<Set<Interval<UInt16>>> = []
      for wanted in question.expectation.traffic.ports(of: transport.number).intervals {
        var starts: Set<UInt16> = [max(1, wanted.lower)]
        for range in ranges {
          starts.insert(range.lower)
          if range.upper < .max { starts.insert(range.upper + 1) }
        }
        for port in starts.sorted() where wanted.contains(port) {
          guard seen.insert(ranges.filter { $0.contains(port) }).inserted else { continue }
          variants.append(names.sorted().map { NamedPort($0, transport, port) })
        }
      }
    }
    return variants
  }
}

extension LabelCells {
  fileprivate func cells(orMoreThan limit: Int, in place: String) throws(FuturePods.TooMany) -> [Cell] {
    guard let cells = cells(limit: limit) else {
      throw FuturePods.TooMany(words: "more than \(limit) kinds of labels in \(place)")
    }
    return cells
  }
}
