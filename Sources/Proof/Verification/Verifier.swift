import Addresses
import Assembler
public import KernelProgram
public import PolicyModel
import PolicyTrace
public import Reachability
public import Ruleset

/// Compares what a table does with what the policies mean.
///
/// The table is executed symbolically, for every source and destination address of both families, every protocol and
/// port, and every state of a connection; what it accepts must be what the specification says. See `Requirement` for the
/// promises. Whatever the model has no word for makes the answer undecided.
public struct Verifier {
  private let specification: Specification
  private let modes: EnforcementModes
  private let limit: Int
  private let firstBytesLimit = 256
  /// The stand-ins of a large cluster whose meaning the specification is; nil where it is that of the cluster itself.
  private let standIns: StandIns?

  /// A verifier against a specification, enforced in some modes. It reports at most `limit` counterexamples.
  public init(_ specification: Specification, modes: EnforcementModes = EnforcementModes(), limit: Int = 8) {
    self.specification = specification
    self.modes = modes
    self.limit = limit
    standIns = nil
  }

  /// A verifier against the meaning of some stand-ins.
  init(_ standIns: StandIns, modes: EnforcementModes, limit: Int) {
    specification = Specification(standIns.cluster, in: DiagramStore(), subjects: standIns.subjects)
    self.modes = modes
    self.limit = limit
    self.standIns = standIns
  }

  /// Verifies the one table of a ruleset that has a name. Another table that forwarded packets pass makes the answer
  /// undecided: what it does is not looked at.
  public func verify(_ ruleset: Ruleset, tableNamed name: String = "netpolc") -> VerificationResult {
    var reasons: [UndecidedReason] = []
    var found: Table?
    for table in ruleset.tables {
      if table.family == .inet, table.name == name, found == nil {
        found = table
      } else if table.chains.contains(where: { $0.hook != nil }) || !table.unmodelled.isEmpty {
        reasons.append(
          UndecidedReason(
            chain: nil, rule: nil, "table \(table.family.rawValue) \(table.name) is not looked at"))
      }
    }
    if !reasons.isEmpty { return .undecided(reasons) }
    return verify(found ?? Table(.inet, name))
  }

  /// Verifies a table by the instructions that libnftables makes of its text.
  public func verify(_ table: Table) -> VerificationResult { verify(Assembler.assemble(table)) }

  /// Verifies what the kernel executes.
  ///
  /// In audit two things are proved: that nothing is dropped, and that the table with its counted denials as denials does
  /// what the policies say; counterexamples to the latter show what that table does.
  public func verify(_ program: KernelTable) -> VerificationResult { verify(program, program.decoded) }

  /// Verifies a program that was decoded for each family.
  func verify(_ program: KernelTable, _ decoded: [(family: IPFamily, table: Table)]) -> VerificationResult {
    guard modes.isAudit else { return verify(program, decoded, .policies) }
    let open = verify(program, decoded, .nothingDropped)
    let enforcing = program.enforcing
    return open.isProven ? verify(enforcing, enforcing.decoded, .policies) : open
  }

  private func verify(
    _ program: KernelTable, _ decoded: [(family: IPFamily, table: Table)], _ promise: Promise
  ) -> VerificationResult {
    let decoded = decoded.map { part in
      (part.family, standIns.map { $0.exchanged(part.table, part.family) } ?? part.table)
    }
    guard modes.rechecksEstablished else { return verify(program, decoded, promise, nil) }
    var sum = VerificationResult.Statistics()
    for packets in ConnectionCase.each {
      let result = verify(program, decoded, promise, packets)
      guard case .proven(let statistics) = result else { return result }
      let cases = sum.cases + statistics.cases
      sum = statistics
      sum.cases = cases
    }
    return .proven(sum)
  }

