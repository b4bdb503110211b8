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
  private lazy var resolved: ResolvedInventory = {
    var contents = self.contents
    contents.addMissingIngressControllers()
    return ResolvedInventory(contents, subjects: .podsAndWorkloads)
  }()

  private let loader: ManifestLoader
  /// The files and documents of the inventory's directories that were not read.
  let leftOut: LeftOut
  /// The sources of the inventory that are small enough to be quoted.
  let sources: [ManifestSource]
  /// The patterns that left out a file of the inventory.
  let matched: Set<PathPattern>

  /// Reads the inventory at these paths; a loader leaves out what settings exclude.
  init(
    _ paths: [String], _ options: InventoryOptions, _ workloads: WorkloadOptions,
    loader: ManifestLoader? = nil
  ) {
    (namespace, kinds) = (options.namespace, workloads.kinds)
    self.loader = loader ?? options.loader()
    let read = Self.read(
      paths, ManifestReader(namespace: namespace, kinds, inventoryOnly: true), self.loader)
    (diagnostics, leftOut, matched) = (read.diagnostics, read.leftOut, read.matched)
    sources = read.sources.filter(Quotations.canQuote)
    var contents = read.contents
    contents.podCIDRs = workloads.blocks
    contents.ingressControllers = workloads.controllers
    self.contents = contents
  }

  /// A revision of policies with the inventory.
  struct Revision {
    /// Of use only if neither it nor the inventory has errors.
    let cluster: Cluster
    /// Findings about the revision, the inventory apart.
    let diagnostics: [Diagnostic]
    let sources: [ManifestSource]
    let leftOut: LeftOut
    let networkPolicies: [NetworkPolicy]
    let matched: Set<PathPattern>
    /// Where the namespaces are written.
    let namespaces: [String: Origin]
    /// Where the pods and workloads on the host network are written.
    let hostNetwork: [String: Origin]
    /// The policies of other projects among the paths.
    let unenforced: [UnenforcedPolicy]
  }

  /// The cluster of this inventory and of what paths hold beside, with what is to be said about the latter, and what can be
  /// quoted of it. The cluster is of use only if neither they nor the inventory have errors.
  func cluster(of paths: [String]) -> (
    cluster: Cluster, diagnostics: [Diagnostic], sources: [ManifestSource]
  ) {
    let revision = revision(of: paths)
    return (revision.cluster, revision.diagnostics, revision.sources)
  }

  /// The same with all that is known of it, read by another loader if one is given.
  func revision(of paths: [String], loader: ManifestLoader? = nil) -> Revision {
    var own = Self.read(paths, ManifestReader(namespace: namespace, kinds), loader ?? self.loader)
    let together: (cluster: Cluster, diagnostics: [Diagnostic])
    if own.contents.hasInventory {
      own.contents.append(contents)
      own.contents.addMissingIngressControllers()
      together = Cluster.resolve(own.contents, subjects: .podsAndWorkloads)
    } else {
      together = Cluster.resolve(own.contents.policies, resolved)
    }
    let written = own.contents.hasInventory ? own.contents : contents
    // Field by field: a whole pod costs a count up and down for each of its parts.
    func onHost(_ pods: [Pod]) -> [Pod] {
      pods.indices.filter { pods[$0].hostNetwork }.map { pods[$0] }
    }
    let hosted = onHost(written.pods) + onHost(written.workloads)
    let isReadable = !(own.diagnostics + diagnostics).contains { $0.severity == .error }
    return Revision(
      cluster: together.cluster, diagnostics: own.diagnostics + (isReadable ? together.diagnostics : []),
      sources: own.sources, leftOut: own.leftOut, networkPolicies: own.networkPolicies, matched: own.matched,
      namespaces: Self.places(written.namespaces.map { ($0.name, $0.origin) }),
      hostNetwork: Self.places(hosted.map { ($0.isSeveral ? $0.endpointName : $0.displayName, $0.origin) }),
      unenforced: own.unenforced)
  }

  private static func places(_ named: [(String, Origin?)]) -> [String: Origin] {
    Dictionary(
      named.compactMap { name, origin in origin.map { (name, $0) } }, uniquingKeysWith: { first, _ in first })
  }

  private struct Read {
    var contents: ManifestContents
    let diagnostics: [Diagnostic]
    let sources: [ManifestSource]
    let leftOut: LeftOut
    let networkPolicies: [NetworkPolicy]
    let matched: Set<PathPattern>
    let unenforced: [UnenforcedPolicy]
  }

  private static func read(_ paths: [String], _ reader: ManifestReader, _ loader: ManifestLoader) -> Read {
    let loaded = loader.loadTree(paths)
    let read = reader.read(loaded.sources)
    var leftOut = loaded.leftOut
    leftOut.append(read.leftOut)
    leftOut.add(kinds: read.contents.skipped)
    return Read(
      contents: read.contents, diagnostics: loaded.diagnostics + read.diagnostics, sources: loaded.sources,
      leftOut: leftOut, networkPolicies: read.networkPolicies, matched: loaded.matched,
      unenforced: read.unenforced)
  }
}
