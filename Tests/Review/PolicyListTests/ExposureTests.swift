import Addresses
import PolicyList
import PolicyModel
import Reachability
import TestSupport
import Testing

@Suite("list --exposure, against pods that are added", .bounded)
struct ExposureTests {
  @Test("a pod that is added may use just what the lines that mean it say", .long)
  func addedPods() throws {
    for seed in UInt64(0)..<250 { try check(RandomCluster(seed: seed).cluster, "seed \(seed)") { $0 == $1 } }
  }

  @Test("beside ordered tiers it may use no more than they say")
  func addedPodsBelowTiers() throws {
    for seed in UInt64(0)..<80 {
      try check(RandomTiers(seed: seed).cluster, "seed \(seed)") { told, meant in
        meant.subtracting(told).isEmpty
      }
    }
  }

  @Test(
    "blocks mean pods to come where these may have their addresses, and all of them where the blocks have all"
  )
  func blocks() throws {
    func lines(_ spec: String, _ podCIDRs: [(String, Int)]) throws -> [String] {
      let input = ReviewInput(LintExample.policy(spec), LintExample.inventory)
      var contents = input.contents
      contents.podCIDRs = try podCIDRs.map {
        CIDR(try #require(IPAddress($0)), prefixLength: $1)
      }
      let list = ConnectionLister(Cluster.resolve(contents).cluster).list(exposure: true)
      return (list.exposures ?? []).filter { $0.isIsolated && $0.direction == .egress }.map {
        "\($0.peer.words): \($0.trafficWords)"
      }
    }
    func to(_ blocks: String) -> String {
      "{\(LintExample.web), policyTypes: [Egress], egress: [{to: [\(blocks)]}]}"
    }
    let all = "{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: \"::/0\"}}"
    let known = [("10.244.0.0", 16), ("fd00::", 64)]
    #expect(try lines(to(all), known) == ["every pod of every namespace: all traffic"])
    #expect(try lines(to(all), []) == ["every pod of every namespace: all traffic"])
    #expect(
      try lines(to("{ipBlock: {cidr: 0.0.0.0/0}}"), known)
        == ["addresses of pods in 0.0.0.0/0: all traffic"])
    #expect(
      try lines(to("{ipBlock: {cidr: 0.0.0.0/0}}"), [("10.244.0.0", 16)])
        == ["every pod of every namespace: all traffic"])
    let part = "{ipBlock: {cidr: 10.0.0.0/8, except: [10.244.1.0/24]}}"
    #expect(
      try lines(to(part), known)
        == ["addresses of pods in 10.0.0.0/8 except 10.244.1.0/24: all traffic"])
    #expect(try lines(to("{ipBlock: {cidr: 203.0.113.0/24}}"), known) == [])
    // Where the addresses to come are not known, those of today count.
    #expect(try lines(to("{ipBlock: {cidr: 203.0.113.0/24}}"), []) == [])
    #expect(
      try lines(to("{ipBlock: {cidr: 10.0.0.0/8}}"), [])
        == ["addresses of pods in 10.0.0.0/8: all traffic"])
  }

  private func check(
    _ cluster: Cluster, _ comment: String, _ agrees: (TrafficSet, TrafficSet) -> Bool
  ) throws {
    let neutral = try #require(IPAddress("198.51.100.7"))
    let block = CIDR(neutral, prefixLength: 24)
    let cluster = Cluster(
      policies: cluster.policies, namespaces: cluster.namespaces, pods: cluster.pods, nodes: cluster.nodes,
      podCIDRs: [block])
    let list = ConnectionLister(cluster).list(exposure: true)
    for (namespace, labels) in Self.kinds {
      // Its own policies are another matter: it is looked at from the other end.
      var added = Pod(
        namespace: namespace, name: "zz-added", labels: labels, addresses: [neutral], origin: .nowhere)
      added.phase = .running
      let grown = Cluster(
        policies: cluster.policies, namespaces: cluster.namespaces,
        pods: (cluster.pods + [added]).sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) })
      let specification = Specification(grown)
      for (index, pod) in list.cluster.pods.enumerated() {
        guard
          let place = grown.pods.firstIndex(where: { $0.namespace == pod.namespace && $0.name == pod.name })
        else { continue }
        for direction in [Direction.ingress, .egress] {
          let profile = specification.profile(ofPod: place, direction)
          let meant = specification.store.traffic(
            specification.store.traffic(of: profile.allowed(.ipv4), at: neutral.bits))
          let told = Self.told(list, index, direction, added, cluster)
          #expect(
            agrees(told, meant),
            "\(comment): \(pod.displayName) \(direction) with \(namespace) \(labels)")
        }
      }
    }
  }

  private static let kinds: [(String, Labels)] = [
    ("default", [:]), ("prod", ["app": "a"]), ("dev", ["app": "b", "tier": "c"]), ("new", ["version": "a"]),
    ("new", [:]),
  ]

  private static func told(
    _ list: ConnectionList, _ pod: Int, _ direction: Direction, _ added: Pod, _ cluster: Cluster
  ) -> TrafficSet {
    let labels = cluster.labels(ofNamespace: added.namespace)
    return (list.exposures ?? []).filter { exposure in
      guard exposure.direction == direction,
        case .groups(let groups) = list.endpoints[exposure.endpoint].members,
        groups.contains(where: { list.groups[$0].pods.contains(pod) })
      else { return false }
      return switch exposure.peer {
      case .everyPod: true
      case .inNamespace(let namespace, let pods): namespace == added.namespace && pods.matches(added.labels)
      case .inNamespaces(let namespaces, let pods): namespaces.matches(labels) && pods.matches(added.labels)
      case .atAddresses(let block): added.addresses.contains { block.contains($0) }
      }
    }.reduce(.nothing) { $0.union($1.traffic) }
  }
}
