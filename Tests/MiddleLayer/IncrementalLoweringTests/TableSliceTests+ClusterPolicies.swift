import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing

extension TableSliceTests {
  /// The kinds of tables that a slice is taken of.
  enum Form: String, CaseIterable {
    case walked = "rules that are walked"
    case mapped = "rules that are looked up in maps"
    case sized = "rules that are walked where lookups are too large"

    var denseFrom: Int { self == .walked ? 1_000 : 2 }
    var orderedCopies: Int { self == .sized ? 10 : 1 << 16 }
  }

  @Test(
    "with ClusterNetworkPolicies, and where namespaces have other labels: a slice is proved, has what changed, and shows each wrong element",
    .long, arguments: Form.allCases)
  func clusterPolicies(form: Form) throws {
    var (slices, ofNamespaces, wrongTables, found, compared) = (0, 0, 0, 0, 0)
    for seed in UInt64(501)...540 {
      var random = RandomEvents(seed: seed, pods: 20, policies: 6, withClusterPolicies: seed % 4 != 0)
      var session = try IncrementalCompiler(
        random.contents,
        LoweringOptions(
          node: RandomCluster.node, denseFrom: form.denseFrom, orderedCopies: form.orderedCopies,
          modes: Self.modes))
      for step in 0..<20 {
        let events = random.next()
        let before = random.contents
        random.take(events)
        let change = session.apply(events)
        let taken = session.slice(of: change)
        #expect(session.hasCurrentReadings, "seed \(seed), step \(step)")
        guard let slice = taken else { continue }
        slices += 1
        let isOfNamespace = events.contains {
          switch $0 {
          case .namespace, .namespaceRemoved: true
          default: false
          }
        }
        if isOfNamespace { ofNamespaces += 1 }
        let place = "seed \(seed), step \(step)"
        #expect(Self.isProven(slice.table, slice.cluster), "\(place)")
        let (wrongs, more) = Self.unjudged(besides: slice, before, random.contents)
        #expect(wrongs.isEmpty, "\(place): \(wrongs.prefix(3))")
        compared += more
        guard wrongTables < 250, !change.delta.isEmpty else { continue }
        let (whole, cluster) = (session.table, session.resolvedCluster)
        for (name, fault) in Self.wrongElements(of: change.delta, in: whole) {
          wrongTables += 1
          // What the change could have made wrong in the whole is wrong in the slice.
          if Self.isProven(fault(whole), cluster) { continue }
          found += 1
          #expect(!Self.isProven(fault(slice.table), slice.cluster), "\(place): \(name)")
        }
      }
    }
    #expect(slices > 60 && ofNamespaces > 5, "\(slices) slices, \(ofNamespaces) of namespaces")
    #expect(found > 40 && compared > 500, "\(wrongTables) wrong tables, \(found) that matter, \(compared)")
  }

  /// The tables in which one element of a difference was forgotten: not added, or not removed.
  private static func wrongElements(of delta: TableDelta, in whole: Table) -> [(
    name: String, fault: (Table) -> Table
  )] {
    let ofSets = delta.changedSets.flatMap { change in
      (change.added + change.removed).map { key in
        ("\(change.set.name) \(key)", { (table: Table) in changing(table, change.set.name, key) ?? table })
      }
    }
    let chains = Set(whole.chains.map(\.name))
    let ofMaps = delta.changedMaps.flatMap { change in
      let stayed = change.removed.filter { element in
        guard case .jump(let chain) = element.verdict else { return true }
        return chains.contains(chain)
      }
      return (change.added.map { ($0, true) } + stayed.map { ($0, false) }).map { element, isAdded in
        (
          "\(change.map.name) \(element.key)",
          { (table: Table) in
            var table = table
            for place in table.maps.indices where table.maps[place].name == change.map.name {
              table.maps[place].elements.removeAll { $0.key == element.key }
              if isAdded { continue }
              table.maps[place].elements.append(element)
              table.maps[place].elements.sort { $0.key < $1.key }
            }
            return table
          }
        )
      }
    }
    return ofSets + ofMaps
  }
}
