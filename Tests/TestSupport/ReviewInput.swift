public import Diagnostics
import Documents
public import KubernetesManifests
public import PolicyModel

/// Manifests as the review commands read them: workloads stand for pods.
public struct ReviewInput {
  /// The objects that were read.
  public let contents: ManifestContents
  /// The policies as they were written.
  public let networkPolicies: [NetworkPolicy]
  /// Policies and pods, workloads among them.
  public let cluster: Cluster
  /// Findings of reading and of putting together.
  public let findings: [Diagnostic]
  /// The lines behind places.
  public let quotations: ([SourceLocation]) -> [SourceLocation: String]
  /// The findings that are errors.
  public var errors: [Diagnostic] { findings.filter { $0.severity == .error } }

  /// Reads texts of YAML, named `0.yaml`, `1.yaml` ….
  public init(_ yaml: String...) {
    self.init(yaml.enumerated().map { ManifestSource(name: "\($0.offset).yaml", text: $0.element) })
  }

  /// Reads one text under a name, such as that of a revision's file.
  public init(named name: String, _ yaml: String) { self.init([ManifestSource(name: name, text: yaml)]) }

  /// Reads files and directories of `Fixtures/`.
  public init(fixtures: [String]) {
    self.init(ManifestLoader(workingDirectory: Fixtures.path("")).load(fixtures).sources)
  }

  private init(_ sources: [ManifestSource]) {
    quotations = { places in
      places.reduce(into: [:]) { found, place in
        found[place] = sources.first { $0.name == place.file }?.line(place.line)
      }
    }
    let read = ManifestReader().read(sources)
    let resolved = Cluster.resolve(read.contents, subjects: .podsAndWorkloads)
    contents = read.contents
    networkPolicies = read.networkPolicies
    cluster = resolved.cluster
    findings = read.diagnostics + resolved.diagnostics
  }
}
