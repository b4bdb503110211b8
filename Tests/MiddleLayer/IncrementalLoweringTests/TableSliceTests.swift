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
  private static let modes = EnforcementModes(
    unknownPodBlocks: [CIDR(IPAddress(.ipv4, bits: 0x0af4_0100), prefixLength: 24)], sourceCheck: .local)

  private static func isProven(_ table: Table, _ cluster: Cluster) -> Bool {
    Verifier(Specification(cluster, node: RandomCluster.node), modes: modes).verify(table).isProven
  }

  /// The table with one element less in a set, or one more.
  private static func changing(_ table: Table, _ set: String, _ key: ElementKey) -> Table? {
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

  @Test(
    "a slice is proved where the whole is, and a wrong element about a changed pod is found in it",
    arguments: 1...12)
  func slices(seed: UInt64) throws {
    var random = RandomEvents(seed: seed &+ 300, pods: 30, policies: 12)
    var session = try IncrementalCompiler(
      random.contents, LoweringOptions(node: RandomCluster.node, modes: Self.modes))
    var (slices, faults) = (0, 0)
    for step in 0..<40 {
      let events = random.next()
      random.take(events)
      let change = session.apply(events)
      guard let slice = session.slice(of: change) else { continue }
      slices += 1
      #expect(Self.isProven(slice.table, slice.cluster), "step \(step)")
      guard step.isMultiple(of: 4), let address = change.addresses.sorted().first else { continue }
      let (whole, cluster) = (session.table, session.resolvedCluster)
      for set in whole.sets where set.key == [address.family.dataType] {
        let key = ElementKey(address.bits)
        guard let wrong = Self.changing(whole, set.name, key),
          let part = Self.changing(slice.table, set.name, key)
        else { continue }
        faults += 1
        // What is wrong in the whole is wrong in the slice.
        if !Self.isProven(wrong, cluster) {
          #expect(!Self.isProven(part, slice.cluster), "step \(step), set \(set.name), \(address)")
        }
      }
    }
    #expect(slices > 0 && faults > 0, "\(slices) slices, \(faults) faults")
  }

  @Test("where more than pods changed there is no slice")
  func policies() throws {
    let random = RandomEvents(seed: 1, pods: 30, policies: 12)
    var session = try IncrementalCompiler(random.contents, LoweringOptions(node: RandomCluster.node))
    let policy = try #require(random.contents.policies.first)
    let change = session.apply([.policyRemoved(policy.id)])
    #expect(session.slice(of: change) == nil)
    var everyNode = try IncrementalCompiler(random.contents)
    let pod = try #require(random.contents.pods.first)
    let gone = everyNode.apply([.podRemoved(namespace: pod.namespace, name: pod.name)])
    #expect(everyNode.slice(of: gone) == nil)
  }
}
