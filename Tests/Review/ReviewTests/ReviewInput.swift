import Diagnostics
import KubernetesManifests
import PolicyModel
import Review
import TestSupport

/// Manifests as the review commands read them: workloads stand for pods.
struct ReviewInput {
  let contents: ManifestContents
  let networkPolicies: [NetworkPolicy]
  let cluster: Cluster
  let findings: [Diagnostic]
  /// The lines behind places.
  let quotations: Quotation
  var errors: [Diagnostic] { findings.filter { $0.severity == .error } }

  init(_ yaml: String...) {
    self.init(yaml.enumerated().map { ManifestSource(name: "\($0.offset).yaml", text: $0.element) })
  }

  init(fixtures: [String]) {
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
