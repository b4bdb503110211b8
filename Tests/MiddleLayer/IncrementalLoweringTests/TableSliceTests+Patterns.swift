import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TableLayout
import TestSupport
import Testing

extension TableSliceTests {
  /// Pods that come with the labels of others, and go.
  private static func comingAndGoing(_ contents: ManifestContents, _ dice: inout SeededGenerator)
    -> ClusterEvent?
  {
    let pods = contents.pods.filter { !$0.addresses.isEmpty && !$0.hostNetwork && !$0.isFinished }
    guard !pods.isEmpty else { return nil }
    var pod = dice.pick(pods)
    if pod.name.hasPrefix("new-"), dice.chance(oneIn: 2) {
      return .podRemoved(namespace: pod.namespace, name: pod.name)
    }
    pod.name = "new-\(Int.random(in: 0...9_999, using: &dice))"
    let base: UInt128 = dice.pick([0x0af4_0100, 0x0af4_0300, 0xc0a8_0700])
    pod.addresses = [IPAddress(.ipv4, bits: base + UInt128(Int.random(in: 1...254, using: &dice)))]
    return .pod(pod)
  }

  @Test(
    "a slice of a pattern that was proved is proved, and no wrong table has the pattern of a right one",
    .long, arguments: Form.allCases)
  func patterns(form: Form) throws {
    var (slices, known, wrong, wrongKnown) = (0, 0, 0, 0)
    for seed in UInt64(701)...725 {
      var random = RandomEvents(seed: seed, pods: 20, policies: 8, withClusterPolicies: seed % 3 == 0)
      var session = try IncrementalCompiler(
        random.contents,
        LoweringOptions(node: RandomCluster.node, denseFrom: form.denseFrom, modes: Self.modes))
      var dice = SeededGenerator(seed: seed &* 11)
      var proved: Set<SlicePattern> = []
      for step in 0..<30 {
        let events =
          step % 6 == 0 ? random.next() : Self.comingAndGoing(random.contents, &dice).map { [$0] } ?? []
        random.take(events)
        let change = session.apply(events)
        guard let slice = session.slice(of: change) else { continue }
        slices += 1
        guard let pattern = slice.pattern(Self.modes) else { continue }
        if proved.contains(pattern) { known += 1 }
        #expect(Self.isProven(slice.table, slice.cluster), "seed \(seed), step \(step)")
        proved.insert(pattern)
        for (name, table) in Self.wrongTables(slice.table, about: change.addresses).shuffled(using: &dice)
          .prefix(6)
        {
          wrong += 1
          let part = slice.with(table)
          guard let pattern = part.pattern(Self.modes), proved.contains(pattern) else { continue }
          wrongKnown += 1
          #expect(Self.isProven(part.table, part.cluster), "seed \(seed), step \(step): \(name)")
        }
      }
    }
    #expect(
      known > 40 && wrong > 500,
      "\(slices) slices, \(known) known, \(wrong) wrong, \(wrongKnown) of them known")
  }

  /// Tables with one element or rule less or more.
  private static func wrongTables(_ table: Table, about addresses: Set<IPAddress>) -> [(
    name: String, table: Table
  )] {
    var found: [(String, Table)] = []
    for (place, set) in table.sets.enumerated() {
      for address in addresses where set.key == [address.family.dataType] {
        if let changed = changing(table, set.name, ElementKey(address.bits)) {
          found.append(("\(set.name) \(address)", changed))
        }
      }
      for element in set.elements.indices {
        var less = table
        less.sets[place].elements.remove(at: element)
        found.append(("\(set.name) less \(element)", less))
      }
    }
    for (place, map) in table.maps.enumerated() {
      for element in map.elements.indices {
        var less = table
        less.maps[place].elements.remove(at: element)
        found.append(("\(map.name) less \(element)", less))
      }
    }
    for (place, chain) in table.chains.enumerated() {
      for rule in chain.rules.indices {
        var less = table
        less.chains[place].rules.remove(at: rule)
        found.append(("\(chain.name) less \(rule)", less))
      }
      for address in addresses where address.family == .ipv4 {
        for field in [Field.ipSaddr, .ipDaddr] {
          var more = table
          let match = Match([field], .equal, .value(ElementKey(address.bits)))
          more.chains[place].rules.insert(Rule([.match(match), .verdict(.accept)]), at: 0)
          found.append(("\(chain.name) more about \(address)", more))
        }
      }
    }
    return found
  }
}
