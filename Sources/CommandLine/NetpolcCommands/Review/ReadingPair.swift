import ArgumentParser
import Diagnostics
import Documents
import KubernetesManifests
import PolicyDiff
import PolicyLint
import PolicyModel
import ReviewSettings
import Wording

/// The two revisions of a comparison. An inventory that both share is read, and put together, once.
struct ReadingPair {
  let old: Cluster
  let new: Cluster
  /// The source lines that a report quotes.
  let quotations: Quotations
  /// The settings of the old revision, which count.
  let settings: ReviewSettings
  /// Differences of the new revision's settings and suppressions.
  let changes: [ReviewChange]
  /// Where the sides write their namespaces, and what is on the host network.
  let written: WrittenPlaces
  /// Parts that differ and are not read: charts, kustomizations, policies of other projects.
  let unread: [String]
  /// The small sources of each side and its inventory.
  private let roots: (old: String, new: String)
  private let sources: (old: [ManifestSource], new: [ManifestSource])
  /// Files and documents that were not read, of each side and its inventory.
  let leftOut: (old: LeftOut, new: LeftOut)

  /// Reads both sides and prints their findings; ends the command where one is an error.
  init(_ command: Diff) throws {
    let (former, latter) = (SettingsFiles([command.old]), SettingsFiles([command.new]))
    settings = former.settings
    var options = command.inventory
    if options.inventory.isEmpty { options.inventory = settings.inventory.map(\.text) }
    let exclusions = settings.pathExclusions
    let loader = options.loader(exclusions)
    let shared = SharedInventory(options.inventory, options, command.workloads, loader: loader)
    let before =
      command.oldInventory.isEmpty
      ? shared : SharedInventory(command.oldInventory, options, command.workloads, loader: loader)
    let old = before.revision(of: [command.old])
    // Rules relative to the old revision's directory are relative to the new one's there.
    let moved = exclusions.rules.map { rule in
      rule.base == command.old ? PathExclusions.Rule(rule.pattern, base: command.new) : rule
    }
    let new = shared.revision(of: [command.new], loader: options.loader(PathExclusions(moved)))
    var findings = former.diagnostics + shared.diagnostics + old.diagnostics
    if !command.oldInventory.isEmpty { findings += before.diagnostics }
    findings += loader.exclusionsWithoutFile(
      shared.matched.union(before.matched).union(old.matched).union(new.matched))
    let known = Set(findings)
    findings += (latter.diagnostics + new.diagnostics).filter { !known.contains($0) }
    if old.cluster.policies.isEmpty, !findings.contains(where: { $0.severity == .error }) {
      findings += EmptyInput.withoutPolicies(
        new.cluster, .warning, "neither revision has one and there is nothing to compare")
    }
    try Findings(findings, strict: options.strict).report(in: command.format.ofErrors)
    (self.old, self.new) = (old.cluster, new.cluster)
    written = WrittenPlaces(old: old.namespaces, new: new.namespaces, hostNetwork: new.hostNetwork)
    unread =
      LeftOut.changed(old: old.leftOut, new: new.leftOut, roots: (command.old, command.new))
      + UnenforcedChanges(old: (old.unenforced, old.sources), new: (new.unenforced, new.sources)).words
    sources = (
      (old.sources + before.sources).filter(Quotations.canQuote),
      (new.sources + shared.sources).filter(Quotations.canQuote)
    )
    roots = (command.old, command.new)
    quotations = Quotations(old.sources + new.sources)
    changes =
      latter.settings.changes(from: settings).map {
        ReviewChange($0.words, at: $0.location, others: $0.others)
      }
      + Self.suppressionChanges(old.networkPolicies, new.networkPolicies)
    var (leftOld, leftNew) = (before.leftOut, shared.leftOut)
    leftOld.append(old.leftOut)
    leftNew.append(new.leftOut)
    leftOut = (leftOld, leftNew)
  }

  /// A difference with the lines that changed as the places of its changes.
  func atChangedLines(_ diff: ConnectivityDiff) -> ConnectivityDiff {
    var (diff, lines) = (diff, ChangedLines(old: sources.old, new: sources.new, roots: roots))
    diff.replacePlaces { lines.places($0) }
    return diff
  }

  /// The numbers of what was left out, by reason, with those of the old side.
  var leftOutCounts: [LeftOutCount] {
    let (before, after) = (leftOut.old.counts, leftOut.new.counts)
    let former = Dictionary(before.map { ($0.reason, $0.count) }, uniquingKeysWith: +)
    let there = Set(after.map(\.reason))
    return after.map { LeftOutCount($0.count, before: former[$0.reason] ?? 0, $0.reason) }
      + before.filter { !there.contains($0.reason) }.map { LeftOutCount(0, before: $0.count, $0.reason) }
  }

  /// Annotations that suppress findings of lint and differ between the revisions.
  private static func suppressionChanges(_ old: [NetworkPolicy], _ new: [NetworkPolicy]) -> [ReviewChange] {
    func annotations(_ policies: [NetworkPolicy]) -> [PolicyID: (text: String, policy: NetworkPolicy)] {
      Dictionary(
        policies.compactMap { policy in
          policy.annotations[Linter.annotation].map { (policy.id, ($0, policy)) }
        }, uniquingKeysWith: { first, _ in first })
    }
    let (before, after) = (annotations(old), annotations(new))
    let there = Set(new.map(\.id))
    return after.sorted { $0.key < $1.key }.compactMap { id, now -> ReviewChange? in
      if before[id]?.text == now.text { return nil }
      let word = before[id] == nil ? "is new" : "is another"
      return ReviewChange("suppression of lint in \(id) \(word): \(now.text)", at: now.policy.origin.location)
    }
      + before.sorted { $0.key < $1.key }.filter { after[$0.key] == nil && there.contains($0.key) }.map {
        ReviewChange("suppression of lint in \($0.key) is gone", at: $0.value.policy.origin.location)
      }
  }
}
