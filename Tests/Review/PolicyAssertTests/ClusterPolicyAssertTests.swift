import Addresses
import Documents
import PolicyAssert
import PolicyModel
import TestSupport
import Testing

/// Expectations about clusters with ClusterNetworkPolicies, pair by pair against the reference semantics.
@Suite("assert with tiers", .bounded)
struct ClusterPolicyAssertTests {
  @Test("all-all agrees with the reference semantics", arguments: UInt64(0)..<60)
  func pairs(seed: UInt64) throws {
    let random = RandomClusterPolicies(seed: seed)
    let cluster = random.cluster
    let oracle = ClusterPolicyOracle(random, node: nil)
    for verdict in ["allow", "deny"] {
      let text =
        AssertTests.head
        + "  - {expect: \(verdict), ports: [80], from: {namespace: default}, to: {namespace: prod}}"
      let (expectations, _) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: text))
      let result = Asserter(cluster).check(try #require(expectations.first))
      let (sources, destinations) = (
        cluster.pods.filter { $0.namespace == "default" }, cluster.pods.filter { $0.namespace == "prod" }
      )
      if sources.isEmpty || destinations.isEmpty { continue }
      let families = Set(sources.flatMap(\.addresses).map(\.family))
      let isApart = sources.contains { source in
        destinations.contains {
          Set($0.addresses.map(\.family)).isDisjoint(with: source.addresses.map(\.family))
        }
      }
      guard destinations.flatMap(\.addresses).contains(where: { families.contains($0.family) }) else {
        // No connection is possible: such an expectation would hold over nothing, or cannot be met.
        let words = verdict == "deny" ? "no connection is possible" : "no address family in common"
        #expect(result.failure?.contains(words) == true, "seed \(seed) \(verdict)")
        continue
      }
      let expected = sources.flatMap(\.addresses).allSatisfy { source in
        destinations.flatMap(\.addresses).filter { $0.family == source.family }.allSatisfy {
          oracle.allows(ConnectionAttempt(source, $0, 6, 80)) == (verdict == "allow")
        }
      }
      // Between pods without a family in common nothing is allowed.
      #expect(result.holds == (expected && (verdict == "deny" || !isApart)), "seed \(seed) \(verdict)")
      if !result.holds, !isApart {
        #expect(result.witness?.causes.isEmpty == false, "seed \(seed) \(verdict)")
      }
    }
  }
}
