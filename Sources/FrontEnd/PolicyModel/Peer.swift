/// The other end of a rule's traffic: one entry of `from` or `to`.
public struct Peer: Sendable, Hashable {
  /// The kinds of entries.
  public enum Kind: Sendable, Hashable {
    /// Addresses, a pod's or not (`ipBlock`).
    case ipBlock(IPBlock)
    /// Pods that both selectors match (`namespaceSelector` and `podSelector`). An absent `podSelector` is `{}` here.
    case pods(NamespaceScope, LabelSelector)
  }

  /// The addresses or pods.
  public let kind: Kind
  /// The place where it was written.
  public let origin: Origin
  /// The selector of nodes of whose addresses this entry is one; nil where it was written as it is.
  public let nodes: LabelSelector?

  /// Creates an entry.
  public init(_ kind: Kind, origin: Origin, nodes: LabelSelector? = nil) {
    self.kind = kind
    self.origin = origin
    self.nodes = nodes
  }
}
