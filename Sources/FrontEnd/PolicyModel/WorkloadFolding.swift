/// Workloads put together with the pods and workloads that they own, so that each pod of today and each template counts once.
struct WorkloadFolding {
  /// The workloads that stand for pods to come: without pods of today, and with no owner that stands for the same.
  private(set) var standing: [Pod] = []
  /// The workloads that run no pod (`spec.replicas: 0`).
  private(set) var idle: [Pod] = []
  /// The workloads whose pods are on the host network.
  private(set) var onHost: [Pod] = []

  private struct Name: Hashable {
    let namespace: String
    let workload: WorkloadReference
  }

  /// Labels that controllers write into the pods of one template, so that they are not the template's own.
  private static let generated: Set<String> = [
    "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid",
    "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name",
    "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "rollouts-pod-template-hash",
    "batch.kubernetes.io/job-completion-index",
  ]

  /// Folds workloads; the pods' owners become the last known ones above them. O(pods + workloads).
  init(_ workloads: [Pod], pods: inout [Pod]) {
    let known = Dictionary(
      workloads.map {
        (Name(namespace: $0.namespace, workload: WorkloadReference(kind: $0.kind, name: $0.name)), $0)
      },
      uniquingKeysWith: { first, _ in first })
    if workloads.isEmpty { return }
    // For each workload the labels and ports of its pods of today.
    var running: [Name: Set<Template>] = [:]
    for index in pods.indices {
      guard let owner = Self.top(of: pods[index], known) else { continue }
      if pods[index].owner != owner { pods[index].owner = owner }
      let name = Name(namespace: pods[index].namespace, workload: owner)
      if known[name] != nil { running[name, default: []].insert(Template(pods[index])) }
    }
    for workload in workloads {
      let own = WorkloadReference(kind: workload.kind, name: workload.name)
      var workload = workload
      let top = Self.top(of: workload, known)
      workload.owner = top
      let template = Template(workload)
      if let top, let above = known[Name(namespace: workload.namespace, workload: top)],
        Template(above) == template
      {
        continue
      }
      if workload.hostNetwork {
        onHost.append(workload)
      } else if workload.replicas == 0 {
        idle.append(workload)
      } else if !(running[Name(namespace: workload.namespace, workload: own)]?.contains(template) ?? false) {
        standing.append(workload)
      }
    }
  }

  /// The part of a template that policies see, without the labels that controllers add.
  private struct Template: Hashable {
    let labels: [Labels.Pair]
    let ports: [NamedPort]

    init(_ pod: Pod) {
      labels = pod.labels.pairs.filter { !WorkloadFolding.generated.contains($0.key) }
      ports = pod.namedPorts
    }
  }

  /// The last known workload above an object; its controller itself where nothing above that is known.
  private static func top(of pod: Pod, _ known: [Name: Pod]) -> WorkloadReference? {
    guard var owner = pod.owner else { return nil }
    // A chain has three members at the most; one that goes in a circle ends too.
    for _ in 0..<8 {
      let next: WorkloadReference?
      if let above = known[Name(namespace: pod.namespace, workload: owner)] {
        next = above.owner
      } else if owner.kind == "ReplicaSet", let hash = pod.labels["pod-template-hash"],
        owner.name.hasSuffix("-\(hash)")
      {
        // The replica set was not listed; its name says the deployment's.
        let deployment = WorkloadReference(
          kind: "Deployment", name: String(owner.name.dropLast(hash.count + 1)))
        next = known[Name(namespace: pod.namespace, workload: deployment)] == nil ? nil : deployment
      } else {
        next = nil
      }
      guard let next else { break }
      owner = next
    }
    return owner
  }
}
