import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel

/// An inventory that several revisions of policies share, read and put together once.
final class SharedInventory {
  private let contents: ManifestContents
  /// The findings about the inventory.
  let diagnostics: [Diagnostic]
  private let namespace: String
  private let kinds: WorkloadKinds
  private lazy var resolved = ResolvedInventory(contents, subjects: .podsAndWorkloads)

  /// Reads the inventory at these paths.
  init(_ paths: [String], _ options: InventoryOptions, _ workloads: WorkloadOptions) {
    (namespace, kinds) = (options.namespace, workloads.kinds)
    let read = Self.read(
      paths, ManifestReader(defaultNamespace: options.namespace, inventoryOnly: true, workloadKinds: kinds))
    diagnostics = read.diagnostics
    var contents = read.contents
    contents.podCIDRs = workloads.blocks
    self.contents = contents
  }

  /// The cluster of this inventory and of what paths hold beside, with what is to be said about the latter, and what can be
  /// quoted of it. The cluster is of use only if neither they nor the inventory have errors.
  func cluster(of paths: [String]) -> (
    cluster: Cluster, diagnostics: [Diagnostic], sources: [ManifestSource]
  ) {
    var own = Self.read(paths, ManifestReader(defaultNamespace: namespace, workloadKinds: kinds))
    let together: (cluster: Cluster, diagnostics: [Diagnostic])
    if own.contents.hasInventory {
      own.contents.append(contents)
      together = Cluster.resolve(own.contents, subjects: .podsAndWorkloads)
    } else {
      together = Cluster.resolve(own.contents.policies, resolved)
    }
    let isReadable = !(own.diagnostics + diagnostics).contains { $0.severity == .error }
    return (together.cluster, own.diagnostics + (isReadable ? together.diagnostics : []), own.sources)
  }

  private static func read(
    _ paths: [String], _ reader: ManifestReader
  ) -> (contents: ManifestContents, diagnostics: [Diagnostic], sources: [ManifestSource]) {
    let loaded = ManifestLoader().load(paths)
    let read = reader.read(loaded.sources)
    return (read.contents, loaded.diagnostics + read.diagnostics, loaded.sources)
  }
}
