public import Addresses

/// The word of the container runtime about the addresses of this node's pods: from a sandbox's ADD to its DEL.
public struct SandboxAttachment: Sendable, Hashable {
  /// The sandbox and its interface: `container/interface`.
  public let id: String
  /// The pod's namespace.
  public let namespace: String
  /// The pod's name.
  public let name: String
  /// The pod's UID as the runtime knows it; empty where it gave none.
  public let uid: String
  /// The addresses that the sandbox has.
  public let addresses: [IPAddress]

  /// Makes an attachment of its parts.
  public init(id: String, namespace: String, name: String, uid: String, addresses: [IPAddress]) {
    self.id = id
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.addresses = addresses
  }
}
