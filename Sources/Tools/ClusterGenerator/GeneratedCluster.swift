import Addresses
import Diagnostics
public import KubernetesManifests
public import PolicyModel

/// The size of a cluster.
public struct ClusterShape: Sendable, Hashable {
  /// The number of pods.
  public var pods: Int
  /// The number of policies.
  public var policies: Int
  /// The number of ClusterNetworkPolicies, of 25 rules each way.
  public var clusterPolicies: Int
  /// The seed of all random choices.
  public var seed: UInt64
  /// The number of nodes in a thousand whose pods have an IPv6 address too.
  public var dualStack: Int
  /// The number of pods on a node.
  public var podsOfNode: Int

  /// A shape; about a quarter of the nodes is dual stack, each node runs a hundred pods.
  public init(
    pods: Int, policies: Int, clusterPolicies: Int = 0, seed: UInt64 = 1, dualStack: Int = 250,
    podsOfNode: Int = 100
  ) {
    self.pods = pods
    self.policies = policies
    self.clusterPolicies = clusterPolicies
    self.seed = seed
    self.dualStack = dualStack
    self.podsOfNode = podsOfNode
  }
}

/// A cluster as uneven as real ones: few namespaces hold most pods, most workloads have few replicas and some have
/// hundreds, most policies select by one label, some by address. Depends on its shape only.
public struct GeneratedCluster: Sendable {
  /// The namespaces of the cluster.
  public private(set) var namespaces: [Namespace]
  /// The nodes of the cluster.
  public private(set) var nodes: [Node]
  /// The pods, by namespace and name.
  public internal(set) var pods: [Pod]
  /// The policies of the cluster.
  public internal(set) var policies: [NetworkPolicy]
  /// The ClusterNetworkPolicies of the cluster.
  public let clusterPolicies: [Policy]
  let shape: ClusterShape

  /// The cluster of a shape. O(n) in pods and policies.
  public init(_ shape: ClusterShape) {
    self.shape = shape
    var random = SeededRandom(seed: shape.seed)
    let layout = Layout(shape, &random)
    namespaces = layout.namespaces
    nodes = layout.nodes
    // As the API server lists them.
    pods = layout.pods(&random).sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    policies = PolicyMaker(layout).policies(shape.policies, &random)
    clusterPolicies = ClusterPolicyMaker(layout).policies(shape.clusterPolicies, &random)
  }

  /// The cluster as a reading of its manifests gives it.
  public var contents: ManifestContents {
    var contents = ManifestContents()
    contents.namespaces = namespaces
    contents.nodes = nodes
    contents.pods = pods
    contents.policies = policies.map(\.policy) + clusterPolicies
    return contents
  }

  /// The cluster some time later, after `count` changes: pods that come, go or are relabelled, policies that come, go
  /// or get another port, each kind in turn.
  public func edited(_ count: Int) -> GeneratedCluster {
    var later = self
    var random = SeededRandom(seed: shape.seed ^ 0x5eed)
    for edit in 0..<count { later.edit(edit, &random) }
    return later
  }

  private mutating func edit(_ number: Int, _ random: inout SeededRandom) {
    switch number % 6 {
    case 0 where !pods.isEmpty:
      let place = random.below(pods.count)
      pods[place].labels = pods[place].labels.setting("version", to: "v\(random.among(10...99))")
    case 1 where !policies.isEmpty:
      let place = random.below(policies.count)
      policies[place] = PolicyMaker.withAnotherPort(policies[place], UInt16(random.among(2000...60000)))
    case 2 where pods.count > 1:
      pods.remove(at: random.below(pods.count))
    case 3 where !pods.isEmpty:
      var pod = pods[random.below(pods.count)]
      guard let node = nodes.first(where: { $0.name == pod.node }), !pod.hostNetwork else { return }
      pod.name += "-\(number)"
      // Above the hundred that a node begins with.
      let host = UInt128(128 + number / 6 % 120)
      pod.addresses = node.podCIDRs.map { IPAddress($0.family, bits: $0.base.bits + host) }
      pods.append(pod)
    case 4 where policies.count > 1:
      policies.remove(at: random.below(policies.count))
    case 5 where !policies.isEmpty:
      let model = policies[random.below(policies.count)]
      policies.append(PolicyMaker.copy(of: model, named: "\(model.id.name)-\(number)"))
    default: break
    }
  }
}

/// Where generated objects say they come from.
let generatedOrigin = Origin(SourceLocation(file: "generated", line: 1, column: 1), field: "")
