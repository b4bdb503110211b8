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
  /// Files and documents of directories that were not read.
  let leftOut: LeftOut

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
    try Findings(findings, strict: options.strict).report(in: command.format.ofErrors)
    (self.old, self.new) = (old.cluster, new.cluster)
    quotations = Quotations(old.sources + new.sources)
    changes =
      latter.settings.changes(from: settings).map { ReviewChange($0.words, at: $0.location) }
      + Self.suppressionChanges(old.networkPolicies, new.networkPolicies)
    var leftOut = shared.leftOut
    leftOut.append(old.leftOut)
    leftOut.append(new.leftOut)
    self.leftOut = leftOut
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

/// Findings about the input of a review, for standard error.
struct Findings {
  private let findings: [Diagnostic]

  /// Findings in any order; warnings are errors where `strict` asks for that.
  init(_ findings: [Diagnostic], strict: Bool) {
    self.findings = findings.map { finding in
      guard strict, finding.severity == .warning else { return finding }
      var raised = finding
      raised.severity = .error
      return raised
    }.sorted(by: Diagnostic.inReadingOrder)
  }

  /// Tells them; ends the command with status 2 if an error is among them, which standard output then has too, in the format
  /// of the report that would be there.
  func report(in format: ErrorFormat = .text) throws {
    StandardError.report(findings)
    StandardError.write(
      LikelyCause.of(findings).map { "netpolc: likely cause: \(ForeignText($0).line)\n" }.joined())
    if findings.contains(where: { $0.severity == .error }) { StandardOutput.write(format.text(findings)) }
    let errors = findings.filter { $0.severity == .error }.count
    guard errors == 0 else {
      StandardError.write("netpolc: \(Counting.of(errors, "error"))\n")
      throw ExitCode(Status.trouble)
    }
  }
}
