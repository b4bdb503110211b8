import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing

extension TableSliceTests {
  /// Chains with a rule more about an address, in front: each such chain of a table that is not a base chain.
  private static func mistakes(about address: IPAddress, in table: Table) -> [Chain] {
    let fields: [Field] = address.family == .ipv4 ? [.ipSaddr, .ipDaddr] : [.ip6Saddr, .ip6Daddr]
    let ranges = [Interval(address.bits), Interval(address.bits & ~15, address.bits | 15)]
    var mistakes: [Chain] = []
    for chain in table.chains where chain.hook == nil && chain.name.contains("-") {
      for (field, range) in fields.flatMap({ field in ranges.map { (field, $0) } }) {
        for verdict in [Verdict.accept, .drop] {
          var wrong = chain
          let match = Match([field], .equal, .value(.single(range)))
          wrong.rules.insert(Rule([.match(match), .verdict(verdict)]), at: 0)
          mistakes.append(wrong)
        }
      }
    }
    return mistakes
  }

  @Test(
    "a mistake about an address that was hidden before a change, by the guard of unknown pods, is found in its slice",
    .long, arguments: Form.allCases)
  func hidden(form: Form) throws {
    var (tried, hidden, found, patterns) = (0, 0, 0, 0)
    for seed in UInt64(601)...620 {
      var random = RandomEvents(seed: seed, pods: 20, policies: 8, withClusterPolicies: form == .sized)
      var session = try IncrementalCompiler(
        random.contents,
        LoweringOptions(
          node: RandomCluster.node, denseFrom: form.denseFrom, orderedCopies: form.orderedCopies,
          modes: Self.modes))
      var dice = SeededGenerator(seed: seed &* 7)
      for step in 0..<12 {
        let events = random.next()
        random.take(events)
        _ = session.apply(events)
        guard var pod = random.contents.pods.filter({ !$0.addresses.isEmpty && !$0.hostNetwork }).first else {
          continue
        }
        // Another pod like it, with an address that the guard knows of no pod.
        (pod.name, pod.phase, pod.deleting) = ("new-\(step)", .running, false)
        let address = IPAddress(.ipv4, bits: 0x0af4_0100 + UInt128(Int.random(in: 200...254, using: &dice)))
        pod.addresses = [address]
        pod.node = dice.chance(oneIn: 2) ? RandomCluster.node : "elsewhere"
        let come = [ClusterEvent.pod(pod)]
        for chain in Self.mistakes(about: address, in: session.table).shuffled(using: &dice).prefix(6) {
          var trial = session
          trial.spoil(chain)
          tried += 1
          guard Self.isProven(trial.table, trial.resolvedCluster) else { continue }
          hidden += 1
          let change = trial.apply(come)
          guard let slice = trial.slice(of: change),
            !Self.isProven(trial.table, trial.resolvedCluster)
          else { continue }
          found += 1
          let place = "seed \(seed), step \(step): \(chain.name) \(chain.rules[0])"
          #expect(!Self.isProven(slice.table, slice.cluster), "\(place)")
          // The same pod at another address has another pattern.
          var elsewhere = session
          elsewhere.spoil(chain)
          pod.addresses = [IPAddress(.ipv4, bits: address.bits ^ 0x80)]
          guard let other = elsewhere.slice(of: elsewhere.apply([.pod(pod)])),
            Self.isProven(other.table, other.cluster), let pattern = slice.pattern(Self.modes)
          else { continue }
          patterns += 1
          #expect(pattern != other.pattern(Self.modes), "\(place)")
        }
      }
    }
    #expect(
      found > 40 && patterns > 20,
      "\(patterns) patterns, \(tried) mistakes, \(hidden) hidden, \(found) that matter")
  }
}
