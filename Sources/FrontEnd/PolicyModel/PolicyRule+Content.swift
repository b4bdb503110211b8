extension PolicyRule {
  /// True where two rules do and match the same by the same fields, wherever they were written.
  public func saysTheSame(as other: PolicyRule) -> Bool {
    action == other.action && peers.entries.elementsEqual(other.peers.entries) { $0.kind == $1.kind }
      && nodes.map(\.selector) == other.nodes.map(\.selector)
      && ports.entries.elementsEqual(other.ports.entries) {
        $0.transport == $1.transport && $0.ports == $1.ports
      }
  }
}