  /// Verifies a program, given decoded for each family, for one case of connections, or, where none is given, for each
  /// state, whatever the direction.
  private func verify(
    _ program: KernelTable, _ decoded: [(family: IPFamily, table: Table)], _ promise: Promise,
    _ only: ConnectionCase?
  ) -> VerificationResult {
    let parts = decoded.map { part in
      var table = only.map { part.table.assuming($0) } ?? part.table
      if only?.isMirrored == true { table = table.mirrored }
      return (part.family, part.table, TableIndex(table))
    }
    var reasons = parts.flatMap { $0.2.reasons + $0.2.table.obstacles }
    if !reasons.isEmpty { return Self.undecided(reasons) }
    var statistics = VerificationResult.Statistics()
    var suspects: [Suspect] = []
    for (family, whole, index) in parts {
      execute(family, whole, index, promise, only, &statistics, &suspects, &reasons)
    }
    let confirmed = confirm(suspects, program, promise, isReply: only?.isReply ?? false)
    if !confirmed.found.isEmpty { return .counterexample(confirmed.found) }
    // A doubt about one packet adds nothing where the symbolic execution says what is not modelled.
    if reasons.isEmpty { reasons = confirmed.doubts }
    if !reasons.isEmpty { return Self.undecided(reasons) }
    statistics.classes = specification.classes.count
    statistics.chains = program.chains.count
    statistics.rules = program.ruleCount
    statistics.elements = program.elementCount
    statistics.diagramEntries = specification.store.size.entries
    return .proven(statistics)
  }

  /// First bytes, and the parts of the hop limits that are told apart for them.
  private typealias FirstBytesPart = (bytes: PacketCase.FirstBytes, hopLimits: [PacketCase.HopLimit])

  /// The cases of packets of a family, a state and a path.
  private func cases(
    _ index: TableIndex, _ family: IPFamily, _ parts: [FirstBytesPart], _ state: ConnectionState,
    _ path: PacketPath, _ only: ConnectionCase?
  ) -> [PacketCase] {
    let isMirrored = only?.isMirrored ?? false
    let hasConnection = state != .invalid && state != .untracked
    let arrivals = PacketCase.arrivals(of: index, modes, on: path)
    var cases: [PacketCase] = []
    for part in parts {
      for hopLimit in part.hopLimits {
        for isTranslated in hasConnection ? [false, true] : [false] {
          cases += arrivals.map { arrival in
            PacketCase(
              family: family, state: state, firstBytes: part.bytes, path: path,
              isRechecked: modes.rechecksEstablished, isMirrored: isMirrored, hopLimit: hopLimit,
              isTranslated: isTranslated, arrival: arrival)
          }
        }
      }
    }
    return cases
  }

  private static func undecided(_ reasons: [UndecidedReason]) -> VerificationResult {
    .undecided(Set(reasons).sorted { $0.description < $1.description })
  }

  /// Executes the table of one family, and compares what it does with the specification.
  private func execute(
    _ family: IPFamily, _ whole: Table, _ index: TableIndex, _ promise: Promise, _ only: ConnectionCase?,
    _ statistics: inout VerificationResult.Statistics, _ suspects: inout [Suspect],
    _ reasons: inout [UndecidedReason]
  ) {
    let table = index.table
    let states = only.map { [$0.state] } ?? ConnectionState.each
    guard let parts = PacketCase.firstBytes(of: index, family, limit: firstBytesLimit) else {
      reasons.append(
        UndecidedReason(chain: nil, rule: nil, "too many source ports and ICMP types to try each"))
      return
    }
    let isMirrored = only?.isMirrored ?? false
    let bytesParts = parts.map { part in
      (bytes: part, hopLimits: PacketCase.hopLimits(of: index, family, part, isMirrored: isMirrored))
    }
    let first = PacketCase(family: family, state: .new, firstBytes: parts[0])
    let chains = ChainExecutor(index, first, specification.store)
    let relations = RelationTable(family, specification.store)
    let executor = BaseChainExecutor(chains, relations)
    let paths = whole.paths(modes, specification)
    let expected = SpecificationRelations(specification, relations, modes, paths: paths)
    // Comparisons that were made and found right: most cases come to the same.
    var right: Set<Comparison> = []
    for (path, state) in paths.flatMap({ path in states.map { (path, $0) } }) {
      let visible = table.sees(family) ? baseChains(of: table, on: path, index) : []
      for packets in cases(index, family, bytesParts, state, path, only) {
        chains.packets = packets
        statistics.cases += 1
        let fate = executor.execute(visible)
        do throws(RectangleSearch.OutOfBudget) {
          let bounds = expected.bounds(packets, promise)
          let comparison = Comparison(
            accepted: fate.accepted.terms.list, dropped: fate.dropped.terms.list, same: fate.accepted.same,
            bounds: bounds)
          if right.contains(comparison) { continue }
          let found = try compare(fate, bounds, packets, relations)
          if found.isEmpty { right.insert(comparison) }
          suspects += found
        } catch {
          reasons.append(
            UndecidedReason(chain: nil, rule: nil, "the difference is too large to search through"))
        }
      }
    }
    reasons += chains.reasons
  }

