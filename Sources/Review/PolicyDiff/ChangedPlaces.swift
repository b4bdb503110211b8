import Diagnostics
import PolicyModel
import PolicyTrace

/// Finds the lines of two revisions that make a difference, by what the policies say and not by where they stand.
struct ChangedPlaces {
  /// The policies of one revision only.
  private let alone: Set<PolicyID>
  /// The changed places of policies of both revisions, by direction.
  private let edited: [PolicyID: [Direction: [Origin]]]
  private let clusters: (old: Cluster, new: Cluster)
  /// The keys of labels of namespaces that policies ask for.
  private let asked: Set<String>
  /// Where namespaces are written.
  var written = WrittenPlaces()

  /// The policies that only one revision has or that differ, as each has them, and the revisions.
  init(_ changed: (old: [Policy], new: [Policy]), _ old: Cluster, _ new: Cluster) {
    clusters = (old, new)
    asked = old.namespaces == new.namespaces ? [] : Set((old.policies + new.policies).flatMap(Self.asked))
    func named(_ policies: [Policy]) -> [PolicyID: Policy] {
      Dictionary(policies.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let (old, new) = (named(changed.old), named(changed.new))
    alone = Set(old.keys).symmetricDifference(new.keys)
    edited = new.reduce(into: [:]) { result, named in
      guard let former = old[named.key] else { return }
      for direction in Direction.allCases {
        result[named.key, default: [:]][direction] = Self.edits(former, named.value, direction)
      }
    }
  }

  /// The place that changed first, then the other places that decide, each once.
  ///
  /// - Parameters:
  ///   - before: the causes in the old revision.
  ///   - after: the causes in the new revision.
  ///   - pods: the ends, as each revision has them.
  /// - Returns: the places; none where no source of either revision decides.
  func places(_ before: [Cause], _ after: [Cause], _ pods: [(old: Pod?, new: Pod?)]) -> [Origin] {
    // Only the directions whose verdict changed make the difference.
    let decisive = Direction.allCases.filter { direction in
      Self.passes(before, direction) != Self.passes(after, direction)
    }
    var changed: [Origin] = []
    for direction in decisive {
      let (news, gone) = (Self.sources(after, direction), Self.sources(before, direction))
      changed += places(news + gone, direction)
    }
    if changed.isEmpty { changed = pods.flatMap(Self.podPlaces) + pods.flatMap(namespacePlaces) }
    let others = (after + before).flatMap(\.sources).map(\.origin)
    return Self.once(changed + others)
  }

  /// The same for pods that some policies isolate in one revision only.
  func places(_ sources: [Cause.Source], _ direction: Direction, _ pods: [(old: Pod?, new: Pod?)]) -> [Origin]
  {
    let changed = places(sources, direction)
    let ends = changed.isEmpty ? pods.flatMap(Self.podPlaces) + pods.flatMap(namespacePlaces) : []
    return Self.once(changed + ends + sources.map(\.origin))
  }

  /// The changed places of the policies of some sources, those that decide themselves first.
  private func places(_ sources: [Cause.Source], _ direction: Direction) -> [Origin] {
    let all = sources.flatMap { source -> [Origin] in
      alone.contains(source.policy) ? [source.origin] : edited[source.policy]?[direction] ?? []
    }
    let deciding = Set(sources.map(\.origin))
    return all.filter(deciding.contains) + all.filter { !deciding.contains($0) }
  }

  /// The places of the new policy that the old one does not say, in a direction: its selector, a rule or an entry of one. Where
  /// something was only taken away, the place around it.
  private static func edits(_ old: Policy, _ new: Policy, _ direction: Direction) -> [Origin] {
    var result: [Origin] = old.subjects == new.subjects ? [] : [new.subjectsOrigin]
    let (before, after) = (old.rules(direction) ?? [], new.rules(direction) ?? [])
    let known = Set(before.map(\.content))
    for (index, rule) in after.enumerated() where !known.contains(rule.content) {
      guard before.indices.contains(index) else {
        result.append(rule.origin)
        continue
      }
      let former = before[index]
      let (formerPeers, formerPorts) = (
        Set(former.peers.entries.map(\.kind)), Set(former.ports.entries.map(\.content))
      )
      let peers = rule.peers.entries.filter { !formerPeers.contains($0.kind) }
      let ports = rule.ports.entries.filter { !formerPorts.contains($0.content) }
      let entries = peers.map(\.origin) + ports.map(\.origin)
      result += entries.isEmpty ? [rule.origin] : entries
    }
    return result.isEmpty ? [new.origin] : result
  }

  /// The place of a pod that only one revision has; or the labels that it has otherwise, and what else it says otherwise.
  private static func podPlaces(_ pod: (old: Pod?, new: Pod?)) -> [Origin] {
    guard let old = pod.old, let new = pod.new else {
      return [(pod.new ?? pod.old)?.origin].compactMap { $0 }
    }
    let labels = changedKeys(old.labels, new.labels).map(new.origin.label)
    let isSame = old.namedPorts == new.namedPorts && old.addresses == new.addresses && old.node == new.node
    return labels + (isSame ? [] : [new.origin])
  }

  /// The labels of the pod's namespace that are others, those first that policies ask for.
  private func namespacePlaces(_ pod: (old: Pod?, new: Pod?)) -> [Origin] {
    guard let name = (pod.new ?? pod.old)?.namespace else { return [] }
    let keys = Self.changedKeys(
      clusters.old.labels(ofNamespace: name), clusters.new.labels(ofNamespace: name))
    if keys.isEmpty { return [] }
    guard let place = written.new[name] else { return [written.old[name]].compactMap { $0 } }
    return (keys.filter(asked.contains) + keys.filter { !asked.contains($0) }).map(place.label)
  }

  private static func changedKeys(_ old: Labels, _ new: Labels) -> [String] {
    Set((old.pairs + new.pairs).map(\.key)).filter { old[$0] != new[$0] }.sorted()
  }

  /// The keys that a policy asks of namespaces.
  private static func asked(_ policy: Policy) -> [String] {
    let peers = ((policy.ingress ?? []) + (policy.egress ?? [])).flatMap(\.peers.entries)
    let scopes = peers.compactMap { if case .pods(let scope, _) = $0.kind { scope } else { nil } }
    return (scopes + [policy.subjects.namespaces]).flatMap { scope -> [String] in
      if case .matching(let selector) = scope { selector.requirements.map(\.key) } else { [] }
    }
  }

  private static func passes(_ causes: [Cause], _ direction: Direction) -> Bool {
    causes.filter { $0.direction == direction }.allSatisfy { $0.verdict == .open || $0.verdict == .allowed }
  }

  private static func sources(_ causes: [Cause], _ direction: Direction) -> [Cause.Source] {
    causes.filter { $0.direction == direction }.flatMap(\.sources)
  }

  private static func once(_ places: [Origin]) -> [Origin] {
    var seen: Set<Origin> = []
    return places.filter { !$0.location.file.isEmpty && seen.insert($0).inserted }
  }
}
