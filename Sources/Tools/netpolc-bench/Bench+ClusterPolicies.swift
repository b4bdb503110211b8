import ArgumentParser
import ClusterGenerator
import Lowering
import PolicyModel
import Ruleset
import Verification

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Bench {
  /// One node of the cluster with a hundred ClusterNetworkPolicies, against the same without them: as the command does it, which
  /// puts the cluster together from what was read, and without that. In processor time: each step has one thread.
  func tiers() throws -> [Figure] {
    let (plainContents, tieredContents) = (contents, tieredContents)
    let (plain, tiered) = (cluster, tiered)
    func compile(_ cluster: Cluster) -> LoweredRuleset {
      var lowerer = Lowerer(cluster)
      return lowerer.lower(LoweringOptions(node: node))
    }
    var isProven = true
    var classes = 0
    func prove(_ cluster: Cluster, _ table: Table) {
      guard case .proven(let statistics) = Verifier.verify(table, for: cluster, node: node) else {
        isProven = false
        return
      }
      classes = statistics.classes
    }
    func whole(_ contents: ManifestContents) {
      let cluster = Cluster.resolve(contents).cluster
      prove(cluster, compile(cluster).table)
    }
    let command = Gauge.inTurns(runs, by: .processor, { whole(plainContents) }, { whole(tieredContents) })
    let resolved = Gauge.inTurns(
      runs, by: .processor, { prove(plain, compile(plain).table) }, { prove(tiered, compile(tiered).table) })
    let compiling = Gauge.inTurns(runs, by: .processor, { compile(plain) }, { compile(tiered) })
    let (before, lowered) = (compile(plain), compile(tiered))
    let proof = Gauge.inTurns(
      runs, by: .processor, { prove(plain, before.table) }, { prove(tiered, lowered.table) })
    guard isProven else { throw ValidationError("a node is not proved") }
    let without = "without these policies"
    let lists = clusterPolicyLists(tiered)
    let walks = lowered.table.chains.map(\.rules.count).max() ?? 0
    return [
      Figure(
        name: "resolve, compile and prove a node, 100 ClusterNetworkPolicies", cost: command.second,
        against: without, limit: command.first, target: 1.5,
        note:
          "\(lists.count) subject classes on the node, each under at most \(lists.map(\.count).max() ?? 0); \(classes) classes with NetworkPolicies"
      ),
      Figure(
        name: "compile and prove a node of a resolved cluster", cost: resolved.second, against: without,
        limit: resolved.first, target: 1.5,
        note: "\(lowered.counts.walkedTiers) lists walked in order, at most \(walks) rules each"),
      Figure(name: ". lower", cost: compiling.second, against: without, limit: compiling.first),
      Figure(name: ". meaning and proof", cost: proof.second, against: without, limit: proof.first),
      Figure(
        name: "elements of these policies", size: lowered.counts.elements - before.counts.elements,
        against: "the rules' peers, each set once", limit: lowered.counts.orderedPeers, target: 2),
    ]
  }

  /// `netpolc compile` of one node, as a whole process, with a hundred ClusterNetworkPolicies and without them, by turns: on the
  /// wall, and in time of all processors.
  func tierCommands() throws -> [Figure] {
    guard let program = program("netpolc") else {
      StandardErrorText.write("netpolc-bench: no netpolc beside this program: build it first\n")
      return []
    }
    let directory = try temporaryDirectory() + "/tiers"
    guard mkdir(directory, 0o777) == 0 else { throw ValidationError("\(directory) cannot be made") }
    let generated = GeneratedCluster(tieredShape)
    try generated.write(.json, toDirectory: directory)
    func line(_ names: [String]) -> String {
      let files = names.map { "'\(directory)/\($0).json'" }.joined(separator: " ")
      return
        "exec '\(program)' compile \(files) --node \(node) > '\(directory)/node.nft' 2> '\(directory)/log'"
    }
    let lines = [GeneratedCluster.commonFileNames, generated.fileNames].map(line)
    var (wall, processor): ([[Cost]], [[Cost]]) = ([[], []], [[], []])
    for _ in 0..<runs {
      for (place, line) in lines.enumerated() {
        let (cost, run) = Gauge.measure { Child.run(line) }
        guard run.status == 0 else {
          throw ValidationError("netpolc compile failed: \(Gauge.readFile("\(directory)/log") ?? "")")
        }
        wall[place].append(Cost(seconds: cost.seconds, peak: run.peak))
        processor[place].append(Cost(seconds: run.processor, peak: run.peak))
      }
    }
    return [("wall", wall), ("processor", processor)].map { clock, costs in
      Figure(
        name: "netpolc compile, one node, 100 ClusterNetworkPolicies, \(clock)", cost: .least(costs[1]),
        against: "without these policies", limit: .least(costs[0]), target: 1.5,
        note: "without: \(Words.bytes(Cost.least(costs[0]).peak))")
    }
  }

  private var tieredShape: ClusterShape {
    var shape = shape
    shape.clusterPolicies = 100
    return shape
  }

  /// The objects of the same cluster with a hundred ClusterNetworkPolicies.
  var tieredContents: ManifestContents { GeneratedCluster(tieredShape).contents }

  /// The same cluster with a hundred ClusterNetworkPolicies.
  var tiered: Cluster { Cluster.resolve(tieredContents).cluster }

  /// The subject classes of the node: the different lists of ClusterNetworkPolicies that its pods are under.
  private func clusterPolicyLists(_ cluster: Cluster) -> Set<[PolicyID]> {
    let policies = cluster.policies.filter(\.tier.isOfCluster)
    let lists = cluster.pods.filter { $0.isOn(node) && !$0.addresses.isEmpty }.map { pod in
      policies.filter { policy in
        guard case .matching(let selector) = policy.subjects.namespaces else { return false }
        return selector.matches(cluster.labels(ofNamespace: pod.namespace))
          && policy.subjects.pods.matches(pod.labels)
      }.map(\.id)
    }
    return Set(lists).subtracting([[]])
  }
}
