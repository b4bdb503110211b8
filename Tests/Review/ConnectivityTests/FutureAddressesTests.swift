import Addresses
import Connectivity
import PolicyModel
import TestSupport
import Testing

@Suite("addresses that pods without one may get", .bounded)
struct FutureAddressesTests {
  private static let policies = """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: p, namespace: shop}
    spec:
      podSelector: {}
      ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/24, except: [10.244.0.8/29]}}, {ipBlock: {cidr: 0.0.0.0/0}}]}]

    """

  private static func workload(_ name: String) -> String {
    """
    ---
    kind: Deployment
    apiVersion: apps/v1
    metadata: {name: \(name), namespace: shop}
    spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c}]}}}

    """
  }

  private static let node = """
    ---
    kind: Node
    apiVersion: v1
    metadata: {name: n1}
    spec: {podCIDRs: [10.244.0.0/23]}

    """

  private static let pod = """
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: p, namespace: shop}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIP: 10.1.0.1}

    """

  @Test("blocks that were named, then those of nodes, then the families of pods, then anything")
  func sources() {
    var named = ReviewInput(Self.policies + Self.node).contents
    named.podCIDRs = [CIDR(IPAddress(.ipv6, bits: 0xfd00 << 112), prefixLength: 64)]
    let first = FutureAddresses([Cluster.resolve(named).cluster])
    #expect(first.blocks == named.podCIDRs && first.isKnown && first.isOfEveryFamily)
    let second = FutureAddresses([ReviewInput(Self.policies + Self.node).cluster])
    #expect(second.blocks.map(\.description) == ["10.244.0.0/23"] && second.isKnown)
    let third = FutureAddresses([ReviewInput(Self.policies + Self.pod).cluster])
    #expect(!third.isKnown && third.isOfEveryFamily && third.blocks.allSatisfy { $0.family == .ipv4 })
    #expect(!third.blocks.contains { $0.contains(IPAddress(.ipv4, bits: 0)) })
    let last = FutureAddresses([ReviewInput(Self.policies).cluster])
    #expect(!last.isKnown && !last.isOfEveryFamily && Set(last.blocks.map(\.family)).count == 2)
  }

  @Test("one address of each stretch that blocks tell apart, the same in each revision, no pod's")
  func placed() {
    let both = ReviewInput(Self.policies + Self.node + Self.workload("a") + Self.workload("b")).cluster
    let one = ReviewInput(Self.policies + Self.node + Self.workload("b")).cluster
    let placed = PlacedClusters([both, one])
    #expect(placed.isComplete)
    // In the /24; and in its except or the other half of the nodes' block, which no block tells apart.
    #expect(placed.clusters[0].pods.map(\.addresses.count) == [2, 2])
    #expect(placed.clusters[0].pods[1].addresses == placed.clusters[1].pods[0].addresses)
    #expect(Set(placed.clusters[0].pods.flatMap(\.addresses)).count == 4)
    #expect(placed.clusters[0].pods.allSatisfy { $0.isPlaceholder })
    let blocks = FutureAddresses([both]).blocks(like: IPAddress(.ipv4, bits: 0x0af4_0109), both.policyBlocks)
    #expect(blocks.map(\.description) == ["10.244.0.8/29", "10.244.1.0/24"])
  }

  @Test("a stretch without room is told, where a block that matters names it")
  func full() {
    let tiny = Self.policies.replacing(
      ", except: [10.244.0.8/29]}}", with: "}}, {ipBlock: {cidr: 10.244.0.8/32}}")
    let cluster = ReviewInput(tiny + Self.node + Self.workload("a") + Self.workload("b")).cluster
    let placed = PlacedClusters([cluster])
    #expect(!placed.isComplete && !placed.isComplete(for: cluster.policyBlocks))
    #expect(placed.isComplete(for: [IPBlock(CIDR(IPAddress(.ipv4, bits: 0), prefixLength: 0))]))
    // Nobody uses up what addresses outside need.
    let last = IPAddress(.ipv4, bits: 0x0af4_0008)
    #expect(placed.clusters[0].pods.allSatisfy { !$0.addresses.contains(last) })
  }
}
