import Foundation
import TestSupport
import Testing

/// The targets of `Package.swift`, read as text.
struct PackageModules {
  /// A target that is no test.
  struct Module {
    let name: String
    /// The stage, as the folder of `Sources/` is called.
    let stage: String
    /// The comment above it: its line in docs/architecture.md.
    let purpose: String
    /// The targets of this package that it uses.
    let dependencies: [String]
  }

  /// In the order of the file.
  let modules: [Module]

  init() throws {
    let text = try String(contentsOf: Fixtures.package.appending(path: "Package.swift"), encoding: .utf8)
    let start = try #require(text.range(of: "  targets: ["))
    let declaration =
      #/\n((?:    // [^\n]*\n)*)    (module|native|program|\.target|\.systemLibrary|tests)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/#
    var found: [Module] = []
    for match in text[start.upperBound...].matches(of: declaration) where match.2 != "tests" {
      let body = String(match.3)
      if body.contains("path: \"Tests/") { continue }
      let comment = match.1.split(separator: "\n").map { String($0.drop { " /".contains($0) }) }
      let head = try #require(body.firstMatch(of: #/"([A-Za-z0-9-]+)"/#))
      let stage = try #require(body.firstMatch(of: #/(?:in: "|Sources/)([A-Za-z]+)/#))
      let list =
        match.2 == ".systemLibrary" || match.2 == "native"
        ? "" : body.firstRange(of: "[").map { body[$0.upperBound...].prefix { $0 != "]" } } ?? ""
      let names = list.matches(of: #/"([A-Za-z0-9-]+)"/#).map { String($0.1) }
      found.append(
        Module(
          name: String(head.1), stage: String(stage.1), purpose: comment.joined(separator: " "),
          dependencies: names))
    }
    let known = Set(found.map(\.name))
    modules = found.map {
      Module(
        name: $0.name, stage: $0.stage, purpose: $0.purpose,
        dependencies: $0.dependencies.filter(known.contains))
    }
  }

  /// All that a module uses, directly or through others, itself included.
  func reach(of module: String) -> Set<String> {
    var seen: Set<String> = []
    var waiting = [module]
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted else { continue }
      waiting += modules.first { $0.name == next }?.dependencies ?? []
    }
    return seen
  }

  /// The modules of a stage.
  func stage(_ name: String) -> [String] { modules.filter { $0.stage == name }.map(\.name) }
}

@Suite("docs/architecture.md is what Package.swift says", .bounded)
struct ArchitectureTests {
  @Test("the table of modules; NETPOLC_RECORD=1 writes it")
  func table() throws {
    let modules = try PackageModules().modules
    #expect(modules.count > 20)
    var text = "| stage | module | what it is | uses |\n|---|---|---|---|\n"
    for module in modules {
      #expect(module.purpose.hasSuffix("."), "\(module.name) has no sentence above it in Package.swift")
      let uses = module.dependencies.sorted().joined(separator: ", ")
      let purpose = module.purpose.hasSuffix(".") ? String(module.purpose.dropLast()) : module.purpose
      text += "| \(module.stage) | `\(module.name)` | \(purpose) | \(uses) |\n"
    }
    let document = try Document("docs/architecture.md")
    if let difference = GeneratedPart(document: document, name: "modules").difference(from: text) {
      Issue.record("\(difference)")
    }
  }

  @Test("every folder of Sources/ is the target that its name says")
  func folders() throws {
    let package = try PackageModules()
    let sources = Fixtures.package.appending(path: "Sources")
    for stage in try FileManager.default.contentsOfDirectory(atPath: sources.path()) {
      for module in try FileManager.default.contentsOfDirectory(atPath: sources.appending(path: stage).path())
      {
        #expect(package.stage(stage).contains(module), "Sources/\(stage)/\(module) is no target")
      }
    }
  }

