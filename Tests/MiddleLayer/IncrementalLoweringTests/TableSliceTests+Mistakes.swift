import Addresses
import Foundation
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TableLayout
import TestSupport
import Testing
import Verification

extension TableSliceTests {
  /// The number of histories; `NETPOLC_FULL` asks for all that the project promises.
  private static let histories: UInt64 =
    ProcessInfo.processInfo.environment["NETPOLC_FULL"] == nil ? 8 : 400
  private static let first: UInt64 =
    ProcessInfo.processInfo.environment["NETPOLC_SEED"].flatMap { UInt64($0) } ?? 801

  /// The counts of a run.
  private struct Tally: CustomStringConvertible {
    var events = 0, slices = 0, mistakes = 0, refused = 0, found = 0, needless = 0, harmless = 0
    var known = 0, wrongKnown = 0, earlier = 0, revealed = 0
    var description: String {
      "\(events) events, \(slices) slices, \(known) of a known pattern; \(mistakes) mistakes: "
        + "of \(refused) no slice, \(found) found, \(needless) of them though the whole is right, "
        + "\(harmless) of no matter, \(wrongKnown) of a known pattern; "
        + "\(earlier) hidden before, \(revealed) revealed"
    }
  }

  /// One history of a cluster: its session, its events, and the patterns that were proved in it.
  private struct History {
    let seed: UInt64
    let modes: EnforcementModes
    var random: RandomEvents
    var session: IncrementalCompiler
    var dice: SeededGenerator
    var proved: Set<SlicePattern> = []
    /// Slices of one changed address that were proved.
    var slices: [(slice: TableSlice, address: IPAddress)] = []

    init(seed: UInt64) throws {
      self.seed = seed
      dice = SeededGenerator(seed: seed &* 13)
      modes = EnforcementModes(
        established: dice.chance(oneIn: 4) ? .recheck : .keep,
        unknownPodBlocks: dice.chance(oneIn: 2)
          ? [CIDR(IPAddress(.ipv4, bits: 0x0af4_0100), prefixLength: 24)] : [],
        sourceCheck: dice.pick([.off, .local]))
      random = RandomEvents(
        seed: seed, pods: dice.pick([8, 16, 24]), policies: dice.pick([4, 8, 12]),
        withClusterPolicies: seed % 4 == 0)
      session = try IncrementalCompiler(
        random.contents,
        LoweringOptions(
          node: RandomCluster.node, denseFrom: seed % 3 == 0 ? 2 : 1_000, modes: modes))
    }

    func isProven(_ table: Table, _ cluster: Cluster, _ families: Set<IPFamily> = Set(IPFamily.allCases))
      -> Bool
    {
      Verifier.verify(table, for: cluster, node: RandomCluster.node, modes: modes, families: families)
        .isProven
    }

    /// The next events: what `RandomEvents` thinks of, or pods that come with the labels of others, and go.
    mutating func next() -> [ClusterEvent] {
      let pods = random.contents.pods.filter { !$0.addresses.isEmpty && !$0.hostNetwork && !$0.isFinished }
      if dice.chance(oneIn: 3) || pods.isEmpty { return random.next() }
      return (0..<dice.pick([1, 1, 1, 2])).map { _ in
        var pod = dice.pick(pods)
        if dice.chance(oneIn: 3) { return .podRemoved(namespace: pod.namespace, name: pod.name) }
        if dice.chance(oneIn: 3) { pod.labels = dice.pick(pods).labels }
        pod.name = "new-\(Int.random(in: 0...9, using: &dice))"
        let last = UInt128(Int.random(in: 1...31, using: &dice))
        let four = IPAddress(.ipv4, bits: 0x0af4_0000 + dice.pick([0, 0x100, 0x200]) + last)
        let six = IPAddress(.ipv6, bits: 0xfd00_0010_0244_0000 << 64 + last)
        pod.addresses = dice.pick([[four], [four], [four, six]])
        pod.node = dice.chance(oneIn: 3) ? "elsewhere" : RandomCluster.node
        pod.phase = .running
        return .pod(pod)
      }
    }
  }

