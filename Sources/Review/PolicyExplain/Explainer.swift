import Addresses
public import KubernetesManifests
import Connectivity
import PolicyDiff
public import PolicyModel
public import PolicyTrace
import Reachability
import Wording

/// Answers questions about single connections of a cluster.
public struct Explainer {
  /// The reason for which there is no answer.
  public struct Failure: Error, CustomStringConvertible {
    /// The reason in words.
    public let description: String
  }

  let cluster: Cluster
  let specification: Specification
  private let written: [PolicyID: NetworkPolicy]
  private let tracer: Tracer
  private let node: String?
  /// The objects that were read, for services and their endpoints.
  let contents: ManifestContents
  /// The addresses that pods without one may get.
  let future: FutureAddresses
  /// False where not every pod without an address could have each that the policies distinguish.
  private let isEveryAddressTried: Bool
  /// True where only the two ends of one question are left.
  private let isAlone: Bool
  let nodes: NodeAddresses

  /// Prepares a cluster's policies. Workloads and pods without an address get examples of those that they may get.
  ///
  /// - Parameters:
  ///   - cluster: policies and inventory.
  ///   - networkPolicies: the NetworkPolicy objects as they were written, for edits of what means nothing as it is.
  ///   - contents: the services and their endpoints.
  ///   - node: only the pods of this node are subjects; nil: all pods are.
  ///   - podToNode: the treatment of what pods send to their own node.
  public init(
    _ cluster: Cluster, _ networkPolicies: [NetworkPolicy] = [],
    contents: ManifestContents = ManifestContents(),
    node: String? = nil, podToNode: EnforcementModes.PodToNode = .open
  ) {
    let written = Dictionary(networkPolicies.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.init(PlacedClusters([cluster]), written, contents, node, podToNode)
  }

  private init(
    _ placed: PlacedClusters, _ written: [PolicyID: NetworkPolicy], _ contents: ManifestContents,
    _ node: String?, _ podToNode: EnforcementModes.PodToNode, isAlone: Bool = false
  ) {
    (self.written, self.contents, self.isAlone) = (written, contents, isAlone)
    (cluster, future, isEveryAddressTried) = (placed.clusters[0], placed.future, placed.isComplete)
    specification = Specification(self.cluster, node: node)
    tracer = Tracer(self.cluster)
    self.node = node
    nodes = NodeAddresses(self.cluster, podToNode: podToNode)
  }

  /// Explains one connection; of several pods that a selector means, the first is asked (`ask` asks about all).
  ///
  /// - Parameters:
  ///   - source: the sender.
  ///   - destination: the receiver.
  ///   - traffic: protocol and port; nil asks which are allowed.
  /// - Returns: one explanation for each family that both ends have; the one of IPv4 first.
  /// - Throws: a failure where an end does not exist, or the two have no family in common.
  public func explain(
    _ source: EndpointReference, _ destination: EndpointReference, _ traffic: TrafficReference?
  ) throws(Failure) -> [Explanation] {
    try explain(try ends(source)[0], try ends(destination)[0], traffic)
  }

  func explain(_ from: End, _ to: End, _ traffic: TrafficReference?) throws(Failure) -> [Explanation] {
    if !isEveryAddressTried, !isAlone, from.isPlaceholder || to.isPlaceholder {
      // Where two share a stretch that has room for one, each has it once.
      let answers = try [false, true].map { isReversed throws(Failure) in
        let alone = alone(from, to, isReversed)
        return try alone.explainer.explain(alone.from, alone.to, traffic).map { $0.of(from.pod, to.pod) }
      }
      return answers[1].count > answers[0].count ? answers[1] : answers[0]
    }
    let pairs = addressPairs(from, to)
    guard !pairs.isEmpty else {
      throw Failure(description: "\(from.name) and \(to.name) have no address family in common")
    }
    guard from.isPlaceholder || to.isPlaceholder else {
      return pairs.map { explanation(from, $0, to, $1, traffic) }
    }
    // One for each family and for all that the policies may say, depending on the address.
    var seen: Set<Said> = []
    var answers = pairs.compactMap { sender, receiver -> Explanation? in
      let allowed = allowed(specification, from, sender, to, receiver)
      guard seen.insert(Said(family: sender.family, allowed: allowed)).inserted else { return nil }
      return explanation(from, sender, to, receiver, traffic)
    }
    let perFamily = Dictionary(grouping: answers) { $0.family }
    for place in answers.indices where (perFamily[answers[place].family] ?? []).count > 1 {
      answers[place].condition = condition(answers[place])
    }
    // What both families say alike is said once.
    if perFamily.allSatisfy({ $0.value.count == 1 }), Set(answers.map(\.allowed)).count == 1 {
      answers = Array(answers.prefix(1))
    } else if !future.isOfEveryFamily, perFamily.count > 1 {
      for place in answers.indices where answers[place].condition == nil {
        answers[place].condition = "if it gets an \(answers[place].family == .ipv4 ? "IPv4" : "IPv6") address"
      }
    }
    return answers
  }

  /// All that the policies may say about two ends in one family.
  private struct Said: Hashable {
    let family: IPFamily
    let allowed: TrafficID
  }

  /// `if shop/Deployment/web gets an address in 10.0.0.0/8`.
  private func condition(_ answer: Explanation) -> String {
    let blocks = cluster.policyBlocks
    let parts = [
      (answer.sourcePod, answer.source, answer.sourceExample),
      (answer.destinationPod, answer.destination, answer.destinationExample),
    ].compactMap { pod, name, address -> String? in
      guard let pod, cluster.pods[pod].isPlaceholder else { return nil }
      let own = future.blocks(like: address, blocks)
      return "\(name) gets an address in \(Counting.first(3, of: own.map(\.description)))"
    }
    return "if " + parts.joined(separator: " and ")
  }

  /// The two ends without all other pods, and only the policies that select one of them: few blocks distinguish their addresses
  /// apart.
  private func alone(
    _ from: End, _ to: End, _ isReversed: Bool
  ) -> (explainer: Explainer, from: End, to: End) {
    let places = Set([from.pod, to.pod].compactMap { $0 }).sorted()
    let pods = places.map { place in
      var pod = cluster.pods[place]
      if pod.isPlaceholder { (pod.addresses, pod.isPlaceholder) = ([], false) }
      return pod
    }
    let policies = cluster.policies.filter { policy in
      pods.contains { pod in
        policy.subjects.pods.matches(pod.labels)
          && policy.subjects.namespaces.includes(
            pod.namespace, cluster.labels(ofNamespace: pod.namespace), own: policy.id.namespace)
      }
    }
    let placed = PlacedClusters(
      [cluster.with(policies: policies, pods: pods)], from: future, leavesRoom: false, isReversed: isReversed)
    let explainer = Explainer(placed, written, contents, node, nodes.podToNode, isAlone: true)
    func end(_ end: End) -> End {
      guard let pod = end.pod, let place = places.firstIndex(of: pod) else { return end }
      return End(
        pod: place, name: end.name,
        addresses: end.isPlaceholder ? explainer.cluster.pods[place].addresses.sorted() : end.addresses,
        isPlaceholder: end.isPlaceholder)
    }
    return (explainer, end(from), end(to))
  }

  /// The addresses between which packets can go: of one family.
  func addressPairs(_ from: End, _ to: End) -> [(IPAddress, IPAddress)] {
    from.addresses.flatMap { sender in
      to.addresses.filter { $0.family == sender.family }.map { (sender, $0) }
    }
  }

  /// The ends of a connection in a log that no pod has, among the addresses of nodes' pods where those are known.
  func unknown(_ key: LoggedDenial.Key) -> [IPAddress] {
    let blocks = cluster.nodes.flatMap(\.podCIDRs)
    return [key.source, key.destination].filter { address in
      specification.pod(at: address) == nil && (blocks.isEmpty || blocks.contains { $0.contains(address) })
    }
  }

  /// One end of a connection.
  struct End {
    let pod: Int?
    let name: String
    let addresses: [IPAddress]
    let isPlaceholder: Bool
    /// Outside: all that the address stands for.
    var blocks: [CIDR] = []
  }

  /// True where both ends are one pod; a workload stands for several, of which two may meet.
  func isOnePod(_ from: End, _ to: End) -> Bool {
    guard let pod = from.pod, pod == to.pod else { return false }
    return !cluster.pods[pod].isSeveral
  }

  /// The ends that are meant, at least one.
  func ends(_ reference: EndpointReference) throws(Failure) -> [End] {
    if case .address(let address) = reference {
      let pod = specification.pod(at: address)
      return [
        End(
          pod: pod, name: pod.map { cluster.pods[$0].endpointName } ?? "\(address)", addresses: [address],
          isPlaceholder: false)
      ]
    }
    if case .block(let block) = reference { return try ends(block) }
    let pods = reference.pods(in: cluster)
    guard !pods.isEmpty else {
      if let end = hostEnd(reference) { return [end] }
      throw Failure(description: reason(noEndFor: reference))
    }
    return pods.map { index in
      let pod = cluster.pods[index]
      return End(
        pod: index, name: pod.endpointName, addresses: pod.addresses.sorted(),
        isPlaceholder: pod.isPlaceholder)
    }
  }

  /// A pod on the host network, which is its node to every policy; nil where none is named.
  private func hostEnd(_ reference: EndpointReference) -> End? {
    let name = reference.words.lowercased()
    guard let host = cluster.omitted.hostAddresses.first(where: { $0.key.lowercased() == name }) else {
      return nil
    }
    return End(
      pod: nil, name: "\(host.key) on the host network", addresses: host.value.sorted(), isPlaceholder: false)
  }

  /// The reason why no pod is meant.
  private func reason(noEndFor reference: EndpointReference) -> String {
    let name = reference.words.lowercased()
    if cluster.omitted.hostNetwork.contains(where: { $0.lowercased() == name }) {
      return
        "\(reference.words) is on the host network: no policy applies to it, and its address is its node's"
    }
    if let idle = cluster.idle.first(where: { $0.endpointName.lowercased() == name }) {
      let labels = idle.labels.pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      return
        "\(idle.endpointName) has 0 replicas, so it is no pod of today; pods to come have the labels \(labels)"
    }
    return "no pod or workload is \(reference.words); finished and hostNetwork pods cannot be endpoints"
  }

  private func explanation(
    _ from: End, _ sender: IPAddress, _ to: End, _ receiver: IPAddress, _ traffic: TrafficReference?
  ) -> Explanation {
    let asked = traffic.map { (transport: $0.transport, port: $0.port) }
    let judges = judges(specification, from, sender, to, receiver)
    func trace(_ own: End, _ direction: Direction, _ peer: End, _ address: IPAddress) -> DirectionTrace? {
      own.pod.flatMap { pod in
        guard specification.classIndex(ofPod: pod) != nil else { return nil }
        let trace = tracer.trace(
          cluster.pods[pod], direction,
          peer: TracedPeer(address: address, pod: peer.pod.map { cluster.pods[$0] }), traffic: asked)
        return judges == .clusterTiers ? trace.ofClusterTiers : trace
      }
    }
    let isDecided = judges == .none
    return Explanation(
      source: from.name, destination: to.name, sourceAddress: from.isPlaceholder ? nil : sender,
      destinationAddress: to.isPlaceholder ? nil : receiver, traffic: traffic,
      allowed: specification.store.traffic(allowed(specification, from, sender, to, receiver)),
      isSelf: isOnePod(from, to), isAskedOfClusterTiers: judges == .clusterTiers,
      nodeTraffic: nodeTraffic(from, sender, to, receiver),
      egress: isDecided ? nil : trace(from, .egress, to, receiver),
      ingress: isDecided ? nil : trace(to, .ingress, from, sender), sourcePod: from.pod,
      destinationPod: to.pod, sourceExample: sender, destinationExample: receiver,
      mayHaveEitherFamily: !future.isOfEveryFamily)
  }

  /// The smallest edits that would let a denied connection pass, those first that allow the least besides; each is made to
  /// the model, which is then asked again. None where it passes already, or no protocol was asked for.
  ///
  /// - Parameter answer: an explanation of this cluster.
  /// - Returns: the edits, each plan by itself enough.
  /// - Complexity: an analysis of the two pods for each candidate; up to 10,000 pods, a comparison with the cluster as it is
  ///   for each that works.
  public func edits(allowing answer: Explanation) -> [AllowingEdits] {
    guard let traffic = answer.traffic else { return [] }
    let ends = [answer.sourcePod, answer.destinationPod].compactMap { $0 }
    let names = Set(ends.map { cluster.pods[$0].endpointName })
    let (sender, receiver) = (answer.sourceExample, answer.destinationExample)
    func end(_ pod: Int?, _ name: String, _ address: IPAddress) -> End {
      End(
        pod: pod, name: name, addresses: [address],
        isPlaceholder: pod.map { cluster.pods[$0].isPlaceholder } ?? false
      )
    }
    let from = end(answer.sourcePod, answer.source, sender)
    let to = end(answer.destinationPod, answer.destination, receiver)
    let search = EditSearch(cluster: cluster, written: written, answer: answer) { edited, direction in
      let specification = Specification(edited, in: DiagramStore()) { names.contains($0.endpointName) }
      let said = says(specification, from, sender, to, receiver)
      let allowed = direction == .egress ? said.sent : said.received
      return specification.store.traffic(allowed).contains(traffic.transport, traffic.port)
    }
    let families = Dictionary(
      cluster.pods.filter { !$0.addresses.isEmpty && !$0.isPlaceholder }.map {
        ($0.endpointName, Set($0.addresses.map(\.family)))
      }, uniquingKeysWith: { $0.union($1) })
    return search.found().flatMap { direction, plans in
      let plans = plans.map { plan($0, direction, answer, families) }
      // Sorting keeps what is alike in the order of the search.
      return plans.enumerated().sorted { left, right in
        if AllowingEdits.inReportOrder(left.element, right.element) { return true }
        if AllowingEdits.inReportOrder(right.element, left.element) { return false }
        return left.offset < right.offset
      }.map(\.element)
    }
  }

  private func plan(
    _ edits: [PolicyEdit], _ direction: Direction, _ answer: Explanation, _ families: [String: Set<IPFamily>]
  ) -> AllowingEdits {
    let edited = edits.reduce(cluster) { $1.applied(to: $0) }
    let subject = direction == .egress ? answer.sourcePod : answer.destinationPod
    let reach = EditReach(edits, in: cluster, subject: subject)
    return AllowingEdits(
      words: edits.map { $0.words(in: cluster) }, direction: direction, yaml: edits.yaml(in: edited),
      concernsOthers: reach.concernsOthers, touchedPods: reach.pods.count, edits: edits,
      effects: cluster.pods.count > Self.mostPodsCompared
        ? nil
        : EditEffects(
          Differ(specification, edited, node: node).compare(isOfFuturePods: false), beside: answer,
          families: families))
  }

  /// Up to how many pods each plan is compared with the cluster as it is.
  private static let mostPodsCompared = 10_000

  private func nodeTraffic(
    _ from: End, _ sender: IPAddress, _ to: End, _ receiver: IPAddress
  ) -> NodeTraffic? {
    nodes.traffic(
      from: from.pod.map { cluster.pods[$0] }, at: sender, to: to.pod.map { cluster.pods[$0] }, at: receiver)
  }

  /// The policies that are asked about a connection.
  private enum Judges {
    /// Those of all tiers.
    case all
    /// Those of the tiers of ClusterNetworkPolicy.
    case clusterTiers
    /// None: it is allowed.
    case none
  }

  private func judges(
    _ specification: Specification, _ from: End, _ sender: IPAddress, _ to: End, _ receiver: IPAddress
  ) -> Judges {
    if isOnePod(from, to) {
      return specification.clusterTiers == nil ? .none : .clusterTiers
    }
    return switch nodeTraffic(from, sender, to, receiver) {
    case nil, .toNode(_, .policies): .all
    case .toNodeByClusterTiers: .clusterTiers
    case .fromNode, .toNode(_, .open): .none
    }
  }

  private func allowed(
    _ specification: Specification, _ from: End, _ sender: IPAddress, _ to: End, _ receiver: IPAddress
  ) -> TrafficID {
    let (sent, received) = says(specification, from, sender, to, receiver)
    return specification.store.intersection(sent, received)
  }

  /// The traffic that the sender's egress allows, and that the receiver's ingress allows.
  func says(_ from: End, _ sender: IPAddress, _ to: End, _ receiver: IPAddress) -> (
    sent: TrafficID, received: TrafficID
  ) {
    says(specification, from, sender, to, receiver)
  }

  private func says(
    _ specification: Specification, _ from: End, _ sender: IPAddress, _ to: End, _ receiver: IPAddress
  ) -> (sent: TrafficID, received: TrafficID) {
    let judges = judges(specification, from, sender, to, receiver)
    if judges == .none { return (.everything, .everything) }
    let specification = judges == .clusterTiers ? specification.clusterTiers ?? specification : specification
    let store = specification.store
    let sent = from.pod.map {
      store.traffic(
        of: specification.profile(ofPod: $0, .egress).allowed(receiver.family), at: receiver.bits)
    }
    let received = to.pod.map {
      store.traffic(of: specification.profile(ofPod: $0, .ingress).allowed(sender.family), at: sender.bits)
    }
    return (sent ?? .everything, received ?? .everything)
  }
}
