import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing

extension OrderedSizesTests {
  /// A list that has another form after an event: it began to be walked, or to be looked up.
  private struct Turn: Hashable {
    let tier: TierKind
    let direction: Direction
    let family: String
    let isWalkedNow: Bool
  }

  @Test(
    "about a limit that the lists nearly reach, each table is that of a compile: in both tiers, directions and families, both ways"
  )
  func border() throws {
    var turns: [Turn: Int] = [:]
    for seed in UInt64(1)...(TestEnvironment.isQuick ? 8 : 24) {
      var cluster = CrowdedCluster(seed: seed)
      var options = LoweringOptions(
        node: seed.isMultiple(of: 4) ? nil : RandomCluster.node, denseFrom: 3,
        copyAtMost: seed.isMultiple(of: 2) ? 1_024 : 4,
        modes: EnforcementModes(
          established: seed % 5 == 0 ? .recheck : .keep, counts: seed.isMultiple(of: 3) ? .rules : .denied))
      // All lists together, or fewer than all.
      options.orderedCopies = enough(cluster.contents, options) * [4, 3, 2][Int(seed % 3)] / 4
      var session = try IncrementalCompiler(cluster.contents, options)
      var before = session.table
      #expect(before == lowered(cluster.contents, options).table)
      for step in 0..<40 {
        let events = cluster.next()
        let change = session.apply(events)
        let now = lowered(cluster.contents, options).table
        try #require(session.table == now, "seed \(seed), step \(step): \(events)")
        try #require(change.delta == TableDelta(from: before, to: now), "seed \(seed), step \(step)")
        #expect(!session.isCompiledWhole, "seed \(seed), step \(step)")
        if events.allSatisfy(\.isOfPod) {
          for turn in Self.turns(from: before, to: now, session, cluster.contents) {
            turns[turn, default: 0] += 1
          }
        }
        before = now
      }
    }
    for tier in [TierKind.admin, .baseline] {
      for direction in Direction.allCases {
        for family in ["4", "6"] {
          for isWalkedNow in [true, false] {
            let turn = Turn(tier: tier, direction: direction, family: family, isWalkedNow: isWalkedNow)
            #expect(turns[turn, default: 0] > 0, "\(turn) of \(turns)")
          }
        }
      }
    }
  }

  private func lowered(_ contents: ManifestContents, _ options: LoweringOptions) -> LoweredRuleset {
    var lowerer = Lowerer(Cluster.resolve(contents).cluster)
    return lowerer.lower(options)
  }

  /// The least limit by which no list is walked.
  private func enough(_ contents: ManifestContents, _ options: LoweringOptions) -> Int {
    var options = options
    var (few, many) = (-1, 1 << 12)
    while few + 1 < many {
      options.orderedCopies = (few + many) / 2
      if lowered(contents, options).counts.walkedTiers == 0 {
        many = options.orderedCopies
      } else {
        few = options.orderedCopies
      }
    }
    return many
  }

  /// The chains of tiers that are there in both tables, with lookups in one of them.
  private static func turns(
    from before: Table, to now: Table, _ session: IncrementalCompiler, _ contents: ManifestContents
  ) -> [Turn] {
    func lookedUp(_ table: Table) -> Set<Substring> {
      Set(table.maps.lazy.compactMap { map in map.name.lastIndex(of: ".").map { map.name[..<$0] } })
    }
    let chains = Set(before.chains.map(\.name)).intersection(now.chains.map(\.name))
    let (former, present) = (lookedUp(before), lookedUp(now))
    let subjects = session.classSubjects
    return former.symmetricDifference(present).lazy.map(String.init).filter(chains.contains).compactMap {
      chain in
      let start = chain.split(separator: "_")[0]
      guard let subject = subjects[String(start)] else { return nil }
      let tiers = contents.policies.filter { subject.policies.contains($0.id.description) }.map(\.tier)
      let tier = chain.hasSuffix("_baseline") ? TierKind.baseline : tiers.min() ?? .networkPolicy
      return Turn(
        tier: tier, direction: subject.direction, family: start.contains("4-") ? "4" : "6",
        isWalkedNow: former.contains(Substring(chain)))
    }
  }
}
