import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TableLayout
import TestSupport
import Testing
import Verification

@Suite("The slice of a table in which a change is judged", .bounded)
struct TableSliceTests {
  static let modes = EnforcementModes(
    unknownPodBlocks: [CIDR(IPAddress(.ipv4, bits: 0x0af4_0100), prefixLength: 24)], sourceCheck: .local)

  static func isProven(_ table: Table, _ cluster: Cluster) -> Bool {
    Verifier(Specification(cluster, node: RandomCluster.node), modes: modes).verify(table).isProven
  }

  /// The table with one element less in a set, or one more.
  static func changing(_ table: Table, _ set: String, _ key: ElementKey) -> Table? {
    var table = table
    guard let place = table.sets.firstIndex(where: { $0.name == set }) else { return nil }
    if let known = table.sets[place].elements.firstIndex(of: key) {
      table.sets[place].elements.remove(at: known)
    } else {
      table.sets[place].elements.append(key)
      table.sets[place].elements.sort()
    }
    return table
  }

  /// Packets between a changed pod of another node and an own pod without its like in the slice, of which the policies say
  /// something else than before; and the number of packets that were compared.
  private static func unjudged(
    _ change: IncrementalCompiler.Change, _ slice: TableSlice, _ before: ManifestContents,
    _ after: ManifestContents
  ) -> (packets: [String], count: Int) {
    let (former, now) = (
      PlainEvaluator(before, node: RandomCluster.node), PlainEvaluator(after, node: RandomCluster.node)
    )
    func own(_ contents: ManifestContents) -> [Pod] {
      Cluster.resolve(contents).cluster.pods.filter { $0.node == RandomCluster.node }
    }
    let (ownBefore, ownAfter) = (own(before), own(after))
    let addresses = change.addresses.filter { address in
      !(ownBefore + ownAfter).contains { $0.addresses.contains(address) }
    }
    var (packets, count): ([String], Int) = ([], 0)
    for pod in ownAfter where ownBefore.contains(pod) {
      let isThere = slice.cluster.pods.contains {
        $0.node == pod.node && $0.namespace == pod.namespace && $0.labels == pod.labels
          && $0.namedPorts == pod.namedPorts
      }
      if isThere { continue }
      for other in addresses {
        for address in pod.addresses where address.family == other.family {
          for (transport, port) in [(UInt8(6), UInt16(80)), (6, 443), (6, 8080), (17, 53), (132, 9)] {
            for (source, destination) in [(address, other), (other, address)] {
              let attempt = ConnectionAttempt(source, destination, transport, port)
              count += 1
              if former.allows(attempt) != now.allows(attempt) { packets.append(attempt.description) }
            }
          }
        }
      }
    }
    return (packets, count)
  }

  @Test("a slice is proved where the whole is, and a wrong element about a changed pod is found in it", .long)
  func slices() throws {
    var (slices, besideShared, faults, found, compared) = (0, 0, 0, 0, 0)
    for seed in UInt64(301)...330 {
      var random = RandomEvents(seed: seed, pods: 24, policies: 8)
      // Maps of peers leave no slice.
      var session = try IncrementalCompiler(
        random.contents, LoweringOptions(node: RandomCluster.node, denseFrom: 1_000, modes: Self.modes))
      for step in 0..<20 {
        let events = random.next()
        let before = random.contents
        random.take(events)
        let change = session.apply(events)
        let taken = session.slice(of: change)
        #expect(session.hasCurrentReadings, "seed \(seed), step \(step)")
        guard let slice = taken else { continue }
        slices += 1
        // Other nodes' pods with one address are no reason to judge the whole.
        if session.resolvedCluster.pods.contains(where: { !$0.claimants.isEmpty }) { besideShared += 1 }
        #expect(Self.isProven(slice.table, slice.cluster), "seed \(seed), step \(step)")
        let sets = Set(slice.table.sets.map(\.name))
        for set in change.delta.changedSets {
          #expect(sets.contains(set.set.name), "seed \(seed), step \(step): \(set.set.name) changes")
        }
        let (wrongs, more) = Self.unjudged(change, slice, before, random.contents)
        #expect(wrongs.isEmpty, "seed \(seed), step \(step)")
        compared += more
        guard faults < 150, let address = change.addresses.sorted().first else { continue }
        let (whole, cluster) = (session.table, session.resolvedCluster)
        for set in whole.sets where set.key == [address.family.dataType] {
          let key = ElementKey(address.bits)
          guard let wrong = Self.changing(whole, set.name, key),
            let part = Self.changing(slice.table, set.name, key)
          else { continue }
          faults += 1
          // A fault of the whole is one of the slice.
          if Self.isProven(wrong, cluster) { continue }
          found += 1
          #expect(
            !Self.isProven(part, slice.cluster), "seed \(seed), step \(step), \(set.name), \(address)")
        }
      }
    }
    #expect(compared > 500, "\(compared) comparisons")
    #expect(slices > 30 && found > 30, "\(slices) slices, \(faults) faults, \(found) that matter")
    #expect(besideShared > 10, "\(besideShared) slices beside addresses of several pods")
  }

  @Test("where policies and pods changed together, or a ClusterNetworkPolicy did, there is no slice")
  func mixed() throws {
    let random = RandomEvents(seed: 1, pods: 30, policies: 12)
    var session = try IncrementalCompiler(random.contents, LoweringOptions(node: RandomCluster.node))
    let policy = try #require(random.contents.policies.first)
    let pod = try #require(Cluster.resolve(random.contents).cluster.pods.first { !$0.addresses.isEmpty })
    let change = session.apply([
      .policyRemoved(policy.id), .podRemoved(namespace: pod.namespace, name: pod.name),
    ])
    let slice = session.slice(of: change)
    #expect(slice == nil)
    let clusterPolicies = RandomClusterPolicies(seed: 3).contents.policies
    let clusterPolicy = try #require(clusterPolicies.first { $0.id.kind == .clusterNetworkPolicy })
    let came = session.apply([.policy(clusterPolicy)])
    let other = session.slice(of: came)
    #expect(other == nil)
    var everyNode = try IncrementalCompiler(random.contents)
    let gone = everyNode.apply([.podRemoved(namespace: pod.namespace, name: pod.name)])
    let whole = everyNode.slice(of: gone)
    #expect(whole == nil)
  }
}
