import ArgumentParser
import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import Wording

/// Where policies and inventory are read from; every command that reads a cluster has these.
struct InputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Files, directories (*.yaml, *.yml, *.json below them), '-' for standard input, or REV:PATH of a git repository.",
      valueName: "path"))
  var paths: [String]

  @OptionGroup var inventory: InventoryOptions

  /// Reads everything that was named.
  func read(_ subjects: Cluster.Subjects = .podsWithAddress) throws -> Reading {
    try Reading(paths: paths, options: inventory, subjects: subjects)
  }
}

/// Where an inventory is read from, and how strictly.
struct InventoryOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Pods, namespaces and nodes, from the same kinds of places; policies are refused there. May be repeated.",
      valueName: "path"))
  var inventory: [String] = []

  @Option(
    help: ArgumentHelp(
      "The namespace of objects that name none.", valueName: "namespace"))
  var namespace: String = "default"

  @Flag(help: "Treat warnings as errors.")
  var strict: Bool = false
}

/// What was read, put together, with all there is to say about it.
struct Reading {
  /// The cluster; of use only if `diagnostics` holds no error.
  let cluster: Cluster
  /// What the manifests said, before it was put together.
  let contents: ManifestContents
  /// The NetworkPolicy objects as they were written.
  let networkPolicies: [NetworkPolicy]
  /// Findings in reading order; warnings are errors where `--strict` asks for that.
  var diagnostics: [Diagnostic]
  private let strict: Bool
  /// What findings of later stages quote.
  let quotations: Quotations

  /// Reads paths and inventory.
  init(paths: [String], options: InventoryOptions, subjects: Cluster.Subjects) throws {
    if (paths + options.inventory).filter({ $0 == "-" }).count > 1 {
      throw ValidationError("'-' can be read only once.")
    }
    let loader = ManifestLoader()
    let (main, inventory) = Progress.during("loading") { _ in
      (loader.load(paths), loader.load(options.inventory))
    }
    let reader = ManifestReader(defaultNamespace: options.namespace)
    let inventoryReader = ManifestReader(defaultNamespace: options.namespace, inventoryOnly: true)
    let count = main.sources.count + inventory.sources.count
    let (read, shared) = Progress.during("reading \(Counting.of(count, "file"))") { _ in
      (reader.read(main.sources), inventoryReader.read(inventory.sources))
    }
    var contents = read.contents
    contents.append(shared.contents)
    self.contents = contents
    networkPolicies = read.networkPolicies
    strict = options.strict
    quotations = Quotations(main.sources + inventory.sources)
    let resolved = Cluster.resolve(contents, subjects: subjects)
    cluster = resolved.cluster
    diagnostics = main.diagnostics + inventory.diagnostics + read.diagnostics + shared.diagnostics
    // A contradiction between objects is worth telling only when the objects could be read.
    if !diagnostics.contains(where: { $0.severity == .error }) { diagnostics += resolved.diagnostics }
  }

  /// Adds findings of a later stage. Behind errors they would only say what the errors caused.
  mutating func add(_ more: (Reading) -> [Diagnostic]) {
    if !diagnostics.contains(where: { $0.severity == .error }) { diagnostics += more(self) }
  }

  /// Tells the findings on standard error; ends the command with status 2 if an error is among them.
  func report() throws {
    let findings = diagnostics.map { finding in
      var told = finding
      if strict, finding.severity == .warning { told.severity = .error }
      if told.sourceLine == nil, let place = finding.location {
        told.sourceLine = quotations.line(place)
      }
      return told
    }.sorted(by: Diagnostic.inReadingOrder)
    StandardError.report(findings)
    let errors = findings.filter { $0.severity == .error }.count
    guard errors == 0 else {
      let warnings = findings.filter { $0.severity == .warning }.count
      StandardError.write("netpolc: \(Counting.of(errors, "error"))")
      if warnings > 0 { StandardError.write(", \(Counting.of(warnings, "warning"))") }
      StandardError.write("; nothing was written or applied\n")
      throw ExitCode(Status.trouble)
    }
  }

  /// How many warnings there are.
  var warnings: Int { diagnostics.filter { $0.severity == .warning }.count }
}

/// Exit statuses, as the command-line contract has them.
enum Status {
  /// Done; same; proven; allowed.
  static let success: Int32 = 0
  /// A finding: differs; counterexample; denied; rolled back.
  static let finding: Int32 = 1
  /// Bad input or failure: nothing written, nothing applied.
  static let trouble: Int32 = 2
  /// Undecided.
  static let undecided: Int32 = 3
}
