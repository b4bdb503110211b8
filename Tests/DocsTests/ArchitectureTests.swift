import Foundation
import TestSupport
import Testing

@Suite("docs/architecture.md is what Package.swift says")
struct ArchitectureTests {
  /// What each module is, in a line.
  static let purposes: KeyValuePairs<String, String> = [
    "Addresses": "IPv4 and IPv6 addresses, prefixes, disjoint interval sets, port sets",
    "Diagnostics": "places in sources, findings with stable ids, the caret rendering",
    "Digest": "SHA-256, for names and for comparing inputs",
    "JSONText": "a strict reader and a writer of JSON, for everything but manifests",
    "PolicyModel":
      "policies, selectors, pods, namespaces, nodes as values; validation in the API server's words; no file format, no nftables",
    "CYAML": "the system library libyaml",
    "CSimdjson": "the system library simdjson, behind a small C shim",
    "CNFTables": "the system library libnftables",
    "CLinux": "the lines of C that Swift cannot say: namespaces, memory files, sessions",
    "Manifests":
      "the front end: from bytes to the model, with positions; the only module that knows YAML, JSON manifests and git",
    "Ruleset": "typed nftables objects; the difference of two tables as the smallest transaction",
    "Lowering": "the middle: from policies and pods to a table, with the origin of each rule",
    "RulesetText": "printers and readers of nft text and libnftables' JSON",
    "NFTables": "the only module that sees libnftables: dry run, apply, read back, in a child process",
    "Enforcement": "what is installed on a node: its record, smallest transactions, confirmation, rollback",
    "Sessions": "a node that stays: events about its cluster go in, transactions come out",
    "Reachability": "the specification: what policies mean, as interval diagrams",
    "Verification": "what a table does, executed symbolically, compared with the specification",
    "Review": "what a change of policies does, and what is odd about them",
    "PacketLab": "real packets between namespaces of its own, for tests and `verify --replay`",
    "netpolc": "the executable: commands, formats for people, reports",
    "ClusterGenerator": "large and uneven clusters by seed, for benchmarks and tests",
    "BenchmarkReference": "what the machine can do without netpolc: the limits that benchmarks compare with",
    "netpolc-bench": "what everything costs, as ratios within one run",
    "FuzzTargets": "parsers of what netpolc did not write, under damaged inputs, and what must hold of them",
    "netpolc-fuzz": "damaged inputs by the million",
  ]

  /// A target of the package, as `Package.swift` declares it.
  struct Module {
    let name: String
    let dependencies: [String]
  }

  /// The targets that are no tests, in the order of the file.
  static let modules: [Module] = {
    let path = Fixtures.package.appending(path: "Package.swift")
    guard let text = try? String(contentsOf: path, encoding: .utf8),
      let start = text.range(of: "  targets: [")
    else { return [] }
    var modules: [Module] = []
    let declaration =
      #/\n    (module|\.target|\.executableTarget|\.systemLibrary|tests)\(((?:[^()]|\([^()]*(?:\([^()]*\))?[^()]*\))*)\)/#
    for match in text[start.upperBound...].matches(of: declaration) where match.1 != "tests" {
      let body = String(match.2)
      if body.contains("path: \"Tests/") { continue }
      // Only the first list holds targets; what is said of settings and platforms is not one.
      let names = body.prefix { $0 != "[" }.matches(of: #/"([A-Za-z0-9-]+)"/#).map { String($0.1) }
      guard let name = names.first else { continue }
      let isLibrary = match.1 == ".systemLibrary"
      let plain = body.replacing("[.linux]", with: "")
      let list = plain.firstRange(of: "[").map { plain[$0.upperBound...].prefix { $0 != "]" } } ?? ""
      let known = Set(purposes.map(\.key))
      let targets = list.matches(of: #/"([A-Za-z0-9-]+)"/#).map { String($0.1) }.filter(known.contains)
      modules.append(Module(name: name, dependencies: isLibrary ? [] : targets))
    }
    return modules
  }()

  @Test("the table of modules; NETPOLC_RECORD=1 writes it")
  func table() throws {
    let purposes = Dictionary(uniqueKeysWithValues: Self.purposes.map { ($0.key, $0.value) })
    #expect(Set(Self.modules.map(\.name)) == Set(purposes.keys))
    var text = "| module | what it is | uses |\n|---|---|---|\n"
    for name in Self.purposes.map(\.key) {
      guard let module = Self.modules.first(where: { $0.name == name }) else { continue }
      let uses = module.dependencies.sorted().joined(separator: ", ")
      text += "| `\(name)` | \(purposes[name] ?? "") | \(uses) |\n"
    }
    let document = try Document("docs/architecture.md")
    if let difference = GeneratedPart(document: document, name: "modules").difference(from: text) {
      Issue.record("\(difference)")
    }
  }

  @Test("arrows point one way: up the table")
  func arrows() {
    var above: Set<String> = []
    for name in Self.purposes.map(\.key) {
      for dependency in Self.modules.first(where: { $0.name == name })?.dependencies ?? [] {
        #expect(above.contains(dependency), "\(name) uses \(dependency), which does not stand above it")
      }
      above.insert(name)
    }
  }

  @Test(
    "the two descriptions that a proof compares know nothing of each other",
    arguments: [
      ("Lowering", "Reachability"), ("Lowering", "Verification"), ("Reachability", "Lowering"),
      ("Reachability", "Ruleset"), ("Verification", "Lowering"), ("PolicyModel", "Manifests"),
    ])
  func strangers(module: String, other: String) {
    var seen: Set<String> = []
    var waiting = [module]
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted else { continue }
      waiting += Self.modules.first { $0.name == next }?.dependencies ?? []
    }
    #expect(!Self.modules.isEmpty)
    #expect(!seen.contains(other))
  }
}
