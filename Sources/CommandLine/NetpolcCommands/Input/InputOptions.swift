import ArgumentParser
import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import ReviewSettings
import Wording

/// Where policies and inventory are read from; every command that reads a cluster has these.
struct InputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Files, directories (*.yaml, *.yml, *.json below them), '-' for standard input, or REV:PATH of a git repository.",
      valueName: "path"), completion: .file())
  var paths: [String]

  @OptionGroup var inventory: InventoryOptions

  /// Reads everything that was named.
  func read(
    _ subjects: Cluster.Subjects = .podsWithAddress, _ workloads: WorkloadOptions? = nil
  ) throws -> Reading {
    try Reading(paths: paths, options: inventory, subjects: subjects, workloads: workloads)
  }
}

/// Where an inventory is read from, and how strictly.
struct InventoryOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Read pods, namespaces and nodes from PATH (no policies allowed there). May be repeated.",
      valueName: "path"), completion: .file())
  var inventory: [String] = []

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp(
      "The namespace of objects, and of names on the command line, without one.", valueName: "namespace"),
    completion: .namespaces)
  var namespace: String = "default"

  @Option(
    help: ArgumentHelp(
      "Leave out files of directories by a pattern as git's ignore files have it. May be repeated.",
      valueName: "glob"))
  var exclude: [String] = []

  @Flag(help: "Treat warnings as errors.")
  var strict: Bool = false

  func validate() throws {
    for text in exclude where PathPattern(text) == nil {
      throw ValidationError("--exclude '\(text)' is no pattern.")
    }
  }

  /// A loader that leaves out what the command line and settings exclude.
  func loader(_ settings: PathExclusions = PathExclusions()) -> ManifestLoader {
    let own = exclude.compactMap { PathPattern($0) }.map { PathExclusions.Rule($0, countsFromRoots: true) }
    return ManifestLoader(excluding: PathExclusions(settings.rules + own))
  }
}

/// The inputs that were read and resolved, with all findings about them.
struct Reading {
  /// The cluster; of use only if `diagnostics` holds no error.
  let cluster: Cluster
  /// The content of the manifests before it was resolved.
  let contents: ManifestContents
  /// The NetworkPolicy objects as they were written.
  let networkPolicies: [NetworkPolicy]
  /// Findings in reading order; warnings are errors where `--strict` asks for that.
  var diagnostics: [Diagnostic]
  private let strict: Bool
  /// The source lines that findings of later stages quote.
  let quotations: Quotations

  /// The files and documents of directories that were left out.
  let leftOut: LeftOut
  /// The inputs, whole, in reading order.
  let sources: [(source: ManifestSource, isInventory: Bool)]

  /// Reads paths and inventory.
  init(
    paths: [String], options: InventoryOptions, subjects: Cluster.Subjects, workloads: WorkloadOptions? = nil,
    settings: ReviewSettings = ReviewSettings()
  ) throws {
    if (paths + options.inventory).filter({ $0 == "-" }).count > 1 {
      throw ValidationError("'-' can be read only once.")
    }
    let loader = options.loader(settings.pathExclusions)
    let (main, inventory) = Progress.during("loading") { _ in
      (loader.loadTree(paths), loader.loadTree(options.inventory))
    }
    var leftOut = main.leftOut
    leftOut.append(inventory.leftOut)
    self.init(
      main.sources, inventory: inventory.sources,
      found: main.diagnostics + inventory.diagnostics
        + loader.exclusionsWithoutFile(main.matched.union(inventory.matched)),
      leftOut: leftOut, namespace: options.namespace, strict: options.strict, subjects: subjects,
      workloads: workloads)
  }

  /// Reads the inputs that are kept in a plan.
  init(plan: PlanFile) throws {
    func sources(_ isInventory: Bool) -> [ManifestSource] {
      plan.sources.filter { $0.isInventory == isInventory }.map {
        ManifestSource(name: $0.name, text: $0.text)
      }
    }
    self.init(
      sources(false), inventory: sources(true), found: [], leftOut: LeftOut(), namespace: plan.namespace,
      strict: plan.strict,
      subjects: .podsWithAddress)
  }

  private init(
    _ main: [ManifestSource], inventory: [ManifestSource], found loading: [Diagnostic], leftOut: LeftOut,
    namespace: String, strict: Bool, subjects: Cluster.Subjects, workloads: WorkloadOptions? = nil
  ) {
    let kinds = workloads?.kinds ?? WorkloadKinds()
    let reader = ManifestReader(namespace: namespace, kinds)
    let inventoryReader = ManifestReader(namespace: namespace, kinds, inventoryOnly: true)
    let count = main.count + inventory.count
    let (read, shared) = Progress.during("reading \(Counting.of(count, "file"))") { _ in
      (reader.read(main), inventoryReader.read(inventory))
    }
    var left = leftOut
    left.append(read.leftOut)
    left.append(shared.leftOut)
    left.add(kinds: read.contents.skipped)
    left.add(kinds: shared.contents.skipped)
    self.leftOut = left
    var contents = read.contents
    contents.append(shared.contents)
    contents.podCIDRs = workloads?.blocks ?? []
    contents.ingressControllers = workloads?.controllers ?? []
    contents.addMissingIngressControllers()
    self.contents = contents
    networkPolicies = read.networkPolicies
    self.strict = strict
    sources = main.map { ($0, false) } + inventory.map { ($0, true) }
    quotations = Quotations(main + inventory)
    let resolved = Cluster.resolve(contents, subjects: subjects)
    cluster = resolved.cluster
    diagnostics = loading + read.diagnostics + shared.diagnostics
    // A contradiction between objects is worth telling only when the objects could be read.
    if !diagnostics.contains(where: { $0.severity == .error }) { diagnostics += resolved.diagnostics }
  }

  /// Adds findings of a later stage. Behind errors they would only say what the errors caused.
  mutating func add(_ more: (Reading) -> [Diagnostic]) {
    if !diagnostics.contains(where: { $0.severity == .error }) { diagnostics += more(self) }
  }

  /// Tells the findings on standard error; ends the command with status 2 if an error is among them.
  func report() throws {
    let excerpts = quotations.excerpts(
      diagnostics.filter { $0.sourceLine == nil }.compactMap(\.location))
    let findings = diagnostics.map { finding in
      var quoted = finding
      if strict, finding.severity == .warning { quoted.severity = .error }
      if quoted.sourceLine == nil, let place = finding.location {
        let excerpt = excerpts[place]
        (quoted.sourceLine, quoted.skippedBytes) = (excerpt?.text, excerpt?.skipped ?? 0)
      }
      return quoted
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

  /// The cluster with workloads and pods without an address, which no ruleset has and a page shows.
  var withWorkloads: Cluster {
    contents.workloads.isEmpty ? cluster : Cluster.resolve(contents, subjects: .podsAndWorkloads).cluster
  }

  /// The number of warnings.
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
  /// The exit status of an undecided answer.
  static let undecided: Int32 = 3
}
