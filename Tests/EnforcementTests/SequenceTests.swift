import Enforcement
import Glibc
import Lowering
import NFTables
import PolicyModel
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("after any sequence of changes the table is that of a fresh apply", .enabled(if: isRoot, needsRoot))
struct SequenceTests {
  /// A cluster from which pods and policies come and go, and in which pods change their labels.
  private struct Changing {
    private let pool: ManifestContents
    private var contents: ManifestContents
    private var generator: SeededGenerator

    init(seed: UInt64) {
      // The first cluster that is large enough to have something to change.
      var candidate = seed * 1000
      var found = RandomCluster(seed: candidate, pods: 30, policies: 16).contents
      while found.pods.count < 20 || found.policies.count < 10 {
        candidate += 1
        found = RandomCluster(seed: candidate, pods: 30, policies: 16).contents
      }
      pool = found
      contents = pool
      contents.pods = Array(pool.pods.prefix(8))
      contents.policies = Array(pool.policies.prefix(3))
      generator = SeededGenerator(seed: seed &* 31)
    }

    mutating func change() {
      switch Int.random(in: 0..<6, using: &generator) {
      case 0, 1:
        if let pod = pool.pods.randomElement(using: &generator) { toggle(pod) }
      case 2:
        if let policy = pool.policies.randomElement(using: &generator) { toggle(policy) }
      case 3:
        guard let index = contents.pods.indices.randomElement(using: &generator),
          let other = pool.pods.randomElement(using: &generator)
        else { return }
        contents.pods[index].labels = other.labels
      case 4:
        guard let index = contents.policies.indices.randomElement(using: &generator),
          let other = pool.policies.randomElement(using: &generator)
        else { return }
        contents.policies[index] = merged(contents.policies[index], rulesOf: other)
      default:
        guard let index = contents.policies.indices.randomElement(using: &generator),
          let other = pool.policies.randomElement(using: &generator)
        else { return }
        contents.policies[index] = merged(other, rulesOf: contents.policies[index])
      }
    }

    /// The first policy's subjects with the second one's rules, under the name of the one that is in the cluster.
    private func merged(_ policy: NetworkPolicy, rulesOf other: NetworkPolicy) -> NetworkPolicy {
      let id = contents.policies.contains { $0.id == policy.id } ? policy.id : other.id
      return NetworkPolicy(
        id: id, podSelector: policy.podSelector, policyTypes: Array(policy.isolates), ingress: other.ingress,
        egress: other.egress, origin: policy.origin)
    }

    private mutating func toggle(_ pod: Pod) {
      if let index = contents.pods.firstIndex(where: { $0.name == pod.name }) {
        contents.pods.remove(at: index)
      } else {
        contents.pods.append(pod)
      }
    }

    private mutating func toggle(_ policy: NetworkPolicy) {
      if let index = contents.policies.firstIndex(where: { $0.id == policy.id }) {
        contents.policies.remove(at: index)
      } else {
        contents.policies.append(policy)
      }
    }

    /// Small maps from few rules on, so that both layouts come up.
    func table(denseFrom: Int) -> Table {
      var lowerer = Lowerer(Cluster.resolve(contents).cluster)
      return lowerer.lower(LoweringOptions(node: RandomCluster.node, denseFrom: denseFrom)).table
    }
  }

  @Test("random changes", arguments: Array(1...repetitions("NETPOLC_TEST_SEQUENCES", 5)))
  func sequence(number: Int) throws {
    let node = try TrialNode()
    let fresh = try TrialNode()
    try node.client.apply("table ip foreign {\n chain c {\n counter\n }\n}\n")
    var changing = Changing(seed: UInt64(number))
    var differences = 0
    let denseFrom = number % 2 == 0 ? 3 : 9
    for step in 0..<101 {
      let table = changing.table(denseFrom: denseFrom)
      let report = try node.apply(table, readBack: .never)
      if case .difference = report.change { differences += 1 }
      if case .whole(let reason) = report.change, step > 0 {
        #expect(reason == .larger || reason == .restructured, "step \(step): \(reason)")
      }
      let installed = try node.installed()
      #expect(installed == table.normalized(), "seed \(number), step \(step)")
      if step % 10 == 0 {
        try fresh.client.apply(NFTPrinter.replacing(table))
        #expect(try fresh.installed() == installed, "seed \(number), step \(step)")
      }
      for _ in 0..<20 where changing.table(denseFrom: denseFrom) == table { changing.change() }
    }
    #expect(differences > 50)
    let foreign = try #require(NFTablesTable(family: "ip", name: "foreign"))
    #expect(try node.client.list(foreign, options: .stateless)?.contains("counter") == true)
  }

  @Test("two processes at once: one after the other, and the last one's table is whole")
  func twoAtOnce() throws {
    let node = try TrialNode()
    let manifests = try TrialManifests(in: node.directory, pods: 300)
    var expected: [Table] = []
    for revision in 0..<2 {
      #expect(try node.run(manifests.apply(revision)).status == 0)
      expected.append(try #require(try node.installed()))
    }
    #expect(expected[0] != expected[1])
    for _ in 0..<15 {
      let runs = try [0, 1, 0, 1].map { try node.start(manifests.apply($0)) }
      for run in runs {
        let ended = try run.end()
        #expect(ended.status == 0, "\(ended.errors)")
      }
      let installed = try #require(try node.installed())
      #expect(expected.contains(installed))
      let status = try node.namespace.run { try node.enforcer.status() }
      #expect(status.isAsInstalled)
    }
  }
}
