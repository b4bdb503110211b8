import ClusterGenerator
import Diagnostics
import Lowering
import Documents
import KubernetesManifests
import PolicyModel
import Reachability
import TestSupport
import Testing
import Verification

@Suite("Generated clusters", .bounded)
struct GeneratedClusterTests {
  private static let shape = ClusterShape(pods: 600, policies: 150, seed: 7, podsOfNode: 60)

  /// Reads the files of a cluster as they would be written.
  private func read(_ cluster: GeneratedCluster, _ format: ManifestFormat) throws -> Cluster {
    let sources = cluster.fileNames.map {
      ManifestSource(name: "\($0).\(format.rawValue)", bytes: cluster.text(of: $0, format))
    }
    let reading = ManifestReader().read(sources)
    #expect(reading.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
    let resolved = Cluster.resolve(reading.contents)
    #expect(resolved.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
    return resolved.cluster
  }

  @Test("One seed gives one cluster, another seed another")
  func seeds() {
    let one = GeneratedCluster(Self.shape)
    #expect(one.text(of: "pods", .json) == GeneratedCluster(Self.shape).text(of: "pods", .json))
    var other = Self.shape
    other.seed = 8
    #expect(one.text(of: "policies", .json) != GeneratedCluster(other).text(of: "policies", .json))
    #expect(one.pods.count == 600)
    #expect(one.policies.count == 150)
  }

  @Test("What is written reads back without an error, and says the same in both formats", arguments: [0, 40])
  func formats(edits: Int) throws {
    let generated = GeneratedCluster(Self.shape).edited(edits)
    let direct = InputDigests(Cluster.resolve(generated.contents).cluster)
    for format in ManifestFormat.allCases {
      #expect(InputDigests(try read(generated, format)) == direct, "\(format)")
    }
  }

  @Test("ClusterNetworkPolicies are in a file of their own and read back; all else is the same without them")
  func clusterPolicies() throws {
    var shape = Self.shape
    shape.clusterPolicies = 30
    let (plain, generated) = (GeneratedCluster(Self.shape), GeneratedCluster(shape))
    #expect(plain.fileNames == GeneratedCluster.commonFileNames)
    #expect(generated.fileNames == plain.fileNames + ["cluster-policies"])
    for name in plain.fileNames { #expect(generated.text(of: name, .json) == plain.text(of: name, .json)) }
    let direct = Cluster.resolve(generated.contents).cluster
    for format in ManifestFormat.allCases {
      let cluster = try read(generated, format)
      #expect(InputDigests(cluster) == InputDigests(direct), "\(format)")
      let policies = cluster.policies.filter(\.tier.isOfCluster)
      #expect(policies.count == 30)
      #expect(policies.allSatisfy { $0.ingress?.count == 25 && $0.egress?.count == 25 })
      #expect(policies.map(\.ingress?.first?.name) == Array(repeating: "rule-0", count: 30))
    }
  }

  @Test("Edits change the cluster, the same each time")
  func edits() {
    let before = GeneratedCluster(Self.shape)
    let after = before.edited(12)
    #expect(after.text(of: "pods", .json) != before.text(of: "pods", .json))
    #expect(after.text(of: "policies", .json) != before.text(of: "policies", .json))
    #expect(after.text(of: "pods", .json) == GeneratedCluster(Self.shape).edited(12).text(of: "pods", .json))
  }

  @Test("A generated cluster compiles to a ruleset that is proven")
  func proven() {
    let cluster = Cluster.resolve(GeneratedCluster(Self.shape).contents).cluster
    var lowerer = Lowerer(cluster)
    let result = Verifier(Specification(cluster)).verify(lowerer.lower().table)
    #expect(result.isProven)
  }

  @Test("Pods are as long as kubectl prints them")
  func sizes() {
    let bytes = GeneratedCluster(Self.shape).text(of: "pods", .json).count / 600
    #expect((6000...7200).contains(bytes), "\(bytes) bytes a pod")
  }
}
