public import Addresses

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
  /// True where the condition `Ready` of the status is `True`.
  public var ready: Bool
  /// True where `addresses` are examples of those that it may get, because it has none yet.
  public var isPlaceholder = false
  /// The replicas; negative where there are none. Small fields stand side by side: a cluster has many pods.
  private var writtenReplicas: Int32
  /// Named ports of containers, then of sidecars (init containers that restart always), in the order written.
  public var namedPorts: [NamedPort] { didSet { portNumbers = PortNumbers(namedPorts) } }
  /// The numbers behind the names, where there are too many to look through; nil for the few ports of a usual pod.
  private var portNumbers: PortNumbers?
  /// The controller in `metadata.ownerReferences`, or above that the one at the end of the chain where it is known.
  public var owner: WorkloadReference?
  /// `spec.replicas` of a workload; nil where none is written, and for a pod.
  public var replicas: Int? {
    get { writtenReplicas < 0 ? nil : Int(writtenReplicas) }
    set { writtenReplicas = newValue.map { Int32(clamping: $0) } ?? -1 }
  }
  /// Where it was written.
  public var origin: Origin
  /// The pods with an equal claim to the addresses, two or more; empty for a pod that has its addresses alone.
  public internal(set) var claimants: [Pod] = []

  /// Creates a pod.
  public init(
    namespace: String, name: String, kind: String = "Pod", labels: Labels = Labels(),
    addresses: [IPAddress] = [],
    node: String? = nil, hostNetwork: Bool = false, phase: Phase = .running, deleting: Bool = false,
    ready: Bool = false, namedPorts: [NamedPort] = [], owner: WorkloadReference? = nil, replicas: Int? = nil,
    origin: Origin
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
    self.ready = ready
    self.namedPorts = namedPorts
    portNumbers = PortNumbers(namedPorts)
    self.owner = owner
    writtenReplicas = replicas.map { Int32(clamping: $0) } ?? -1
    self.origin = origin
  }

  /// The text `namespace/name`.
  public var displayName: String { "\(namespace)/\(name)" }

  /// True for a workload: it stands for pods, of which two may have a connection with each other.
  public var isSeveral: Bool { kind != "Pod" }

  /// True where the pod is finished (`Succeeded` or `Failed`).
  public var isFinished: Bool { phase == .succeeded || phase == .failed }

  /// The number behind a port name: the first container port of that name and protocol, as kubelet and the
  /// endpoints controller resolve it (`podutil.FindPort`); nil when the pod has none. O(1) on average.
  public func number(ofPort name: String, _ transport: TransportProtocol) -> UInt16? {
    if let portNumbers { return portNumbers.number(of: name, transport) }
    return namedPorts.first { $0.name == name && $0.transport == transport }?.number
  }
}

/// The numbers of many named ports by name and protocol.
private struct PortNumbers: Hashable, Sendable {
  private struct Key: Hashable {
    let name: String
    let transport: TransportProtocol
  }

  /// So many ports are looked through.
  private static let few = 16

  private var numbers: [Key: UInt16] = [:]

  /// The numbers of ports, of equal names the first; nil for a few ports.
  init?(_ ports: [NamedPort]) {
    guard ports.count > Self.few else { return nil }
    for port in ports.reversed() { numbers[Key(name: port.name, transport: port.transport)] = port.number }
  }

  func number(of name: String, _ transport: TransportProtocol) -> UInt16? {
    numbers[Key(name: name, transport: transport)]
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
