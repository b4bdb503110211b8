public import Addresses

/// A namespace (`corev1.Namespace`).
public struct Namespace: Sendable, Hashable {
  /// The label that every namespace carries, whose value is its name.
  public static let nameLabel = "kubernetes.io/metadata.name"

  /// The node's name.
  public let name: String
  /// The labels, as written.
  public let labels: Labels
  /// Where it was written; nil for one that is only named by pods or policies.
  public let origin: Origin?

  /// Creates a namespace.
  public init(name: String, labels: Labels = Labels(), origin: Origin? = nil) {
    self.name = name
    self.labels = labels
    self.origin = origin
  }

  /// The labels as the API server has them: always with the name label, whoever wrote what.
  var effectiveLabels: Labels {
    labels[Self.nameLabel] == name ? labels : labels.setting(Self.nameLabel, to: name)
  }
}

/// A port of a container that has a name (`corev1.ContainerPort`).
public struct NamedPort: Sendable, Hashable {
  /// The name that policies use.
  public let name: String
  /// The port's protocol.
  public let transport: TransportProtocol
  /// The number, 1 to 65535.
  public let number: UInt16

  /// A named port.
  public init(_ name: String, _ transport: TransportProtocol, _ number: UInt16) {
    self.name = name
    self.transport = transport
    self.number = number
  }
}

/// A pod (`corev1.Pod`), or a workload that stands for pods to come; only what policies ask about.
public struct Pod: Sendable, Hashable {
  /// The phase of a pod's life (`status.phase`).
  public enum Phase: String, Sendable, Hashable {
    /// Not all containers run yet; it may have an address.
    case pending = "Pending"
    /// At least one container runs.
    case running = "Running"
    /// All containers ended well: the pod has no address any more, whatever the object shows.
    case succeeded = "Succeeded"
    /// All containers ended, one badly: likewise no address any more.
    case failed = "Failed"
    /// The node does not answer, or no phase was written.
    case unknown = "Unknown"
  }

  /// The pod's namespace.
  public var namespace: String
  /// The pod's name.
  public var name: String
  /// The kind of the object that it was read from: `Pod`, or `Deployment` and the like for future pods.
  public var kind: String
  /// The pod's labels.
  public var labels: Labels
  /// `status.podIPs` (and `status.podIP`), each once.
  public var addresses: [IPAddress]
  /// `spec.nodeName`, or nil while it is not scheduled.
  public var node: String?
  /// `spec.hostNetwork`: the pod shares its node's addresses.
  public var hostNetwork: Bool
  /// The pod's phase, from `status.phase`.
  public var phase: Phase
  /// True where `metadata.deletionTimestamp` is set.
  public var deleting: Bool
  /// Named ports of containers, then of sidecars (init containers that restart always), in the order written.
  public var namedPorts: [NamedPort]
  /// Where it was written.
  public var origin: Origin

  /// Creates a pod.
  public init(
    namespace: String, name: String, kind: String = "Pod", labels: Labels = Labels(),
    addresses: [IPAddress] = [],
    node: String? = nil, hostNetwork: Bool = false, phase: Phase = .running, deleting: Bool = false,
    namedPorts: [NamedPort] = [], origin: Origin
  ) {
    self.namespace = namespace
    self.name = name
    self.kind = kind
    self.labels = labels
    self.addresses = addresses
    self.node = node
    self.hostNetwork = hostNetwork
    self.phase = phase
    self.deleting = deleting
    self.namedPorts = namedPorts
    self.origin = origin
  }

  /// The text `namespace/name`.
  public var displayName: String { "\(namespace)/\(name)" }

  /// True where the pod is finished (`Succeeded` or `Failed`).
  public var isFinished: Bool { phase == .succeeded || phase == .failed }

  /// The number behind a port name: the first container port of that name and protocol, as kubelet and the
  /// endpoints controller resolve it (`podutil.FindPort`); nil when the pod has none.
  public func number(ofPort name: String, _ transport: TransportProtocol) -> UInt16? {
    namedPorts.first { $0.name == name && $0.transport == transport }?.number
  }
}

/// A node (`corev1.Node`).
public struct Node: Sendable, Hashable {
  /// The node's name.
  public let name: String
  /// The node's labels.
  public let labels: Labels
  /// `status.addresses` that are IP addresses.
  public let addresses: [IPAddress]
  /// `spec.podCIDRs`: where the addresses of its pods come from.
  public let podCIDRs: [CIDR]
  /// Where it was written.
  public let origin: Origin

  /// Creates a node.
  public init(
    name: String, labels: Labels = Labels(), addresses: [IPAddress], podCIDRs: [CIDR], origin: Origin
  ) {
    self.name = name
    self.labels = labels
    self.addresses = addresses
    self.podCIDRs = podCIDRs
    self.origin = origin
  }
}

/// Everything that was read from manifests: policies and inventory, not yet checked against each other.
public struct ManifestContents: Sendable {
  /// Policies of every kind, as they are meant.
  public var policies: [Policy] = []
  /// The objects of kind Namespace.
  public var namespaces: [Namespace] = []
  /// The objects of kind Pod.
  public var pods: [Pod] = []
  /// Workloads that stand for pods without an address.
  public var workloads: [Pod] = []
  /// The objects of kind Node.
  public var nodes: [Node] = []
  /// The number of skipped objects of other kinds, by kind.
  public var skipped: [String: Int] = [:]

  /// Creates an empty inventory.
  public init() {}

  /// True where anything but policies was read.
  public var hasInventory: Bool {
    !(namespaces.isEmpty && pods.isEmpty && workloads.isEmpty && nodes.isEmpty)
  }

  /// Adds all that another reading found.
  public mutating func append(_ other: ManifestContents) {
    Self.add(other.policies, to: &policies)
    Self.add(other.namespaces, to: &namespaces)
    Self.add(other.pods, to: &pods)
    Self.add(other.workloads, to: &workloads)
    Self.add(other.nodes, to: &nodes)
    skipped.merge(other.skipped, uniquingKeysWith: +)
  }

  /// Behind nothing, a list is shared and not copied.
  private static func add<Object>(_ more: [Object], to list: inout [Object]) {
    if list.isEmpty { list = more } else { list += more }
  }
}
