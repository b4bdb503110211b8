import Addresses
import Connectivity
import PolicyModel
public import PolicyTrace
import Reachability
import Wording

extension Explainer {
  /// Explains a connection, or all connections between the pods that selectors mean.
  ///
  /// Pods that no policy can distinguish are asked about once. O(classes of senders · classes of receivers), and an
  /// explanation for each verdict.
  ///
  /// - Throws: a failure where an end has no pods, or no two ends have a family in common.
  public func ask(
    _ source: EndpointReference, _ destination: EndpointReference, _ traffic: TrafficReference?
  ) throws(Failure) -> Answer {
    var (from, to) = (try ends(source), try ends(destination))
    (from, to) = (parted(from, towards: to), parted(to, towards: from))
    if from.count == 1, to.count == 1 { return .connection(try explain(from[0], to[0], traffic)) }
    let classOfPod = classOfPod()
    let (senders, receivers) = (
      classes(from, classOfPod, towards: to), classes(to, classOfPod, towards: from)
    )
    let describer = PodDescriber(cluster)
    var found: [GroupKey: [Cell]] = [:]
    var strangers = 0
    for (row, sources) in senders.enumerated() {
      for (column, destinations) in receivers.enumerated() {
        guard let (pairs, sender, receiver) = pairs(sources, destinations) else { continue }
        guard let key = key(sender, receiver, traffic) else {
          strangers += pairs
          continue
        }
        found[key, default: []].append(
          Cell(row: row, column: column, pairs: pairs, sender: sender, receiver: receiver))
      }
    }
    var verdicts: [GroupExplanation.Verdict] = []
    for cells in found.values {
      let first = cells[0]
      let example = try explain(first.sender, first.receiver, traffic)
      let blocks = blocks(cells, senders, receivers).flatMap { rows, columns in
        let sources = groups(rows.flatMap { senders[$0] }, describer)
        let destinations = groups(columns.flatMap { receivers[$0] }, describer)
        return sources.flatMap { source in
          destinations.map { GroupExplanation.Block(sources: source, destinations: $0) }
        }
      }
      verdicts.append(
        GroupExplanation.Verdict(
          verdict: Answer.verdict(example), pairs: cells.reduce(0) { $0 + $1.pairs },
          blocks: blocks, example: example))
    }
    guard !verdicts.isEmpty else {
      throw Failure(
        description:
          "no end of \(source.words) has an address family in common with one of \(destination.words)")
    }
    return .group(
      GroupExplanation(
        source: source.words, destination: destination.words, traffic: traffic,
        verdicts: verdicts.sorted(by: GroupExplanation.Verdict.inReportOrder), strangers: strangers))
  }

  /// The ends of two classes, and of how many pairs they are.
  private struct Cell {
    let row: Int
    let column: Int
    let pairs: Int
    let sender: End
    let receiver: End
  }

  /// The properties that decide about a pair in each family.
  private struct GroupKey: Hashable {
    /// One family's: what of the question each direction allows.
    struct Part: Hashable {
      let family: IPFamily
      let sent: TrafficID
      let received: TrafficID
    }
    let parts: [Part]
    let egress: [Int]
    let ingress: [Int]
  }

  /// For each pod the number of its class: pods of one class no policy can distinguish.
  private func classOfPod() -> [Int: Int] {
    var result: [Int: Int] = [:]
    let common = CommonPods(cluster, cluster)
    let partition = EndpointPartition([specification], [PeerMatches(specification)], common)
    for (number, members) in partition.classes.enumerated() {
      for member in members { result[common.pod(member, side: 0)] = number }
    }
    return result
  }

  /// The ends by class, in the order of their first ends. Pods whose own node is at the other end are in classes of their own:
  /// between these no policy decides.
  private func classes(
    _ ends: [End], _ classOfPod: [Int: Int], towards others: [End]
  ) -> [[End]] {
    if ends.count == 1 { return [ends] }
    struct Key: Hashable {
      let number: Int
      let node: String?
    }
    let outside = outsideNodes(others)
    var places: [Key: Int] = [:]
    var result: [[End]] = []
    for end in ends {
      guard let pod = end.pod else {
        // Addresses outside are parted by what policies say of them.
        result.append([end])
        continue
      }
      guard let number = classOfPod[pod] else { continue }
      let isFacing = !outside.isDisjoint(with: nodes.ofNode(of: cluster.pods[pod]))
      let key = Key(number: number, node: isFacing ? cluster.pods[pod].node : nil)
      if let place = places[key] {
        result[place].append(end)
      } else {
        places[key] = result.count
        result.append([end])
      }
    }
    return result
  }

