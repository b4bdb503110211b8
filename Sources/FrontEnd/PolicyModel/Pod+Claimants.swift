import Addresses
import Diagnostics

/// Addresses that several pods have an equal claim to, as when a node restarted: the objects of its former pods still show
/// addresses that other pods have now. It is unknown which pod sent a packet, so it may do only what each of the pods
/// may.
extension Pod {
  /// The pods that the addresses may be of: the pod itself, or each of its claimants.
  public var readings: [Pod] { claimants.isEmpty ? [self] : claimants }

  /// True where the pod, or any claimant, runs on a node.
  public func isOn(_ node: String) -> Bool {
    self.node == node || claimants.contains { $0.node == node }
  }

  /// True where this pod, or any claimant, has a name.
  public func isNamed(_ name: String, in namespace: String) -> Bool {
    if claimants.isEmpty { return self.name == name && self.namespace == namespace }
    return claimants.contains { $0.namespace == namespace && $0.name == name }
  }

  /// The priority of the pod's claim to an address, 0 to 7: one that is not being deleted comes before one that is, then a
  /// running one before one that is not, then a ready one before one that is not.
  public var claimPriority: Int { (deleting ? 0 : 4) + (phase == .running ? 2 : 0) + (ready ? 1 : 0) }

  /// One pod for the addresses that several have an equal claim to. It is in the namespace of the first one, and its port
  /// names stand for numbers that all of them agree on.
  ///
  /// - Parameters:
  ///   - claimants: the pods, ascending by namespace and name, two or more.
  ///   - addresses: the addresses that these pods claim, and no other does.
  init(claimedBy claimants: [Pod], _ addresses: [IPAddress]) {
    self = claimants[0]
    self.addresses = addresses
    name = ([name] + claimants.dropFirst().map(\.displayName)).joined(separator: " or ")
    namedPorts = namedPorts.filter { port in
      claimants.allSatisfy { $0.number(ofPort: port.name, port.transport) == port.number }
    }
    self.claimants = claimants.map { claimant in
      var reading = claimant
      reading.addresses = addresses
      return reading
    }
  }

  /// The reason why this pod's claim comes before another's.
  func precedence(over other: Pod) -> String {
    if deleting != other.deleting { return "\(displayName) is not being deleted" }
    if (phase == .running) != (other.phase == .running) { return "\(displayName) is running" }
    return "\(displayName) is ready"
  }
}
