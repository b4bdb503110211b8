import ArgumentParser
import Diagnostics
import Manifests
import PolicyModel

/// The two revisions of a comparison. An inventory that both share is read, and put together, once.
struct ReadingPair {
  let old: Cluster
  let new: Cluster
  /// What a report quotes.
  let quotations: Quotations

  /// Reads both sides; tells what is wrong with them, and ends the command where that is an error.
  init(_ command: Diff) throws {
    let options = command.inventory
    let shared = Inventory(Self.inventory(options.inventory, options))
    let before =
      command.oldInventory.isEmpty ? shared : Inventory(Self.inventory(command.oldInventory, options))
    let (old, oldFindings, oldSources) = Self.side(command.old, before, options)
    let (new, newFindings, newSources) = Self.side(command.new, shared, options)
    var findings = shared.read.diagnostics + oldFindings
    if !command.oldInventory.isEmpty { findings += before.read.diagnostics }
    let known = Set(findings)
    findings += newFindings.filter { !known.contains($0) }
    try Findings(findings, strict: options.strict).report()
    (self.old, self.new) = (old, new)
    quotations = Quotations(oldSources + newSources)
  }

  private typealias Read = (contents: ManifestContents, diagnostics: [Diagnostic], sources: [ManifestSource])

  /// An inventory that revisions may share.
  private final class Inventory {
    let read: Read
    private(set) lazy var resolved = ResolvedInventory(read.contents, subjects: .podsAndWorkloads)

    init(_ read: Read) { self.read = read }
  }

  private static func inventory(_ paths: [String], _ options: InventoryOptions) -> Read {
    read(paths, ManifestReader(defaultNamespace: options.namespace, inventoryOnly: true))
  }

  private static func read(_ paths: [String], _ reader: ManifestReader) -> Read {
    let loaded = ManifestLoader().load(paths)
    let read = reader.read(loaded.sources)
    return (read.contents, loaded.diagnostics + read.diagnostics, loaded.sources)
  }

  private static func side(
    _ path: String, _ inventory: Inventory, _ options: InventoryOptions
  ) -> (Cluster, [Diagnostic], [ManifestSource]) {
    var own = read([path], ManifestReader(defaultNamespace: options.namespace))
    let resolved: (cluster: Cluster, diagnostics: [Diagnostic])
    if own.contents.hasInventory {
      own.contents.append(inventory.read.contents)
      resolved = Cluster.resolve(own.contents, subjects: .podsAndWorkloads)
    } else {
      resolved = Cluster.resolve(own.contents.policies, inventory.resolved)
    }
    let isReadable = !(own.diagnostics + inventory.read.diagnostics).contains { $0.severity == .error }
    return (resolved.cluster, own.diagnostics + (isReadable ? resolved.diagnostics : []), own.sources)
  }
}

/// Findings about the input of a review, told on standard error.
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

  /// Tells them; ends the command with status 2 if an error is among them.
  func report() throws {
    StandardError.report(findings)
    let errors = findings.filter { $0.severity == .error }.count
    guard errors == 0 else {
      StandardError.write("netpolc: \(Plural.of(errors, "error"))\n")
      throw ExitCode(Status.trouble)
    }
  }
}