  private func baseChains(
    of table: Table, on path: PacketPath, _ index: TableIndex
  ) -> [(chain: Int, policy: Chain.Hook.Policy)] {
    table.baseChains(on: path).compactMap { chain in
      guard let number = index.chainNumber[chain.name], let hook = chain.hook else { return nil }
      return (number, hook.policy)
    }
  }

  /// The effect of a table in a case and the expectation of it, by the names of relations of one family.
  private struct Comparison: Hashable {
    let accepted: [Term]
    let dropped: [Term]
    let same: Diagram
    let bounds: Bounds
  }

  /// Packets that the comparison found.
  private struct Suspect {
    let rectangle: Rectangle
    let packets: PacketCase
  }

  private func compare(
    _ fate: (accepted: PacketSet, dropped: PacketSet), _ bounds: Bounds, _ packets: PacketCase,
    _ relations: RelationTable
  ) throws(RectangleSearch.OutOfBudget) -> [Suspect] {
    var search = RectangleSearch(relations: relations, limit: limit)
    var rectangles: [Rectangle] = []
    // What is accepted lies in the upper bound: beyond neither of its two sides.
    for term in fate.accepted.terms.list {
      rectangles += try search.find(
        Term(
          bySource: relations.difference(term.bySource, bounds.upper.bySource),
          byDestination: term.byDestination))
      rectangles += try search.find(
        Term(
          bySource: term.bySource,
          byDestination: relations.difference(term.byDestination, bounds.upper.byDestination)))
    }
    // Nothing of the lower bound is dropped.
    for term in fate.dropped.terms.list {
      rectangles += try search.find(
        Term(
          bySource: relations.intersection(term.bySource, bounds.lower.bySource),
          byDestination: relations.intersection(term.byDestination, bounds.lower.byDestination)))
    }
    let store = relations.store
    let wrong = store.union(
      store.difference(bounds.lowerSame, fate.accepted.same),
      store.difference(fate.accepted.same, bounds.upperSame))
    for (addresses, traffic) in store.intervals(wrong).prefix(limit) {
      let only = Interval(preferred(in: addresses, packets.family))
      rectangles.append(Rectangle(sources: only, destinations: only, traffic: traffic))
    }
    return rectangles.map { Suspect(rectangle: $0, packets: packets) }
  }

  // MARK: Counterexamples

