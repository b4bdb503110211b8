import Addresses
import Diagnostics

/// An inventory put together: the part of `Cluster.resolve` that does not ask for policies.
public struct ResolvedInventory: Sendable {
  /// The namespaces that were written.
  let namespaces: [String: Labels]
  /// The same as `Cluster.pods`.
  let pods: [Pod]
  /// The same as `Cluster.podRuns`.
  let podRuns: [Range<Int>]
  /// Ascending by name.
  let nodes: [Node]
  /// The pods that were left out of `pods`, and the reasons.
  let omitted: Cluster.Omissions
  /// The same as `Cluster.idle`.
  let idle: [Pod]
  /// The same as `Cluster.podCIDRs`.
  let podCIDRs: [CIDR]
  /// Errors where two objects contradict each other.
  let diagnostics: [Diagnostic]

  /// Puts together what was read; its policies are not looked at. O(n log n) in the number of objects.
  public init(_ contents: ManifestContents, subjects: Cluster.Subjects) {
    var diagnostics: [Diagnostic] = []
    let written = Cluster.unique(
      contents.namespaces.filter { $0.origin != nil }, by: \.name, kind: { _ in "Namespace" },
      { $0.origin ?? .nowhere }, isSame: { $0.effectiveLabels == $1.effectiveLabels }, &diagnostics)
    nodes = Cluster.unique(
      contents.nodes, by: \.name, kind: { _ in "Node" }, \.origin,
      isSame: {
        $0.labels == $1.labels && $0.addresses == $1.addresses && $0.podCIDRs == $1.podCIDRs
      }, &diagnostics)
    let allPods = Cluster.uniquePods(contents.pods, &diagnostics)

    var omitted = Cluster.Omissions()
    var endpoints: [Pod] = []
    endpoints.reserveCapacity(allPods.count)
    for pod in allPods {
      if pod.isFinished {
        omitted.finished.append(pod.displayName)
      } else if pod.hostNetwork {
        omitted.hostNetwork.append(pod.displayName)
        if !pod.addresses.isEmpty { omitted.hostAddresses[pod.displayName] = pod.addresses }
      } else if pod.addresses.isEmpty {
        if subjects == .podsAndWorkloads { endpoints.append(pod) }
        omitted.withoutAddress.append(pod.displayName)
      } else {
        endpoints.append(pod)
      }
    }
    Cluster.settleAddresses(&endpoints, &omitted, &diagnostics)
    if subjects == .podsAndWorkloads {
      let workloads = WorkloadFolding(Cluster.uniquePods(contents.workloads, &diagnostics), pods: &endpoints)
      endpoints += workloads.standing
      idle = workloads.idle
      omitted.hostNetwork += workloads.onHost.map(\.endpointName)
      diagnostics += Self.notes(contents.customWorkloads)
    } else {
      idle = []
    }
    podCIDRs = Set(contents.podCIDRs).sorted()
    pods = endpoints
    podRuns = Cluster.runs(of: endpoints)
    self.omitted = omitted

    var namespaces: [String: Labels] = [:]
    for namespace in written {
      namespaces[namespace.name] = namespace.effectiveLabels
    }
    self.namespaces = namespaces
    Cluster.overlappingNodes(nodes, &diagnostics)
    self.diagnostics = diagnostics
  }

  /// Says that objects of kinds that are known only by their pod template stand for pods.
  private static func notes(_ kinds: [String: Int]) -> [Diagnostic] {
    kinds.sorted { $0.key < $1.key }.map { kind, count in
      Diagnostic(
        .note, id: "custom-workload", at: nil,
        "\(count) \(kind)\(count == 1 ? " stands for pods: it has" : " objects stand for pods: they have") a pod template (--workload-kind '!\(kind)' leaves \(count == 1 ? "it" : "them") out)"
      )
    }
  }
}
