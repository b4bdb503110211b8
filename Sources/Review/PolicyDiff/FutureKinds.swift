import Addresses
import Connectivity
import PolicyModel
import Reachability
import Wording

/// One pod for each kind of pods that may be added and that the policies of two revisions distinguish: by labels in the known
/// namespaces that a changed policy concerns, and by labels of pods and of namespaces in new ones. It stands for several pods,
/// which may have connections with each other.
struct FutureKinds {
  /// The kind that stands in their names.
  static let kind = "FuturePod"
  /// With more kinds than this the search ends, and is not complete.
  private static let most = 600
  /// With more namespaces that no changed policy names than this, none of them is looked at.
  private static let mostOtherNamespaces = 40

  /// The pods, without addresses.
  private(set) var pods: [Pod] = []
  /// The labels of the namespaces that are new.
  private(set) var namespaces: [String: Labels] = [:]
  /// Parts that were left out; none where a difference for any pod is one for these.
  private(set) var omissions: [String] = []
  /// The words for each pod, by the name in reports.
  private(set) var words: [String: String] = [:]
  /// The names of the kinds that a pod of today is of.
  private(set) var present: Set<String> = []
  /// For the kinds that one single pod of today is of the name of that pod.
  private(set) var single: [String: String] = [:]

  /// For the kinds that a pod of today is of the numbers of ports whose names no such pod has.
  private var lacking: [String: Set<UInt16>] = [:]

  private let sides: [Cluster]
  private let node: String?
  private var ports: [NamedPort] = []
  private let all: Conditions
  private let changed: Conditions
  /// Of each namespace up to two pods of each run; of one node all its pods.
  private let podsOf: [String: [Pod]]

  /// Finds the kinds.
  ///
  /// - Parameters:
  ///   - old: the revision before.
  ///   - new: the revision after.
  ///   - changed: the policies that differ, as either revision has them.
  ///   - node: the node of the pods; nil: none.
  /// - Complexity: O(policies · namespaces concerned), and the kinds.
  init(_ old: Cluster, _ new: Cluster, changed: [Policy], node: String?) {
    sides = [old, new]
    self.node = node
    (all, self.changed) = (Conditions(old.policies + new.policies), Conditions(changed))
    // Of one node only its pods: another node's pod of the same labels is no subject here, a future one may be.
    podsOf = Dictionary(
      grouping: sides.flatMap { side in
        node.map { node in side.pods.filter { $0.node == node } }
          ?? side.podRuns.flatMap { side.pods[$0].prefix(2) }
      }, by: \.namespace)
    ports = namedPorts(changed)
    let known = Set(old.namespaces.keys).union(new.namespaces.keys)
    let concerned = known.filter { name in
      let labels = labels(name)
      return labels[0] != labels[1] || !self.changed.asked(of: name, labels).isEmpty
    }
    addIdle()
    for name in concerned.sorted() { addKinds(of: name) }
    addNewNamespaces(taken: known)
    // A rule without peers, or a new isolation, may concern pods of any namespace that other rules leave out.
    let others = known.subtracting(concerned)
    if others.count > Self.mostOtherNamespaces {
      omissions.append("pods to come in \(others.count) namespaces that no changed policy names")
    } else {
      for name in others.sorted() { addKinds(of: name) }
    }
  }

  /// Numbers for the names of ports, of which no range in the policies is meant, and no two are neighbours.
  private mutating func namedPorts(_ policies: [Policy]) -> [NamedPort] {
    let entries = policies.flatMap(\.allRules).flatMap(\.ports.entries)
    var names: Set<String> = []
    var ranges: [Interval<UInt16>] = []
    for entry in entries {
      if let name = entry.ports.name { names.insert(name) }
      // An entry of every port is met by any number.
      if let numbers = entry.ports.numbers, numbers != .everything {
        ranges += numbers.intervals.map { Interval(max(1, $0.lower) - 1, min(.max - 1, $0.upper) + 1) }
      }
    }
    var free = PortSet(ranges).complement().intervals.reversed().flatMap { range in
      stride(from: Int(range.upper), through: max(1, Int(range.lower)), by: -2).prefix(names.count)
        .map { UInt16($0) }
    }
    if free.count < names.count {
      // A number in a range that is meant besides shows less, and still most.
      free += stride(from: Int(UInt16.max), to: 0, by: -2).prefix(2 * names.count).map { UInt16($0) }
        .filter { !free.contains($0) }
      omissions.append("pods to come by the names of their ports: the policies' ranges leave too few numbers")
    }
    return zip(names.sorted(), free).flatMap { name, number in
      TransportProtocol.allCases.map { NamedPort(name, $0, number) }
    }
  }