  @Test(
    "a mistake in what an event sends, or one that was hidden before it, is found in the slice where the whole shows it",
    .long)
  func mistakes() throws {
    var tally = Tally()
    for seed in Self.first..<Self.first + Self.histories {
      var history = try History(seed: seed)
      for step in 0..<14 {
        let former = history.session
        let events = history.next()
        let contents = history.random.contents
        history.random.take(events)
        let change = history.session.apply(events)
        tally.events += 1
        let place = "seed \(seed), step \(step): \(Self.words(events))"
        guard let slice = history.session.slice(of: change) else { continue }
        tally.slices += 1
        Self.judge(slice, "", place, &history, &tally)
        Self.tablesOfOthers(slice, change, place, &history, &tally)
        Self.afterwards(former, change, place, &history, &tally)
        let own = contents.pods.filter { !$0.hostNetwork && $0.node == RandomCluster.node }
        let addresses = [
          change.addresses.sorted(), own.flatMap(\.addresses), contents.pods.flatMap(\.addresses),
        ].filter { !$0.isEmpty }
        Self.before(former, events, history.dice.pickOne(addresses) ?? [], place, &history, &tally)
      }
    }
    #expect(
      tally.slices > 40 && tally.found > 80 && tally.wrongKnown > 20 && tally.known > 5, "\(tally)")
  }

  private static func words(_ events: [ClusterEvent]) -> String {
    events.map { event in
      switch event {
      case .pod(let pod): "pod \(pod.displayName) \(pod.addresses) \(pod.labels) on \(pod.node ?? "no node")"
      case .podRemoved(let namespace, let name): "pod \(namespace)/\(name) goes"
      case .policy(let policy): "policy \(policy.id)"
      case .policyRemoved(let id): "policy \(id) goes"
      default: "\(event)".prefix(60).description
      }
    }.joined(separator: "; ")
  }

  /// Judges a slice by itself, and says whether it is proved. Where it has a known pattern it must be.
  @discardableResult
  private static func judge(
    _ slice: TableSlice, _ mistake: String, _ place: String, _ history: inout History, _ tally: inout Tally
  ) -> Bool {
    let isProven = history.isProven(slice.table, slice.cluster, slice.families)
    if mistake.isEmpty { #expect(isProven, "\(place)") }
    guard let pattern = slice.pattern(history.modes) else { return isProven }
    if history.proved.contains(pattern) {
      if mistake.isEmpty { tally.known += 1 } else { tally.wrongKnown += 1 }
      #expect(isProven, "a known pattern: \(place): \(mistake)")
    } else if isProven {
      history.proved.insert(pattern)
    }
    return isProven
  }

  /// Judges a slice with the tables of other events, as if their addresses were the changed one.
  private static func tablesOfOthers(
    _ slice: TableSlice, _ change: IncrementalCompiler.Change, _ place: String, _ history: inout History,
    _ tally: inout Tally
  ) {
    guard change.addresses.count == 1, let address = change.addresses.first else { return }
    for other in history.slices.shuffled(using: &history.dice).prefix(4)
    where other.address.family == address.family {
      let table = Mistake.exchanging(other.address, address, in: other.slice.table)
      judge(slice.with(table), "the table of \(other.address)", place, &history, &tally)
    }
    history.slices.append((slice, address))
  }

  /// Makes mistakes in what the event sends.
  private static func afterwards(
    _ former: IncrementalCompiler, _ change: IncrementalCompiler.Change, _ place: String,
    _ history: inout History, _ tally: inout Tally
  ) {
    let (before, after, cluster) = (former.table, history.session.table, history.session.resolvedCluster)
    let mistakes =
      Mistake.aboutAddresses(change.addresses, in: after, &history.dice).shuffled(using: &history.dice)
      .prefix(8)
      + Mistake.inObjects(change.delta, before, after, &history.dice).shuffled(using: &history.dice).prefix(8)
    for mistake in mistakes {
      tally.mistakes += 1
      var trial = history.session
      var whole = mistake.made(in: after)
      if case .chain(let chain, _) = mistake {
        trial.spoil(chain)
        whole = trial.table
      } else if case .verdict(let map, let key, let types, let verdict) = mistake {
        let address = IPAddress(types == [.ipv4Address] ? .ipv4 : .ipv6, bits: key.fields[0].lower)
        trial.missend(address, by: map, to: verdict?.target)
        if trial.table != after { whole = trial.table }
      }
      if whole == after { continue }
      guard let right = trial.slice(of: change.with(TableDelta(from: before, to: whole))) else {
        tally.refused += 1
        continue
      }
      let addresses = change.addresses.union(right.cluster.pods.flatMap(\.addresses))
      let slice = right.with(mistake.made(in: right.table, about: addresses))
      let isRight = judge(slice, "\(mistake)", place, &history, &tally)
      let isWholeRight = history.isProven(whole, cluster)
      if isRight { #expect(isWholeRight, "after: \(place): \(mistake)") }
      if !isRight { tally.found += 1 }
      if !isRight, isWholeRight { tally.needless += 1 }
      if isRight, isWholeRight { tally.harmless += 1 }
    }
  }

  /// Makes mistakes before the event that are of no matter until then.
  private static func before(
    _ former: IncrementalCompiler, _ events: [ClusterEvent], _ addresses: [IPAddress], _ place: String,
    _ history: inout History, _ tally: inout Tally
  ) {
    let cluster = former.resolvedCluster
    for _ in 0..<10 {
      guard let mistake = Mistake.earlier(in: former.table, about: addresses, &history.dice),
        case .chain(let chain, _) = mistake
      else { continue }
      var trial = former
      trial.spoil(chain)
      guard history.isProven(trial.table, cluster) else { continue }
      tally.earlier += 1
      let change = trial.apply(events)
      guard let slice = trial.slice(of: change) else { continue }
      let isWholeRight = history.isProven(trial.table, trial.resolvedCluster)
      if !isWholeRight { tally.revealed += 1 }
      if judge(slice, "\(mistake)", place, &history, &tally) {
        #expect(isWholeRight, "before: \(place): \(mistake)")
      }
    }
  }
}
