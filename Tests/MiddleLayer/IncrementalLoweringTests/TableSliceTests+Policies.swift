import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing
import Verification

extension TableSliceTests {
  /// The ways in which the rules of changed policies, and what stands beside them, are compiled.
  enum PolicyForm: CaseIterable {
    case sets, maps, besideClusterPolicies, mapsBesideClusterPolicies, replies

    var denseFrom: Int {
      switch self {
      case .sets, .besideClusterPolicies: 1_000
      case .maps, .mapsBesideClusterPolicies, .replies: 2
      }
    }

    var modes: EnforcementModes {
      var modes = TableSliceTests.modes
      if self == .replies { modes.established = .recheck }
      return modes
    }

    var leastSlices: Int { self == .sets ? 100 : 40 }
  }

  /// The table with one verdict of a map less, one rule of a chain less, or one element of a set less: each such table.
  private static func faults(_ table: Table) -> [(name: String, change: (Table) -> Table)] {
    var found: [(String, (Table) -> Table)] = []
    for map in table.maps {
      for element in map.elements {
        found.append(
          (
            "\(map.name) \(element.key)",
            { table in
              var table = table
              for place in table.maps.indices where table.maps[place].name == map.name {
                table.maps[place].elements.removeAll { $0 == element }
              }
              return table
            }
          ))
      }
    }
    for chain in table.chains where chain.hook == nil && chain.name.contains("-") {
      for number in chain.rules.indices {
        found.append(
          (
            "\(chain.name) rule \(number)",
            { table in
              var table = table
              for place in table.chains.indices where table.chains[place].name == chain.name {
                if number < table.chains[place].rules.count { table.chains[place].rules.remove(at: number) }
              }
              return table
            }
          ))
      }
    }
    for set in table.sets where set.name.hasPrefix("pods") {
      for element in set.elements {
        found.append(
          (
            "\(set.name) \(element)",
            { table in
              var table = table
              for place in table.sets.indices where table.sets[place].name == set.name {
                table.sets[place].elements.removeAll { $0 == element }
              }
              return table
            }
          ))
      }
    }
    return found
  }

  @Test(
    "changed policies: a slice is proved where the whole is, has what they concern, and shows each fault of it",
    .long, arguments: PolicyForm.allCases)
  func changedPolicies(form: PolicyForm) throws {
    var (slices, faults, found, compared, none) = (0, 0, 0, 0, 0)
    for seed in form == .sets ? UInt64(401)...425 : 426...440 {
      var random = RandomEvents(
        seed: seed, pods: 24, policies: 10,
        withClusterPolicies: form == .besideClusterPolicies || form == .mapsBesideClusterPolicies)
      var session = try IncrementalCompiler(
        random.contents,
        LoweringOptions(node: RandomCluster.node, denseFrom: form.denseFrom, modes: form.modes))
      func isProven(_ table: Table, _ cluster: Cluster) -> Bool {
        Verifier(Specification(cluster, node: RandomCluster.node), modes: form.modes).verify(table).isProven
      }
      for step in 0..<24 {
        let events = random.next()
        let policies = events.filter {
          switch $0 {
          case .policy(let policy): policy.tier == .networkPolicy
          case .policyRemoved(let id): id.kind == .networkPolicy
          default: false
          }
        }
        let (before, former) = (random.contents, session.table)
        let change: IncrementalCompiler.Change
        if step % 2 == 0, let edited = Self.edit(before, seed: seed &+ UInt64(step)) {
          random.take([edited])
          change = session.apply([edited])
        } else if !policies.isEmpty {
          random.take(policies)
          change = session.apply(policies)
        } else {
          random.take(events)
          _ = session.apply(events)
          continue
        }
        guard let slice = session.slice(of: change) else {
          none += 1
          continue
        }
        slices += 1
        #expect(isProven(slice.table, slice.cluster), "seed \(seed), step \(step)")
        // Own pods without their like in the slice may do what they might before.
        let (wrongs, more) = Self.unjudged(besides: slice, before, random.contents)
        #expect(wrongs.isEmpty, "seed \(seed), step \(step): \(wrongs.prefix(3))")
        compared += more
        guard faults < 600, !change.delta.isEmpty else { continue }
        let (whole, cluster) = (session.table, session.resolvedCluster)
        for (name, fault) in Self.faults(slice.table) {
          faults += 1
          var trial = session
          var wrong = fault(whole)
          // Chains are the compiler's own; those of replies are made of them.
          let chain = zip(whole.chains, wrong.chains).first { $0 != $1 && !$1.name.hasSuffix("_reply") }?.1
          if let chain {
            trial.spoil(chain)
            wrong = trial.table
          }
          // A fault of the whole is one of the slice, if there is one: in other pods' rules it is seen before.
          guard let part = trial.slice(of: change.with(TableDelta(from: former, to: wrong))) else { continue }
          if isProven(wrong, cluster) { continue }
          found += 1
          let table = chain == nil ? fault(part.table) : part.table
          #expect(!isProven(table, part.cluster), "seed \(seed), step \(step): \(name)")
        }
      }
    }
    #expect(
      slices > form.leastSlices && found > 100 && compared > 500,
      "\(slices), \(faults), \(found), \(compared), \(none)")
  }

  /// A policy with the rules of another of its namespace.
  private static func edit(_ contents: ManifestContents, seed: UInt64) -> ClusterEvent? {
    var dice = SeededGenerator(seed: seed)
    let policies = contents.policies.filter { $0.tier == .networkPolicy }
    guard !policies.isEmpty else { return nil }
    let policy = dice.pick(policies)
    let other = dice.pick(policies)
    return .policy(
      Policy(
        id: policy.id, tier: policy.tier, priority: policy.priority,
        subjects: dice.chance(oneIn: 2) ? policy.subjects : other.subjects, ingress: other.ingress,
        egress: policy.egress, origin: policy.origin))
  }

  /// Packets of an own pod that has not its like in the slice, of which the policies say something else than before; and the number of
  /// packets that were compared.
  static func unjudged(
    besides slice: TableSlice, _ before: ManifestContents, _ after: ManifestContents
  ) -> (packets: [String], count: Int) {
    let (former, now) = (
      PlainEvaluator(before, node: RandomCluster.node), PlainEvaluator(after, node: RandomCluster.node)
    )
    let pods = Cluster.resolve(after).cluster.pods
    let all = pods + Cluster.resolve(before).cluster.pods
    let own = Set(all.filter { $0.node == RandomCluster.node }.flatMap(\.addresses))
    let others = Set(all.flatMap(\.addresses)).subtracting(own)
    let missing = pods.filter { pod in
      pod.node == RandomCluster.node
        && !slice.cluster.pods.contains {
          $0.node == pod.node && $0.namespace == pod.namespace && $0.labels == pod.labels
            && $0.namedPorts == pod.namedPorts
        }
    }
    var (packets, count): ([String], Int) = ([], 0)
    for pod in missing {
      // Of two own pods the other one may be in the slice.
      for (address, other) in pod.addresses.flatMap({ own in others.map { (own, $0) } })
      where address.family == other.family {
        for (transport, port) in [(UInt8(6), UInt16(80)), (17, 53)] {
          for (source, destination) in [(address, other), (other, address)] {
            let attempt = ConnectionAttempt(source, destination, transport, port)
            count += 1
            if former.allows(attempt) != now.allows(attempt) { packets.append(attempt.description) }
          }
        }
      }
    }
    return (packets, count)
  }
}
