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

  var content: PodContent

  /// The pod's namespace.
  public var namespace: String {
    _read { yield content.fields.namespace }
    _modify {
      own()
      yield &content.fields.namespace
    }
  }
  /// The pod's name.
  public var name: String {
    _read { yield content.fields.name }
    _modify {
      own()
      yield &content.fields.name
    }
  }
  /// The kind of the object that it was read from: `Pod`, or `Deployment` and the like for future pods.
  public var kind: String {
    _read { yield content.fields.details.kind }
    set {
      own()
      content.fields.details.kind = newValue
    }
  }
  /// The pod's labels.
  public var labels: Labels {
    _read { yield content.fields.labels }
    _modify {
      own()
      yield &content.fields.labels
    }
  }
  /// `status.podIPs` (and `status.podIP`), each once.
  public var addresses: [IPAddress] {
    _read { yield content.fields.addresses }
    _modify {
      own()
      yield &content.fields.addresses
    }
  }
  /// `spec.nodeName`, or nil while it is not scheduled.
  public var node: String? {
    _read { yield content.fields.node }
    _modify {
      own()
      yield &content.fields.node
    }
  }
  /// `spec.hostNetwork`: the pod shares its node's addresses.
  public var hostNetwork: Bool {
    _read { yield content.fields.hostNetwork }
    _modify {
      own()
      yield &content.fields.hostNetwork
    }
  }
  /// The pod's phase, from `status.phase`.
  public var phase: Phase {
    _read { yield content.fields.phase }
    _modify {
      own()
      yield &content.fields.phase
    }
  }
  /// True where `metadata.deletionTimestamp` is set.
  public var deleting: Bool {
    _read { yield content.fields.deleting }
    _modify {
      own()
      yield &content.fields.deleting
    }
  }
  /// True where the condition `Ready` of the status is `True`.
  public var ready: Bool {
    _read { yield content.fields.ready }
    _modify {
      own()
      yield &content.fields.ready
    }
  }
  /// Named ports of containers, then of sidecars (init containers that restart always), in the order written.
  public var namedPorts: [NamedPort] {
    _read { yield content.fields.namedPorts }
    _modify {
      own()
      yield &content.fields.namedPorts
    }
  }
  /// The controller in `metadata.ownerReferences`, or above that the one at the end of the chain where it is known.
  public var owner: WorkloadReference? {
    _read { yield content.fields.details.owner }
    set {
      own()
      content.fields.details.owner = newValue
    }
  }
  /// `spec.replicas` of a workload; nil where none is written, and for a pod.
  public var replicas: Int? {
    get { content.fields.details.replicas < 0 ? nil : Int(content.fields.details.replicas) }
    set {
      own()
      content.fields.details.replicas = newValue.map { Int32(clamping: $0) } ?? -1
    }
  }
  /// True where `addresses` are examples of those that it may get, because it has none yet.
  public var isPlaceholder: Bool {
    _read { yield content.fields.details.isPlaceholder }
    set {
      own()
      content.fields.details.isPlaceholder = newValue
    }
  }
  /// Where it was written.
  public var origin: Origin {
    _read { yield content.fields.details.origin }
    set {
      own()
      content.fields.details.origin = newValue
    }
  }
  /// The pods with an equal claim to the addresses, two or more; empty for a pod that has its addresses alone.
  public internal(set) var claimants: [Pod] {
    _read { yield content.fields.details.claimants }
    set {
      own()
      content.fields.details.claimants = newValue
    }
  }

  /// Creates a pod.
  public init(
    namespace: String, name: String, kind: String = "Pod", labels: Labels = Labels(),
    addresses: [IPAddress] = [],
    node: String? = nil, hostNetwork: Bool = false, phase: Phase = .running, deleting: Bool = false,
    ready: Bool = false, namedPorts: [NamedPort] = [], owner: WorkloadReference? = nil, replicas: Int? = nil,
    origin: Origin
  ) {
    var details = PodDetails()
    details.kind = kind
    details.owner = owner
    details.replicas = replicas.map { Int32(clamping: $0) } ?? -1
    details.origin = origin
    content = PodContent(
      .init(
        namespace: namespace, name: name, labels: labels, addresses: addresses, node: node,
        hostNetwork: hostNetwork, phase: phase, deleting: deleting, ready: ready, namedPorts: namedPorts,
        details: details))
  }

  /// Forgets what only reviews of manifests ask about: place, controller, replicas.
  public mutating func dropReviewDetails() {
    own()
    var details = content.fields.details
    details.owner = nil
    details.replicas = -1
    details.origin = .nowhere
    content.fields.details = details
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
    if let portNumbers = content.fields.details.portNumbers { return portNumbers.number(of: name, transport) }
    return namedPorts.first { $0.name == name && $0.transport == transport }?.number
  }
}