  private func labels(_ name: String) -> [Labels] { sides.map { $0.labels(ofNamespace: name) } }

  /// The conditions that policies put on pods: in their own namespace, and anywhere.
  private struct Conditions {
    private(set) var own: [String: Set<LabelCondition>] = [:]
    private(set) var anywhere: Set<LabelCondition> = []

    init(_ policies: some Sequence<Policy>) {
      for policy in policies {
        add(policy.subjects.namespaces, policy.subjects.pods, policy.id)
        for peer in policy.allRules.flatMap(\.peers.entries) {
          if case .pods(let scope, let selector) = peer.kind { add(scope, selector, policy.id) }
        }
      }
    }

    private mutating func add(_ scope: NamespaceScope, _ pods: LabelSelector, _ policy: PolicyID) {
      switch scope {
      case .own: own[policy.namespace ?? "", default: []].insert(LabelCondition(pod: pods))
      case .matching(let namespaces):
        anywhere.insert(LabelCondition(pod: pods, namespace: namespaces))
      }
    }

    /// The conditions on pods of a namespace that has these labels in one of the revisions.
    func asked(of namespace: String, _ labels: [Labels]) -> Set<LabelCondition> {
      let matching = anywhere.filter { condition in labels.contains { condition.namespace.matches($0) } }
      return (own[namespace] ?? []).union(matching.map { LabelCondition(pod: $0.pod) })
    }
  }

  private mutating func addKinds(of name: String) {
    let labels = labels(name)
    let asked = all.asked(of: name, labels)
    guard let cells = cells(asked, or: changed.asked(of: name, labels), in: "namespace \(name)", nil) else {
      return
    }
    let today = Dictionary(grouping: podsOf[name] ?? []) { pod in asked.map { $0.pod.matches(pod.labels) } }
    for cell in cells {
      let pod = add(name, cell.extra, words: Self.words(cell.extra, "namespace \(name)"))
      guard let known = today[asked.map({ $0.pod.matches(pod.labels) })] else { continue }
      present.insert(pod.endpointName)
      let had = Set(known.flatMap(\.namedPorts).map(\.name))
      lacking[pod.endpointName] = Set(ports.filter { !had.contains($0.name) }.map(\.number))
      let names = Set(known.map(\.endpointName))
      if names.count == 1, !known[0].isSeveral { single[pod.endpointName] = known[0].endpointName }
    }
  }

  /// Workloads that run no pod today, in both revisions or in one.
  private mutating func addIdle() {
    var seen: Set<String> = []
    for pod in sides[1].idle + sides[0].idle where seen.insert(pod.endpointName).inserted {
      guard pods.count < Self.most else {
        omissions.append("workloads without replicas: more than are looked at")
        return
      }
      add(pod.namespace, pod.labels.pairs, words: "\(pod.endpointName) (0 replicas)")
      pods[pods.count - 1].namedPorts = pod.namedPorts
    }
  }

  private mutating func addNewNamespaces(taken: Set<String>) {
    let open = LabelCells.OpenNamespace(labels: Labels(), taken: taken)
    guard let cells = cells(all.anywhere, or: changed.anywhere, in: "new namespaces", open) else { return }
    for (number, cell) in cells.enumerated() {
      var name = "new-namespace-\(number + 1)"
      while taken.contains(name) { name += "-" }
      let told = cell.namespace.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      namespaces[name] = Labels(cell.namespace).settingName(name)
      add(
        name, cell.extra,
        words: Self.words(cell.extra, told.isEmpty ? "a new namespace" : "a new namespace with \(told)"))
    }
  }

  /// The kinds that some conditions distinguish; with too many those of fewer conditions, and the search is not complete.
  private mutating func cells(
    _ all: Set<LabelCondition>, or few: Set<LabelCondition>, in place: String,
    _ namespace: LabelCells.OpenNamespace?
  ) -> [LabelCells.Cell]? {
    let room = Self.most - pods.count
    for conditions in [all, few] {
      if let cells = LabelCells(conditions, given: Labels(), namespace: namespace).cells(limit: room) {
        return cells
      }
      if conditions == all {
        omissions.append(
          "pods to come in \(place): more sets of labels than the \(Self.most) that are looked at in all")
      }
    }
    return nil
  }

  @discardableResult
  private mutating func add(_ namespace: String, _ labels: [Labels.Pair], words: String) -> Pod {
    let pod = Pod(
      namespace: namespace, name: "kind-\(pods.count + 1)", kind: Self.kind, labels: Labels(labels),
      node: node, namedPorts: ports, origin: .nowhere)
    pods.append(pod)
    self.words[pod.endpointName] = words
    return pod
  }

