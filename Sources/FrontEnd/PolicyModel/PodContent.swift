import Addresses

/// The content of a pod, which copies of it share until one is changed: a cluster's pods stand in several indices.
final class PodContent: @unchecked Sendable {
  /// The values of the pod's properties.
  struct Fields: Hashable {
    var namespace: String
    var name: String
    var labels: Labels
    var addresses: [IPAddress]
    var node: String?
    var namedPorts: [NamedPort] { didSet { details.portNumbers = PortNumbers(namedPorts) } }
    var hostNetwork: Bool
    var phase: Pod.Phase
    var deleting: Bool
    var ready: Bool
    private var unusual: UnusualPodDetails?

    /// The properties that a pod of a cluster rarely has.
    var details: PodDetails {
      _read {
        if let unusual { yield unusual.details } else { yield PodDetails.usual }
      }
      set { unusual = newValue == .usual ? nil : UnusualPodDetails(newValue) }
    }

    init(
      namespace: String, name: String, labels: Labels, addresses: [IPAddress], node: String?,
      hostNetwork: Bool, phase: Pod.Phase, deleting: Bool, ready: Bool, namedPorts: [NamedPort],
      details: PodDetails
    ) {
      self.namespace = namespace
      self.name = name
      self.labels = labels
      self.addresses = addresses
      self.node = node
      self.hostNetwork = hostNetwork
      self.phase = phase
      self.deleting = deleting
      self.ready = ready
      self.namedPorts = namedPorts
      var details = details
      details.portNumbers = PortNumbers(namedPorts)
      self.details = details
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