  /// Follows one packet of each suspect through the table by itself. Where that disagrees with the symbolic execution,
  /// the result is undecided: the verifier has a bug.
  private func confirm(
    _ suspects: [Suspect], _ program: KernelTable, _ promise: Promise, isReply: Bool
  ) -> (found: [Counterexample], doubts: [UndecidedReason]) {
    let evaluator = ProgramEvaluator(program)
    var found: [Counterexample] = []
    var doubts: [UndecidedReason] = []
    var seen: Set<Packet> = []
    for suspect in suspects {
      if found.count >= limit { break }
      var packet = packet(suspect)
      if suspect.packets.isMirrored { packet = packet.mirrored }
      packet.isReply = isReply
      // One packet is enough, however else it may come; the usual ways were looked at first.
      var usual = packet
      usual.arrival = Arrival()
      usual.isTranslated = false
      if !seen.insert(usual).inserted { continue }
      guard let original = standIns.map({ $0.original(packet) }) ?? packet else {
        doubts.append(UndecidedReason(chain: nil, rule: nil, StandIns.doubt))
        continue
      }
      let evaluation = evaluator.evaluate(original)
      let (obligation, requirement) =
        promise == .nothingDropped ? (.pass, .audit) : packet.obligation(specification, modes)
      switch (evaluation.decision, obligation) {
      case (.accept, .noPass), (.drop, .pass):
        found.append(counterexample(packet, original, evaluation, obligation, requirement))
      case (nil, _):
        doubts += evaluation.obstacle.map { [$0] } ?? []
      default:
        doubts.append(
          UndecidedReason(
            chain: nil, rule: nil,
            "internal error: symbolic and concrete run disagree about packet \(original); please report it"))
      }
    }
    return (found, doubts)
  }

  /// A counterexample; `original` is the packet of the cluster itself.
  private func counterexample(
    _ packet: Packet, _ original: Packet, _ evaluation: Evaluation, _ obligation: Obligation,
    _ requirement: Requirement
  ) -> Counterexample {
    let source = specification.pod(at: packet.source)
    let destination = specification.pod(at: packet.destination)
    let cluster = specification.cluster
    let tracer = Tracer(cluster)
    func trace(_ pod: Int?, _ direction: Direction) -> DirectionTrace? {
      guard let pod, specification.classIndex(ofPod: pod) != nil else { return nil }
      let (peer, peerPod) =
        direction == .egress ? (original.destination, destination) : (original.source, source)
      return tracer.trace(
        cluster.pods[pod], direction,
        peer: TracedPeer(address: peer, pod: peerPod.map { cluster.pods[$0] }),
        traffic: (packet.transport, packet.destinationPort))
    }
    func place(_ pod: Int?) -> Int? { pod.map { standIns?.originalPod($0) ?? $0 } }
    return Counterexample(
      packet: original, sourcePod: place(source), destinationPod: place(destination),
      expected: obligation == .pass ? .accept : .drop, evaluation: evaluation, requirement: requirement,
      egress: trace(source, .egress),
      ingress: packet.path == .toNode ? nil : trace(destination, .ingress))
  }

  /// A packet of a suspect that a person would pick: between pods, of a protocol with ports.
  private func packet(_ suspect: Suspect) -> Packet {
    let (rectangle, packets) = (suspect.rectangle, suspect.packets)
    let source = preferred(in: rectangle.sources, packets.family)
    var destination = preferred(in: rectangle.destinations, packets.family)
    var sender = source
    if source == destination, !rectangle.isDiagonal {
      if let other = another(in: rectangle.destinations, than: source) {
        destination = other
      } else if let other = another(in: rectangle.sources, than: destination) {
        sender = other
      }
    }
    let traffic = specification.store.traffic(rectangle.traffic).examplePacket ?? (6, 80)
    return Packet(
      IPAddress(packets.family, bits: sender), IPAddress(packets.family, bits: destination),
      transport: traffic.transport, destinationPort: traffic.port, firstBytes: packets.firstBytes.example,
      state: packets.state, path: packets.path, isTranslated: packets.isTranslated,
      hopLimit: packets.hopLimit.example, arrival: packets.arrival)
  }

  private func another(in interval: Interval<UInt128>, than address: UInt128) -> UInt128? {
    if interval.lower != address { return interval.lower }
    return interval.upper != address ? interval.upper : nil
  }

  /// The first pod's address in an interval, or one that stands for the outside world, or the first.
  private func preferred(in interval: Interval<UInt128>, _ family: IPFamily) -> UInt128 {
    if interval.isSingle { return interval.lower }
    if let pod = specification.firstPodAddress(in: interval, family) { return pod }
    let outside: UInt128 = family == .ipv4 ? 0xc633_6401 : 0x2001_0db8 << 96 | 1
    return interval.contains(outside) ? outside : interval.lower
  }
}
