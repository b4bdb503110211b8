#if os(Linux)
  public import Addresses
  public import Diagnostics
  import LinuxNet
  public import PolicyModel
  import Wording

  /// The routes that lead to a node's pods, which the check of sources goes by.
  public struct PodRoutes: Sendable {
    /// A pod's address to which no interface is routed.
    private struct Unrouted {
      let pod: String
      let address: IPAddress
    }

    private var unrouted: [Unrouted] = []
    /// The pods that are routed to each interface.
    private var pods: [String: Set<String>] = [:]
    private var failure: SystemFailure?

    /// Looks up the route to each address of a node's pods, in the calling thread's network namespace. O(addresses).
    ///
    /// - Parameters:
    ///   - cluster: the pods.
    ///   - node: the node that this is; nil: every pod is looked at.
    public init(_ cluster: Cluster, node: String?) {
      for pod in cluster.pods where node.map(pod.isOn) ?? true {
        for address in pod.addresses { lookUp(address, of: pod.displayName) }
      }
    }

    private mutating func lookUp(_ address: IPAddress, of pod: String) {
      do throws(SystemFailure) {
        if let interface = try Routes.interface(to: address) {
          pods[interface, default: []].insert(pod)
        } else {
          unrouted.append(Unrouted(pod: pod, address: address))
        }
      } catch {
        failure = error
        unrouted.append(Unrouted(pod: pod, address: address))
      }
    }

    /// True where a route leads straight to one of some addresses.
    public static func lead(toAnyOf addresses: [IPAddress]) -> Bool {
      addresses.contains { interface(to: $0) != nil }
    }

    /// The interface that a route leads straight to an address by; nil where there is none, or it cannot be read.
    public static func interface(to address: IPAddress) -> String? {
      (try? Routes.interface(to: address)) ?? nil
    }

    /// Modes with facts from the routes: the addresses that cannot be checked, and, where none are given, the names of pods'
    /// interfaces.
    public func completing(_ modes: EnforcementModes) -> EnforcementModes {
      guard modes.sourceCheck != .off else { return modes }
      var modes = modes
      modes.uncheckedSources = unrouted.map(\.address)
      if modes.sourceCheck == .pods, modes.podInterfaces.isEmpty { modes.podInterfaces = Array(pods.keys) }
      return modes
    }

    /// Findings about the check of sources in some modes: pods that it leaves out, and bridges whose pods it cannot distinguish
    /// apart.
    public func diagnostics(_ modes: EnforcementModes) -> [Diagnostic] {
      guard modes.sourceCheck != .off else { return [] }
      var found: [Diagnostic] = []
      if let failure {
        found.append(
          Diagnostic(.warning, id: "no-route", at: nil, "the routes to pods cannot be read: \(failure)"))
      }
      if !unrouted.isEmpty {
        let names = unrouted.map { "\(ForeignText($0.pod)) (\($0.address))" }
        let count = Counting.of(unrouted.count, "address")
        found.append(
          Diagnostic(
            .warning, id: "no-route", at: nil,
            "no route leads straight to \(count) of this node's pods, whose packets are not checked for their source: "
              + Counting.first(3, of: names)))
      }
      for (interface, pods) in pods.sorted(by: { $0.key < $1.key })
      where pods.count > 1 && BridgeFacts.isBridge(interface) {
        found.append(
          Diagnostic(
            .warning, id: "shared-bridge", at: nil,
            "\(pods.count) pods are on bridge \(ForeignText(interface)): --source-check \(modes.sourceCheck.rawValue) cannot "
              + "distinguish them, so that one of them can use the address of another"))
      }
      return found
    }
  }
#endif