  @Test("arrows point one way: up the table")
  func arrows() throws {
    var above: Set<String> = []
    for module in try PackageModules().modules {
      for dependency in module.dependencies {
        #expect(
          above.contains(dependency), "\(module.name) uses \(dependency), which does not stand above it")
      }
      above.insert(module.name)
    }
  }

  @Test("each arrow is used: a module imports all that it declares")
  func imports() throws {
    let statement = #/^ *(?:(?:public|package|internal) )?import ([A-Za-z0-9]+)/#.anchorsMatchLineEndings()
    for module in try PackageModules().modules where !module.dependencies.isEmpty {
      let folder = "Sources/\(module.stage)/\(module.name)/"
      let text = SwiftSource.all.filter { $0.path.hasPrefix(folder) }.flatMap(\.lines).joined(separator: "\n")
      let imported = Set(text.matches(of: statement).map { String($0.1) })
      for dependency in module.dependencies {
        #expect(imported.contains(dependency), "\(module.name) declares \(dependency) and imports it nowhere")
      }
    }
  }

  /// Modules and stages that must know nothing of each other, not even through others, and why.
  static let forbidden: [(from: String, to: [String], why: String)] = [
    ("Lowering", ["Reachability", "PolicyTrace", "Verification"], "a proof by the same code proves nothing"),
    (
      "TableLayout", ["Reachability", "PolicyTrace", "Verification"],
      "a proof by the same code proves nothing"
    ),
    (
      "IncrementalLowering", ["Reachability", "PolicyTrace", "Verification"],
      "a proof by the same code proves nothing"
    ),
    ("Lowering", ["IncrementalLowering"], "a compile knows no events"),
    ("Reachability", ["Lowering", "Ruleset"], "a proof by the same code proves nothing"),
    ("Verification", ["Lowering", "TableLayout"], "a proof by the same code proves nothing"),
    ("KernelProgram", ["Lowering", "RulesetText"], "the kernel's objects know no text and no policies"),
    ("Assembler", ["KernelReader", "Lowering"], "what is assembled is held against what the kernel tells"),
    (
      "KernelReader", ["Assembler", "RulesetText", "Lowering"], "what the kernel tells is read without a text"
    ),
    (
      "Proving", ["Lowering", "TableLayout", "NFTables"],
      "a proof by the same code proves nothing, and it looks at no kernel"
    ),
    (
      "NodeCompiler", ["NetpolcCommands", "KubernetesManifests", "Reports", "PacketLab"], "an agent links it"
    ),
    ("Documents", ["PolicyModel", "KubernetesManifests"], "YAML and JSON know no Kubernetes"),
    ("PolicyModel", ["Documents", "KubernetesManifests"], "what is meant knows no dialect"),
    (
      "netpolc", ["KubernetesAPI", "AgentService"],
      "the command line starts without what the agent alone needs"
    ),
    (
      "KubernetesAPI", ["Lowering", "NFTables", "Enforcement", "NodeAgent"],
      "what the API server says is no matter of the table"
    ),
    (
      "CNIPlugin", ["PolicyModel", "NFTables", "CLinux", "KubernetesAPI"], "a runtime starts it for each pod"
    ),
    ("PolicyTrace", ["Lowering", "Ruleset"], "reasons are read from policies, never from a ruleset"),
    ("Review", ["RulesetText", "NFTables", "Enforcement", "Lowering"], "a review looks at no kernel"),
  ]

  /// The modules of the review stage that may know how policies are written in YAML.
  static let readers: Set = ["PolicyLint", "PolicyExplain", "PolicyAssert"]

  @Test("few modules of the review stage know a dialect")
  func dialects() throws {
    let review = try PackageModules().modules.filter { $0.stage == "Review" }
    #expect(review.count >= 7)
    for module in review where module.dependencies.contains("KubernetesManifests") {
      #expect(Self.readers.contains(module.name), "\(module.name) reads policies by itself")
    }
  }

  @Test("what must know nothing of each other does not", arguments: forbidden.indices)
  func strangers(row: Int) throws {
    let package = try PackageModules()
    let (from, to, why) = Self.forbidden[row]
    let starts = package.stage(from).isEmpty ? [from] : package.stage(from)
    for start in starts {
      let seen = package.reach(of: start)
      #expect(package.modules.contains { $0.name == start }, "no module \(start)")
      for other in to {
        #expect(package.modules.contains { $0.name == other }, "no module \(other)")
        #expect(!seen.contains(other), "\(start) reaches \(other): \(why)")
      }
    }
  }
}
