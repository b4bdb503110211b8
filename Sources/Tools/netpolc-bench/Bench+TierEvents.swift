import ArgumentParser
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import Verification

extension Bench {
  /// Pods of other nodes that go and come again, one by one, under a hundred ClusterNetworkPolicies: what an event costs a node, and its
  /// proof, against the node compiled and proved as a whole. In processor time.
  func tierEvents() throws -> [Figure] {
    let (cluster, node) = (tiered, node)
    let options = LoweringOptions(node: node)
    var session = try IncrementalCompiler(tieredContents, options)
    let others = cluster.pods.filter { !$0.isOn(node) && !$0.addresses.isEmpty && $0.claimants.isEmpty }
    let events = (0..<50).map { others[$0 * others.count / 50] }.flatMap { pod in
      [ClusterEvent.podRemoved(namespace: pod.namespace, name: pod.name), .pod(pod)]
    }
    var (taking, slicing, proving): ([Double], [Double], [Double]) = ([], [], [])
    var isProven = true
    for event in events {
      let (taken, change) = Gauge.measure(by: .processor) { session.apply([event]) }
      taking.append(taken.seconds)
      if change.delta.isEmpty { continue }
      let (found, slice) = Gauge.measure(by: .processor) { session.slice(of: change) }
      guard let slice else { continue }
      slicing.append(found.seconds)
      let (proved, result) = Gauge.measure(by: .processor) {
        Verifier.verify(slice.table, for: slice.cluster, node: node, families: slice.families)
      }
      proving.append(proved.seconds)
      isProven = isProven && result.isProven
    }
    guard isProven else { throw ValidationError("an event is not proved") }
    let table = session.table
    let (whole, proof) = Gauge.inTurns(
      runs, by: .processor,
      {
        var lowerer = Lowerer(cluster)
        return lowerer.lower(options).table
      }, { Verifier.verify(table, for: cluster, node: node) })
    func middle(_ seconds: [Double]) -> Cost {
      Cost(seconds: seconds.isEmpty ? 0 : seconds.sorted()[seconds.count / 2], peak: nil)
    }
    let most = "at most \(Words.seconds(taking.max() ?? 0))"
    return [
      Figure(
        name: "a pod elsewhere comes or goes, 100 ClusterNetworkPolicies", cost: middle(taking),
        against: "compiling the node", limit: whole, note: most),
      Figure(
        name: ". its slice", cost: middle(slicing), against: "compiling the node", limit: whole,
        note: "\(slicing.count) of \(events.count) events; others change nothing, or need the whole"),
      Figure(name: ". its proof", cost: middle(proving), against: "proving the node", limit: proof),
    ]
  }
}
