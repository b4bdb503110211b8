import Addresses
import Connectivity
import PolicyDiff
import PolicyModel
import Reachability
import TestSupport
import Testing
import Wording

@Suite("a difference of workloads is that of their pods", .bounded)
struct WorkloadDifferenceTests {
  private static let block = CIDR(IPAddress(.ipv4, bits: 0x0af4_0000), prefixLength: 22)

  /// The pods of a random cluster as workloads, and each as two pods at addresses of the block.
  private struct Sides {
    let workloads: [Pod]
    let pods: [[Pod]]

    init(_ pods: [Pod], _ edges: [IPAddress], _ generator: inout SeededGenerator) {
      var taken: Set<IPAddress> = []
      func address() -> IPAddress {
        while true {
          let free = IPAddress(
            .ipv4, bits: block.interval.lower + UInt128(Int.random(in: 0..<1024, using: &generator)))
          let chosen = edges.isEmpty || generator.chance(oneIn: 2) ? free : generator.pick(edges)
          if taken.insert(chosen).inserted { return chosen }
        }
      }
      var workloads: [Pod] = []
      var own: [[Pod]] = []
      for pod in pods {
        var one = Pod(
          namespace: pod.namespace, name: pod.name, labels: pod.labels, namedPorts: pod.namedPorts,
          origin: pod.origin)
        own.append(
          ["\(pod.name)-1", "\(pod.name)-2"].map { name in
            (one.name, one.addresses) = (name, [address()])
            return one
          })
        (one.name, one.addresses, one.kind) = (pod.name, [], "Deployment")
        workloads.append(one)
      }
      (self.workloads, self.pods) = (workloads, own)
    }
  }

  /// The addresses on either side of each end of each block in the policies.
  private static func edges(_ policies: [Policy]) -> [IPAddress] {
    var bits: Set<UInt128> = []
    for policy in policies {
      for peer in ((policy.ingress ?? []) + (policy.egress ?? [])).flatMap(\.peers.entries) {
        guard case .ipBlock(let own) = peer.kind, own.cidr.family == .ipv4 else { continue }
        for cidr in [own.cidr] + own.except {
          let (lower, upper) = (cidr.interval.lower, cidr.interval.upper)
          bits.formUnion([lower, lower &- 1, upper, upper &+ 1])
        }
      }
    }
    return bits.filter(block.interval.contains).sorted().map { IPAddress(.ipv4, bits: $0) }
  }

  @Test("for every pair of workloads, one with itself too, at every address", arguments: UInt64(0)..<24)
  func bruteForce(seed: UInt64) {
    var old = RandomCluster(seed: seed, pods: 6, policies: 5).contents
    var new = old
    new.policies = RandomCluster(seed: seed + 700, pods: 6, policies: 5).contents.policies
    var generator = SeededGenerator(seed: seed)
    let edges = Self.edges(old.policies + new.policies)
    func resolve(_ contents: ManifestContents, _ sides: Sides, isWorkloads: Bool) -> Cluster {
      var contents = contents
      contents.podCIDRs = [Self.block]
      contents.pods = isWorkloads ? [] : sides.pods.flatMap { $0 }
      contents.workloads = isWorkloads ? sides.workloads : []
      return Cluster.resolve(contents, subjects: .podsAndWorkloads).cluster
    }
    let random = old.pods
    (old.pods, new.pods) = ([], [])
    let first = Sides(random, edges, &generator)
    let diff = Differ(
      resolve(old, first, isWorkloads: true), resolve(new, first, isWorkloads: true)
    ).compare(isOfFuturePods: false)
    // Where a stretch of addresses has no room for all workloads, the difference says that it did not compare everything.
    guard diff.omissions.isEmpty else { return }
    func changes(_ from: Pod, _ to: Pod) -> [ConnectionChange] {
      func has(_ group: EndpointGroup, _ pod: Pod) -> Bool {
        if case .pods(_, let names) = group { names.contains(pod.endpointName) } else { false }
      }
      return diff.changes.filter {
        $0.families.contains(.ipv4) && has($0.source, from) && has($0.destination, to)
      }
    }
    for trial in 0..<4 {
      let sides = trial == 0 ? first : Sides(random, edges, &generator)
      let meanings = [old, new].map { Specification(resolve($0, sides, isWorkloads: false)) }
      for from in sides.workloads.indices {
        for to in sides.workloads.indices {
          let (sender, receiver) = (sides.pods[from][0].addresses[0], sides.pods[to][1].addresses[0])
          let truth = meanings.map { $0.store.traffic($0.allowed(from: sender, to: receiver)) }
          let told = changes(sides.workloads[from], sides.workloads[to])
          let note = "seed \(seed): \(sides.workloads[from].name) → \(sides.workloads[to].name)"
          if told.isEmpty { #expect(truth[0] == truth[1], "\(note): missed") }
          guard let change = told.first, !told.contains(where: \.dependsOnAddress) else { continue }
          #expect([change.before, change.after] == truth, "\(note): told wrong")
        }
      }
    }
  }
}
