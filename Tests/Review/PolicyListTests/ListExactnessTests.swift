import Addresses
import PolicyList
import PolicyModel
import Reachability
import TestSupport
import Testing

@Suite("list, against single packets", .bounded)
struct ListExactnessTests {
  /// A list with its lookups.
  struct Reading {
    let list: ConnectionList
    private let podOfAddress: [IPAddress: Int]
    private let groupOfPod: [Int: Int]

    init(_ list: ConnectionList) {
      self.list = list
      var podOfAddress: [IPAddress: Int] = [:]
      for (index, pod) in list.cluster.pods.enumerated() {
        for address in pod.addresses { podOfAddress[address] = index }
      }
      self.podOfAddress = podOfAddress
      var groupOfPod: [Int: Int] = [:]
      for (number, group) in list.groups.enumerated() {
        for pod in group.pods { groupOfPod[pod] = number }
      }
      self.groupOfPod = groupOfPod
    }

    private func isMeant(_ address: IPAddress, _ endpoint: Int) -> Bool {
      switch list.endpoints[endpoint].members {
      case .groups(let groups):
        podOfAddress[address].flatMap { groupOfPod[$0] }.map(groups.contains) ?? false
      case .outside(let blocks): podOfAddress[address] == nil && blocks.contains { $0.contains(address) }
      }
    }

    /// The lines about a pair of addresses.
    func lines(_ from: IPAddress, _ to: IPAddress) -> [ConnectionList.Connection] {
      list.connections.filter {
        ($0.family == nil || $0.family == from.family) && isMeant(from, $0.from) && isMeant(to, $0.to)
      }
    }
  }

  @Test("each pair of pods has the line that single packets ask for, and one at the most", .long)
  func pods() {
    for seed in UInt64(0)..<400 {
      let random = RandomCluster(seed: seed)
      let cluster = random.cluster
      let evaluator = PlainEvaluator(random.contents, node: nil)
      let reading = Reading(ConnectionLister(cluster).list())
      let addresses = cluster.pods.enumerated().flatMap { index, pod in pod.addresses.map { (index, $0) } }
      for (sender, from) in addresses {
        for (receiver, to) in addresses where sender != receiver && from.family == to.family {
          check(reading, { evaluator.allows($0) }, from, to, seed)
        }
      }
    }
  }

  @Test(
    "with tiers of ClusterNetworkPolicy each pair has the line of the reference semantics", arguments: 0..<60)
  func clusterPolicies(seed: UInt64) {
    let random = RandomClusterPolicies(seed: seed)
    let oracle = ClusterPolicyOracle(random, node: nil)
    let reading = Reading(ConnectionLister(random.cluster).list())
    let pods = random.cluster.pods
    for (sender, source) in pods.enumerated() {
      for (receiver, destination) in pods.enumerated() where sender != receiver {
        for from in source.addresses {
          for to in destination.addresses where from.family == to.family {
            check(reading, { oracle.allows($0) }, from, to, seed)
          }
        }
      }
      for text in ["203.0.113.9", "172.18.0.1", "2001:db8::9"] {
        guard let outside = IPAddress(text) else { continue }
        for own in source.addresses where own.family == outside.family {
          check(reading, { oracle.allows($0) }, outside, own, seed)
          check(reading, { oracle.allows($0) }, own, outside, seed)
        }
      }
    }
  }

  @Test("addresses outside have the lines that single packets ask for", .long)
  func outside() {
    for seed in UInt64(1000)..<1300 {
      let random = RandomCluster(seed: seed)
      let cluster = random.cluster
      let evaluator = PlainEvaluator(random.contents, node: nil)
      let reading = Reading(ConnectionLister(cluster).list())
      let own = Set(cluster.pods.flatMap(\.addresses))
      let blocks = random.contents.policies.flatMap { ($0.ingress ?? []) + ($0.egress ?? []) }
        .flatMap(\.peers.entries).flatMap { peer -> [CIDR] in
          if case .ipBlock(let block) = peer.kind { [block.cidr] + block.except } else { [] }
        }
      var probes = Set(
        blocks.flatMap { block in
          [block.interval.lower, block.interval.upper].map { IPAddress(block.family, bits: $0) }
        })
      for text in ["203.0.113.9", "2001:db8::9"] {
        if let address = IPAddress(text) { probes.insert(address) }
      }
      for outside in probes where !own.contains(outside) {
        for pod in own where pod.family == outside.family {
          check(reading, { evaluator.allows($0) }, outside, pod, seed)
          check(reading, { evaluator.allows($0) }, pod, outside, seed)
        }
      }
    }
  }

  private func check(
    _ reading: Reading, _ allows: (ConnectionAttempt) -> Bool, _ from: IPAddress, _ to: IPAddress,
    _ seed: UInt64
  ) {
    let lines = reading.lines(from, to)
    if lines.count > 1 { Issue.record("seed \(seed): \(from) → \(to) is in \(lines.count) lines") }
    let allowed = lines.first?.traffic ?? .nothing
    for transport in [UInt8(6), 17, 132, 1] {
      for port in [UInt16(1), 53, 54, 80, 81, 443, 8080, 8081, 65535] {
        let wanted = allows(ConnectionAttempt(from, to, transport, port))
        if allowed.contains(transport, port) != wanted {
          Issue.record("seed \(seed): \(from) → \(to) protocol \(transport) port \(port): wanted \(wanted)")
          return
        }
      }
    }
  }

  @Test("a list that is limited has just the lines between the ends, pods of a class apart", .long)
  func filters() {
    for seed in UInt64(2000)..<2150 {
      let cluster = RandomCluster(seed: seed).cluster
      let lister = ConnectionLister(cluster)
      let whole = Reading(lister.list())
      let some = Set(cluster.pods.indices.filter { $0 % 2 == 0 })
      let limited = Reading(lister.list(from: EndpointFilter(pods: some), to: nil))
      let addresses = cluster.pods.enumerated().flatMap { index, pod in pod.addresses.map { (index, $0) } }
      for (sender, from) in addresses {
        for (receiver, to) in addresses where sender != receiver && from.family == to.family {
          let wanted = some.contains(sender) ? whole.lines(from, to).map(\.traffic) : []
          #expect(limited.lines(from, to).map(\.traffic) == wanted, "seed \(seed): \(from) → \(to)")
        }
      }
    }
  }

  @Test("equal input gives an equal list, whatever the order of policies and pods")
  func order() {
    for seed in UInt64(0)..<40 {
      let random = RandomCluster(seed: seed)
      var shuffled = random.contents
      shuffled.policies.reverse()
      shuffled.pods.reverse()
      let (one, other) = (
        ConnectionLister(random.cluster).list(exposure: true),
        ConnectionLister(Cluster.resolve(shuffled).cluster).list(exposure: true)
      )
      #expect(one.endpoints == other.endpoints && one.connections == other.connections, "seed \(seed)")
      #expect(one.exposures == other.exposures, "seed \(seed)")
    }
  }
}