  /// Pods of today, one of their kind each, that are among the senders and among the receivers of a change.
  struct Told {
    let before: TrafficSet
    let after: TrafficSet
    let pods: Set<String>
  }

  /// The kinds that have one pod each today, and about two pods of which changes say something. O(pods of the changes).
  func told(by changes: [ConnectionChange]) -> [Told] {
    let single = Set(single.values)
    if single.isEmpty { return [] }
    return changes.compactMap { change in
      guard case .pods(_, let senders) = change.source, case .pods(_, let receivers) = change.destination
      else { return nil }
      let pods = Set(senders.filter(single.contains)).intersection(receivers)
      return pods.isEmpty ? nil : Told(before: change.before, after: change.after, pods: pods)
    }
  }

  /// The kinds of a change about which no change of today's pods says it: all where one of them has no pod today. Where each
  /// has, those with a single pod that are on both sides: only a second pod would show it.
  ///
  /// - Parameters:
  ///   - senders: the names of future pods.
  ///   - receivers: the same; nil for addresses outside.
  ///   - isTold: true for a pod of today where a change with the same traffic has it on both sides.
  /// - Returns: true for the names of future pods that stay in the change; nil where none does.
  func untold(
    _ senders: [String], _ receivers: [String]?, isTold: (_ pod: String) -> Bool
  ) -> ((String) -> Bool)? {
    if !(senders + (receivers ?? [])).allSatisfy(present.contains) { return { _ in true } }
    guard let receivers else { return nil }
    let kept = Set(senders).intersection(receivers).filter { name in
      single[name].map { !isTold($0) } ?? false
    }
    return kept.isEmpty ? nil : { kept.contains($0) }
  }

  /// The receivers of a change of a port by its name that no pod of today of their kind has: no change of these tells it.
  func lackingPorts(
    _ receivers: [Int], _ before: TrafficSet, _ after: TrafficSet, _ name: (Int) -> String
  ) -> [Int] {
    let numbers = Set(
      portNames(in: [before.subtracting(after).union(after.subtracting(before))]).keys)
    return numbers.isEmpty ? [] : receivers.filter { !(lacking[name($0)] ?? []).isDisjoint(with: numbers) }
  }

  /// The beginning of the words for a kind.
  private static let several = "pods to come"

  /// The first words of a list, of pods to come without those that they all begin with: `pods to come in namespace a, in namespace
  /// b, … 2 more`.
  static func describe(_ all: [String]) -> String {
    let shown = all.prefix(3).enumerated().map { place, words in
      place > 0 && all[place - 1].hasPrefix(several) && words.hasPrefix(several + " ")
        ? String(words.dropFirst(several.count + 1)) : words
    }
    return Counting.first(3, of: shown, count: all.count)
  }

  /// The words for one pod of each kind, by the name in reports.
  var wordsForOne: [String: String] {
    words.mapValues { $0.hasPrefix(Self.several) ? "a pod to come" + $0.dropFirst(Self.several.count) : $0 }
  }

  /// The names of the ports that stand alone in some traffic, by number: no other number is behind them there.
  func portNames(in traffic: [TrafficSet]) -> [UInt16: String] {
    let named = ports.filter { port in
      traffic.contains { $0.ports(of: port.transport.number).intervals.contains(Interval(port.number)) }
    }
    return Dictionary(named.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  private static func words(_ labels: [Labels.Pair], _ namespace: String) -> String {
    let told = labels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    return "\(several)\(told.isEmpty ? "" : " with \(told)") in \(namespace)"
  }
}

extension Policy {
  /// The rules of both directions.
  fileprivate var allRules: [PolicyRule] { (ingress ?? []) + (egress ?? []) }
}

extension Labels {
  /// The labels with the name label of a namespace, unless they have one.
  fileprivate func settingName(_ name: String) -> Labels {
    self[Namespace.nameLabel] == nil ? setting(Namespace.nameLabel, to: name) : self
  }
}

extension ConnectionChange {
  /// The change with words in place of the names of its pods.
  func naming(_ kinds: FutureKinds) -> ConnectionChange {
    func named(_ group: EndpointGroup) -> EndpointGroup {
      guard case .pods(_, let names) = group else { return group }
      let named = Set(names.map { kinds.words[$0] ?? $0 }).sorted()
      return .pods(description: FutureKinds.describe(named), names: named)
    }
    let names = kinds.portNames(in: [before, after])
    return ConnectionChange(
      source: named(source), destination: named(destination), families: families, before: before,
      after: after, witness: witness.naming(kinds.wordsForOne, ports: names),
      dependsOnAddress: dependsOnAddress, portNames: names)
  }
}
