import ArgumentParser
import ClusterGenerator
import Documents
import KubernetesManifests
import PolicyModel
import Reachability
import PolicyDiff
import PolicyLint
import ReviewPages

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Bench {
  /// The number of edits between the two revisions; every second one is an edit of a policy.
  private static let edits = 20

  private static let inventory = ["namespaces.json", "nodes.json", "pods.json"]

  /// The files of two revisions: paths of inventory and policies.
  private func revisions() throws -> (old: Revision, new: Revision) {
    let directory = try temporaryDirectory()
    _ = try jsonFiles()
    let later = "\(directory)/later"
    if mkdir(later, 0o777) == 0 {
      try GeneratedCluster(shape).edited(Self.edits).write(.json, toDirectory: later)
    }
    return (Revision(directory), Revision(later))
  }

  private struct Revision {
    let inventory: [String]
    let policies: String

    init(_ directory: String) {
      inventory = Bench.inventory.map { "\(directory)/\($0)" }
      policies = "\(directory)/policies.json"
    }

    func read(_ paths: [String]) -> ManifestContents {
      ManifestReader().read(ManifestLoader().load(paths).sources).contents
    }

    func cluster(_ inventory: ResolvedInventory) -> Cluster {
      Cluster.resolve(read([policies]).policies, inventory).cluster
    }

    func readInventory() -> ResolvedInventory {
      ResolvedInventory(read(inventory), subjects: .podsAndWorkloads)
    }
  }

  /// Two revisions from their files to what differs, against one from its files to what it means.
  func diff() throws -> [Figure] {
    let (old, new) = try revisions()
    var changes = 0
    let (one, shared) = Gauge.inTurns(
      runs, { Specification(old.cluster(old.readInventory())) },
      {
        let inventory = old.readInventory()
        let diff = Differ(old.cluster(inventory), new.cluster(inventory)).compare()
        changes = diff.changes.count
        return diff
      })
    let apart = Gauge.least(of: runs) {
      Differ(old.cluster(old.readInventory()), new.cluster(new.readInventory())).compare()
    }
    let against = "read and mean one revision"
    return [
      Figure(
        name: "diff over one inventory, \(changes) changes", cost: shared, against: against, limit: one,
        target: 1.5, memoryTarget: 1_000_000_000),
      Figure(
        name: "diff of two inventories", cost: apart, against: against, limit: one,
        memoryTarget: 1_000_000_000),
    ]
  }

  /// Every rule of lint over what was read.
  func lint() throws -> [Figure] {
    let contents = contents
    let written = GeneratedCluster(shape).policies
    let cluster = Cluster.resolve(contents, subjects: .podsAndWorkloads).cluster
    let unit = try readingTime()
    var findings = 0
    let own = Gauge.least(of: runs) { findings = Linter().run(contents, written, cluster).findings.count }
    return [
      Figure(
        name: "lint, \(findings) findings", cost: own, against: "simdjson reads the cluster", limit: unit,
        target: 10 / unit.seconds, note: "target: 10 s")
    ]
  }

  /// The page about who may talk to whom, of about two thousand classes at the most.
  func page() throws -> [Figure] {
    var small = shape
    (small.pods, small.policies) = (min(shape.pods, 20_000), min(shape.policies, 2_000))
    let cluster = Cluster.resolve(GeneratedCluster(small).contents).cluster
    var bytes = 0
    let (meaning, page) = Gauge.inTurns(
      runs, { Specification(cluster) },
      {
        let text = HTMLConnectivity(cluster, facts: []).text
        bytes = text.utf8.count
        return text
      })
    return [
      Figure(
        name: "page of \(cluster.pods.count) pods, \(Words.bytes(bytes))", cost: page,
        against: "their meaning", limit: meaning)
    ]
  }

  /// Several files at the same time, against one after the other. YAML, for a large file of JSON is read by all
  /// processors as it is.
  func files() throws -> [Figure] {
    let count = 8
    let pods = min(shape.pods, 10_000) / count
    let sources = (0..<count).map { number in
      let cluster = GeneratedCluster(ClusterShape(pods: pods, policies: 0, seed: UInt64(number)))
      return ManifestSource(name: "pods-\(number).yaml", bytes: cluster.text(of: "pods", .yaml))
    }
    let bytes = sources.reduce(0) { $0 + $1.count }
    let (apart, together) = Gauge.inTurns(
      runs, { sources.map { ManifestReader().read([$0]) } }, { ManifestReader().read(sources) })
    return [
      Figure(
        name: "read \(count) files of YAML at once, \(Words.bytes(bytes))", cost: together,
        against: "one after the other", limit: apart, target: 0.6)
    ]
  }
}
