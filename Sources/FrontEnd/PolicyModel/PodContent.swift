import Addresses

/// The content of a pod, which copies of it share until one is changed: a cluster's pods stand in several indices.
final class PodContent: @unchecked Sendable {
  /// The values of the pod's properties.
  struct Fields: Hashable {
    // The fields that are asked of every pod of a cluster stand side by side.
    var namespace: String
    var labels: Labels
    var claimants: [Pod] = []
    var addresses: [IPAddress]
    var node: String?
    var namedPorts: [NamedPort] { didSet { portNumbers = PortNumbers(namedPorts) } }
    var hostNetwork: Bool
    var phase: Pod.Phase
    var deleting: Bool
    var ready: Bool
    var isPlaceholder: Bool = false
    /// The replicas; negative where there are none.
    var replicas: Int32
    var name: String
    var kind: String
    /// The numbers behind the names, where there are too many to look through; nil for the few ports of a usual pod.
    var portNumbers: PortNumbers?
    var owner: WorkloadReference?
    var origin: Origin

    init(
      namespace: String, name: String, kind: String, labels: Labels, addresses: [IPAddress], node: String?,
      hostNetwork: Bool, phase: Pod.Phase, deleting: Bool, ready: Bool, namedPorts: [NamedPort],
      owner: WorkloadReference?, replicas: Int32, origin: Origin
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
      self.replicas = replicas
      self.origin = origin
    }
  }

  var fields: Fields

  init(_ fields: Fields) { self.fields = fields }
}

extension Pod {
  /// Equal where all that it says is equal.
  public static func == (left: Pod, right: Pod) -> Bool {
    left.content === right.content || left.content.fields == right.content.fields
  }

  /// Hashes all that it says.
  public func hash(into hasher: inout Hasher) { hasher.combine(content.fields) }

  /// Makes the content this value's alone, before it is changed.
  mutating func own() {
    if !isKnownUniquelyReferenced(&content) { content = PodContent(content.fields) }
  }
}
