import KubernetesManifests

extension ManifestReader {
  /// The reader of every command: the place that names the kinds of policies beyond Kubernetes' own, if there are any.
  init(namespace: String, _ kinds: WorkloadKinds, inventoryOnly: Bool = false) {
    self.init(defaultNamespace: namespace, inventoryOnly: inventoryOnly, workloadKinds: kinds)
  }
}
