import Addresses
import NodeCompiler
import PolicyModel

/// The addresses of this node's pods to which no route leads, so that packets with these sources are not checked.
///
/// A pod that comes later is treated like one that was there at the start: its addresses are looked up once, when they are
/// reported.
struct UncheckedAddresses {
  private struct Name: Hashable {
    let namespace: String
    let name: String
  }

  private let node: String
  private let isNeeded: Bool
  private let addresses: Set<IPAddress>
  /// The interfaces of pods that the table names; nil where it has none, or patterns that were given.
  private let interfaces: Set<String>?
  private var looked: [Name: [IPAddress]] = [:]
  private let wait: Duration
  private var due: ContinuousClock.Instant

  /// Nothing is checked, and nothing is looked up.
  init() { (node, isNeeded, addresses, interfaces, wait, due) = ("", false, [], nil, .zero, .now) }

  /// The state of a table that was made just now.
  ///
  /// - Parameters:
  ///   - addresses: those that were found without a route.
  ///   - pods: the pods that were looked at.
  ///   - node: the node that this is.
  ///   - isNeeded: whether the table checks sources at all.
  ///   - interfaces: the interfaces that were found by the routes; nil where they were not asked for.
  ///   - wait: the time until the addresses are looked at again, and between two looks.
  init(
    _ addresses: [IPAddress], of pods: [Pod], node: String, isNeeded: Bool, interfaces: Set<String>? = nil,
    wait: Duration = .seconds(60)
  ) {
    (self.wait, due) = (wait, .now + wait)
    self.node = node
    self.isNeeded = isNeeded
    self.addresses = Set(addresses)
    self.interfaces = interfaces
    for pod in pods where isNeeded && pod.node == node {
      looked[Name(namespace: pod.namespace, name: pod.name)] = pod.addresses
    }
  }

  /// True where a route leads to one of them by now. Looks at most once in a wait.
  mutating func haveRoute() -> Bool {
    guard !addresses.isEmpty, due <= .now else { return false }
    due = .now + wait
    return PodRoutes.lead(toAnyOf: Array(addresses))
  }

  /// True where events contain an address of a pod here to which no route leads, and which the table checks, or to which
  /// an interface leads that the table does not know.
  mutating func grow(by events: [ClusterEvent]) -> Bool {
    guard isNeeded else { return false }
    var areMore = false
    for event in events {
      switch event {
      case .pod(let pod) where pod.node == node && !pod.hostNetwork && !pod.isFinished:
        let name = Name(namespace: pod.namespace, name: pod.name)
        guard looked[name] != pod.addresses else { continue }
        looked[name] = pod.addresses
        for address in pod.addresses {
          if let interface = PodRoutes.interface(to: address) {
            if interfaces?.contains(interface) == false { areMore = true }
          } else if !addresses.contains(address) {
            areMore = true
          }
        }
      case .podRemoved(let namespace, let name): looked[Name(namespace: namespace, name: name)] = nil
      default: continue
      }
    }
    return areMore
  }
}