  /// The number of pairs that two classes make, no pod with itself, and the first pair; nil for none.
  private func pairs(_ sources: [End], _ destinations: [End]) -> (Int, End, End)? {
    let senders = Set(sources.compactMap(\.pod).filter { !cluster.pods[$0].isSeveral })
    let both = destinations.filter { $0.pod.map(senders.contains) ?? false }.count
    let count = sources.count * destinations.count - both
    guard count > 0 else { return nil }
    // A class of two has a pair of two.
    for sender in sources.prefix(2) {
      if let receiver = destinations.prefix(2).first(where: { !isOnePod(sender, $0) }) {
        return (count, sender, receiver)
      }
    }
    return nil
  }

  private func key(_ from: End, _ to: End, _ traffic: TrafficReference?) -> GroupKey? {
    let store = specification.store
    /// All of what is asked about that a direction allows, as one of the two where a port was asked for.
    func asked(_ allowed: TrafficID) -> TrafficID {
      guard let traffic else { return allowed }
      return store.traffic(allowed).contains(traffic.transport, traffic.port) ? .everything : .nothing
    }
    let parts = addressPairs(from, to).map { sender, receiver in
      let (sent, received) = says(from, sender, to, receiver)
      return GroupKey.Part(family: receiver.family, sent: asked(sent), received: asked(received))
    }
    guard !parts.isEmpty else { return nil }
    return GroupKey(
      parts: parts, egress: from.pod.map { specification.profile(ofPod: $0, .egress).policies } ?? [],
      ingress: to.pod.map { specification.profile(ofPod: $0, .ingress).policies } ?? [])
  }

  /// Cells as few blocks of rows and columns.
  private func blocks(
    _ cells: [Cell], _ senders: [[End]], _ receivers: [[End]]
  ) -> [(rows: [Int], columns: [Int])] {
    var rowsOf: [Int: Set<Int>] = [:]
    for cell in cells { rowsOf[cell.column, default: []].insert(cell.row) }
    // The pair of a pod with itself is never meant: its row may be added where that makes two columns alike.
    var place: [Int: Int] = [:]
    for (row, ends) in senders.enumerated() where ends.count == 1 {
      if let pod = ends[0].pod, !cluster.pods[pod].isSeveral { place[pod] = row }
    }
    func wide(_ column: Int) -> Set<Int> {
      let rows = rowsOf[column] ?? []
      guard receivers[column].count == 1, let row = receivers[column][0].pod.flatMap({ place[$0] }) else {
        return rows
      }
      return rows.union([row])
    }
    var counts: [Set<Int>: Int] = [:]
    for column in rowsOf.keys { counts[wide(column), default: 0] += 1 }
    var columnsOf: [Set<Int>: [Int]] = [:]
    for (column, rows) in rowsOf {
      let wide = wide(column)
      columnsOf[counts[wide, default: 0] > 1 ? wide : rows, default: []].append(column)
    }
    return columnsOf.map { ($0.key.sorted(), $0.value.sorted()) }
      .sorted { ($0.1[0], $0.0[0]) < ($1.1[0], $1.0[0]) }
  }

  /// The pods and the addresses outside among ends, each as a group of its own.
  private func groups(_ ends: [End], _ describer: PodDescriber) -> [EndpointGroup] {
    let pods = ends.compactMap(\.pod).sorted()
    let outside = ends.filter { $0.pod == nil }.flatMap { end in
      end.blocks.isEmpty
        ? end.addresses.map { CIDR($0, prefixLength: $0.family.bitWidth) } : end.blocks
    }
    let names = pods.map { cluster.pods[$0].endpointName }.sorted()
    return (pods.isEmpty ? [] : [.pods(description: describer.describe(pods), names: names)])
      + (outside.isEmpty ? [] : [.outside(outside)])
  }
}

extension GroupExplanation.Verdict {
  /// Denied first; then by pairs; then by words.
  fileprivate static func inReportOrder(_ left: Self, _ right: Self) -> Bool {
    if left.isAllowed != right.isAllowed { return right.isAllowed }
    if left.pairs != right.pairs { return left.pairs > right.pairs }
    return left.words < right.words
  }

  private var words: String {
    let blocks = blocks.map { "\($0.sources.description) \($0.destinations.description)" }
    return blocks.joined(separator: "\n") + example.map { "\($0.source) \($0.destination)" }.joined()
  }
}
