import Addresses
import PolicyModel

/// One end of a connection that may be there already, or not: a pod, or an address that is no pod's.
struct PossibleEnd {
  /// The pod with its addresses; nil outside.
  let pod: Pod?
  /// The labels of its namespace.
  let namespaceLabels: Labels
  /// Its addresses, each asked about for itself.
  let addresses: [IPAddress]
  /// The policies that select it in the direction of the connection, in the order in which they are asked.
  let policies: [Policy]
  /// True where it stands for several pods: then a connection from it to itself is one between two of them.
  var isSeveral = true
  /// The name of the end, for messages.
  let name: String

  /// True where its addresses are those that it has: not for a pod to come or without an address, of which these are examples.
  var isDefinite: Bool { pod.map { $0.kind != FuturePods.kind && !$0.isPlaceholder } ?? true }

  /// The same end, as one that only these policies select.
  func with(_ policies: [Policy]) -> PossibleEnd {
    PossibleEnd(
      pod: pod, namespaceLabels: namespaceLabels, addresses: addresses, policies: policies,
      isSeveral: isSeveral, name: name)
  }

  /// True where both are one pod, and no other that would be like it.
  func isOnly(_ other: PossibleEnd) -> Bool {
    guard let pod, let twin = other.pod, !isSeveral, !other.isSeveral else { return false }
    return pod.name == twin.name && pod.namespace == twin.namespace && pod.kind == twin.kind
  }
}
