public import Diagnostics
import Documents
public import KubernetesManifests
public import PolicyModel

/// Manifests of a fixture, read as the commands read them.
public struct Scenario: Sendable {
  /// What the manifests say.
  public let contents: ManifestContents
  /// The NetworkPolicy objects as they are written.
  public let networkPolicies: [NetworkPolicy]
  /// The cluster they make.
  public let cluster: Cluster
  /// What there is to say about them.
  public let diagnostics: [Diagnostic]

  /// Reads files and folders below `Fixtures/`.
  public init(_ fixtures: String...) {
    let loaded = ManifestLoader().load(fixtures.map(Fixtures.path))
    let read = ManifestReader().read(loaded.sources)
    let resolved = Cluster.resolve(read.contents)
    contents = read.contents
    networkPolicies = read.networkPolicies
    cluster = resolved.cluster
    diagnostics = loaded.diagnostics + read.diagnostics + resolved.diagnostics
  }

  /// Reads one text.
  public init(yaml: String) {
    let read = ManifestReader().read([ManifestSource(name: "test.yaml", text: yaml)])
    let resolved = Cluster.resolve(read.contents)
    contents = read.contents
    networkPolicies = read.networkPolicies
    cluster = resolved.cluster
    diagnostics = read.diagnostics + resolved.diagnostics
  }

  /// The findings that are errors.
  public var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
}
