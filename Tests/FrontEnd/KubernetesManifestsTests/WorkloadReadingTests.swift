import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("workloads and what they own", .bounded)
struct WorkloadReadingTests {
  private static func workload(
    _ kind: String, _ version: String, _ name: String, _ spec: String = "", owner: String = "",
    pod: String = ""
  ) -> String {
    """
    ---
    kind: \(kind)
    apiVersion: \(version)
    metadata: {name: \(name), namespace: shop\(owner)}
    spec: {\(spec)template: {metadata: {labels: {app: web}}, spec: {\(pod)containers: [{name: c, image: x}]}}}

    """
  }

  private static func ownedBy(_ kind: String, _ name: String) -> String {
    ", ownerReferences: [{apiVersion: apps/v1, kind: \(kind), name: \(name), controller: true, uid: u}]"
  }

  private static func pod(
    _ name: String, owner: String, _ labels: String = "app: web, pod-template-hash: abc"
  ) -> String {
    """
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: \(name), namespace: shop, labels: {\(labels)}\(owner)}
    spec: {containers: [{name: c, image: x}]}
    status: {phase: Running, podIP: 10.0.0.\(name.utf8.last.map { $0 - 48 } ?? 0)}

    """
  }

  @Test("a replication controller and a kind with a pod template stand for pods; the latter is told")
  func kinds() {
    let input = ReviewInput(
      Self.workload("ReplicationController", "v1", "rc")
        + Self.workload("Rollout", "argoproj.io/v1alpha1", "ro")
        + "---\nkind: Application\napiVersion: argoproj.io/v1alpha1\nmetadata: {name: a}\nspec: {template: {spec: 7}}\n"
    )
    #expect(input.errors.isEmpty, "\(input.errors)")
    #expect(input.cluster.pods.map(\.endpointName) == ["shop/ReplicationController/rc", "shop/Rollout/ro"])
    #expect(input.cluster.pods.allSatisfy { $0.labels == ["app": "web"] })
    #expect(input.contents.skipped == ["Application": 1])
    let note = input.findings.first { $0.id == "custom-workload" }
    #expect(note?.severity == .note && note?.message.hasPrefix("1 Rollout stands for pods") == true)
  }

  @Test("--workload-kind adds a path and leaves kinds out")
  func chosenKinds() throws {
    var kinds = WorkloadKinds()
    #expect(kinds.add("!Rollout") && kinds.add("!Job") && kinds.add("ScaledJob=spec.jobTargetRef.template"))
    #expect(!kinds.add("=x") && !kinds.add("A=") && !kinds.add("A=metadata.x") && !kinds.add("A B"))
    let yaml =
      Self.workload("Rollout", "argoproj.io/v1alpha1", "ro") + Self.workload("Job", "batch/v1", "job")
        + """
        ---
        kind: ScaledJob
        apiVersion: keda.sh/v1alpha1
        metadata: {name: s, namespace: shop}
        spec: {jobTargetRef: {template: {metadata: {labels: {app: s}}, spec: {containers: [{name: c}]}}}}
        """
    let read = ManifestReader(workloadKinds: kinds).read([ManifestSource(name: "a.yaml", text: yaml)])
    #expect(read.contents.workloads.map(\.kind) == ["ScaledJob"])
    #expect(read.contents.skipped == ["Job": 1, "Rollout": 1])
  }

  @Test("no replicas are no pod of today")
  func idle() {
    let input = ReviewInput(
      Self.workload("ReplicaSet", "apps/v1", "old", "replicas: 0, ")
        + Self.workload("Deployment", "apps/v1", "web", "replicas: 2, "))
    #expect(input.cluster.pods.map(\.name) == ["web"])
    #expect(input.cluster.idle.map(\.endpointName) == ["shop/ReplicaSet/old"])
  }

  @Test("a template on the host network is on the host network")
  func hostNetwork() {
    let input = ReviewInput(Self.workload("DaemonSet", "apps/v1", "node", pod: "hostNetwork: true, "))
    #expect(input.cluster.pods.isEmpty && input.cluster.omitted.hostNetwork == ["shop/DaemonSet/node"])
  }

  @Test("a deployment, its replica sets and their pods are the pods")
  func folded() {
    let set = Self.ownedBy("Deployment", "web")
    let sets =
      Self.workload("ReplicaSet", "apps/v1", "web-abc", owner: set)
      + Self.workload("ReplicaSet", "apps/v1", "web-old", "replicas: 0, ", owner: set)
    let deployment = Self.workload("Deployment", "apps/v1", "web")
    let pods =
      Self.pod("web-abc-1", owner: Self.ownedBy("ReplicaSet", "web-abc"))
      + Self.pod("web-abc-2", owner: Self.ownedBy("ReplicaSet", "web-abc"))
    let all = ReviewInput(deployment + sets + pods).cluster
    #expect(all.pods.map(\.name) == ["web-abc-1", "web-abc-2"])
    #expect(all.pods.allSatisfy { $0.owner == WorkloadReference(kind: "Deployment", name: "web") })
    // Without the replica sets: the name and the hash say the deployment.
    #expect(ReviewInput(deployment + pods).cluster.pods.map(\.name) == ["web-abc-1", "web-abc-2"])
    #expect(ReviewInput(deployment + sets).cluster.pods.map(\.endpointName) == ["shop/Deployment/web"])
    // Pods of an earlier template do not stand for the one that is written now.
    let former = Self.pod(
      "web-abc-1", owner: Self.ownedBy("ReplicaSet", "web-abc"), "app: former, pod-template-hash: abc")
    #expect(
      ReviewInput(deployment + former).cluster.pods.map(\.endpointName) == [
        "shop/web-abc-1", "shop/Deployment/web",
      ])
  }
}
