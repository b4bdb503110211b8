// swift-tools-version: 6.2
import PackageDescription

/// Every target is Swift 6 language mode (the tools version's default) and declares what it uses:
/// imports are internal unless said otherwise, `any` is spelled out, members come from imported modules only.
/// CI sets NETPOLC_WARNINGS_AS_ERRORS; a compiler newer than CI's may warn of more, and then should still build.
let strict: [SwiftSetting] =
  [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (Context.environment["NETPOLC_WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// Modules are optimized in debug builds too: the tests run millions of proofs and verdicts, which take six times as long
/// without. For a debugger that shows every variable: NETPOLC_DEBUGGER=1 swift build.
let optimized: [SwiftSetting] =
  (Context.environment["NETPOLC_DEBUGGER"] == nil
    ? strict + [.unsafeFlags(["-O"], .when(configuration: .debug))] : strict)
  // Generic code of one module is specialized in those that use it: without, lowering takes 5 % longer.
  + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

/// True for .ci/sanitize: no program that is linked statically can hold a sanitizer.
let isSanitized = Context.environment["NETPOLC_SANITIZED"] != nil

/// The library that commands are declared with.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A module of Swift in the folder of its stage: `Sources/<stage>/<name>`.
func module(
  _ name: String, in stage: String, _ dependencies: [Target.Dependency] = [],
  embedding resources: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(stage)/\(name)",
    resources: resources.map { .embedInCode($0) }, swiftSettings: optimized)
}

/// A module of C or C++ in the folder of its stage.
func native(
  _ name: String, in stage: String, linking libraries: [String] = [], defining settings: [CSetting] = []
) -> Target {
  .target(
    name: name, path: "Sources/\(stage)/\(name)", cSettings: settings.isEmpty ? nil : settings,
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// The commit of a release, for `netpolc --version`: .ci/deb sets it. SwiftPM's own knowledge of it can be that of an
/// earlier build, so it is not asked.
let commit: [CSetting] =
  Context.environment["NETPOLC_COMMIT"].map { name in
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return isPlain && !name.isEmpty ? [.define("NETPOLC_COMMIT", to: "\"\(name)\"")] : []
  } ?? []

/// An executable in the folder of its stage.
func program(
  _ name: String, in stage: String, _ dependencies: [Target.Dependency], linking: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Sources/\(stage)/\(name)", swiftSettings: strict,
    linkerSettings: linking)
}

/// The tests of one module or of a whole stage: `Tests/<stage>/<name>`.
func tests(_ name: String, in stage: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(stage)/\(name)", swiftSettings: strict)
}

// The comment above each target is its line in docs/architecture.md, and the order is that of the arrows: a target uses
// only targets above it. A test holds both.
let package = Package(
  name: "netpolc",
  products: [.executable(name: "netpolc", targets: ["netpolc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // For the node agent alone: netpolc uses none of these.
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
  ],
  targets: [
    // IPv4 and IPv6 addresses, prefixes, disjoint interval sets, port sets, IP protocols, sets of traffic.
    module("Addresses", in: "Base"),
    // Counts and lists in words, the look of a terminal, foreign text escaped for the sink that it goes to.
    module("Wording", in: "Base", ["Addresses"]),
    // Positions in sources, findings with stable ids, the caret rendering.
    module("Diagnostics", in: "Base", ["Wording"]),
    // The processor's instructions for SHA-256.
    native("CSHA256", in: "Base"),
    // SHA-256, for names and for comparing inputs.
    module("Digest", in: "Base", ["CSHA256"]),
    // A strict reader and a writer of JSON, for everything but manifests.
    module("JSONText", in: "Base"),

    // Policies, selectors, pods, namespaces, nodes as values; no file format, no nftables.
    module("PolicyModel", in: "FrontEnd", ["Addresses", "Diagnostics"]),
    // The system library libyaml.
    .systemLibrary(
      name: "CYAML", path: "Sources/FrontEnd/CYAML", pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"])]),
    // The system library simdjson, behind a small C shim.
    native("CSimdjson", in: "FrontEnd", linking: ["simdjson"]),
    // Pipes that no other thread's program inherits.
    native("CPipe", in: "FrontEnd"),
    // Sources and their documents: files, directories and git revisions; YAML and JSON as events and values, with places.
    module(
      "Documents", in: "FrontEnd", ["Diagnostics", "Wording", "JSONText", "CYAML", "CSimdjson", "CPipe"]),
    // Kubernetes objects from documents to the model, with validation in the API server's words.
    module(
      "KubernetesManifests", in: "FrontEnd",
      ["Documents", "PolicyModel", "Addresses", "Diagnostics", "Wording"]),

    // Typed nftables objects; the difference of two tables as the smallest transaction.
    module("Ruleset", in: "MiddleLayer", ["Addresses"]),
    // The names and roles of a table's chains, sets and maps, and what the enforcement modes make of them.
    module("TableLayout", in: "MiddleLayer", ["PolicyModel", "Addresses", "Ruleset", "Digest"]),
    // The kernel's tables, chains, sets and instructions as values, in normal form.
    module("KernelProgram", in: "MiddleLayer", ["Addresses", "Ruleset", "Digest"]),
    // From policies and pods to a table, with the origin of each rule.
    module(
      "Lowering", in: "MiddleLayer",
      ["TableLayout", "PolicyModel", "Addresses", "Diagnostics", "Ruleset", "Digest"]),
    // The same table kept while pods, namespaces and policies change: events in, the table's differences out.
    module(
      "IncrementalLowering", in: "MiddleLayer",
      ["Lowering", "TableLayout", "PolicyModel", "Addresses", "Diagnostics", "Ruleset"]),

    // Printers and readers of nft text and libnftables' JSON.
    module("RulesetText", in: "BackEnd", ["Ruleset", "Addresses", "JSONText", "Wording"]),
    // From a typed table to the instructions that libnftables makes of its text.
    module("Assembler", in: "BackEnd", ["KernelProgram", "Ruleset", "Addresses"]),
    // The system library libnftables.
    .systemLibrary(
      name: "CNFTables", path: "Sources/BackEnd/CNFTables", pkgConfig: "libnftables",
      providers: [.apt(["libnftables-dev"])]),
    // The lines of C that Swift cannot say: namespaces, memory files, sessions.
    native("CLinux", in: "BackEnd"),
    // The Linux node itself: network namespaces, locks, descriptors, tracked connections, bridges, signals, clocks.
    module("LinuxNet", in: "BackEnd", ["Addresses", "CLinux"]),
    // The only module that sees libnftables, in a worker process; the kernel's own objects and events by netlink.
    module("NFTables", in: "BackEnd", ["LinuxNet", "CNFTables", "CLinux"]),
    // The kernel's program by netlink, with closed lists of what is known; the rest makes an answer undecided.
    module(
      "KernelReader", in: "BackEnd",
      ["KernelProgram", "Ruleset", "Addresses", "NFTables", "LinuxNet", "CLinux"]),
    // The state of a node: its record, smallest transactions, confirmation, rollback.
    module(
      "Enforcement", in: "BackEnd",
      [
        "KernelReader", "Assembler", "KernelProgram", "NFTables", "LinuxNet", "PolicyModel", "Ruleset",
        "RulesetText", "Digest", "CLinux",
      ]),

    // The specification: what policies mean, as interval diagrams.
    module("Reachability", in: "Proof", ["PolicyModel", "Addresses"]),
    // The reading of policies rule by rule for one packet, with the reason for each match and each miss.
    module(
      "PolicyTrace", in: "Proof", ["PolicyModel", "Addresses", "Diagnostics", "Wording"]),
    // The kernel's program, executed symbolically and compared with the specification.
    module(
      "Verification", in: "Proof",
      ["PolicyTrace", "Reachability", "Assembler", "KernelProgram", "Ruleset", "Addresses", "PolicyModel"]),
    // Proofs with their counterexamples in words, verdicts on tracked connections, a packet's way through a table.
    module(
      "Proving", in: "Proof",
      [
        "Verification", "PolicyTrace", "KernelProgram", "Ruleset", "RulesetText", "PolicyModel", "Addresses",
        "Diagnostics",
      ]),

    // The pods of one revision or of two, in classes that no policy distinguishes, and what each class may send to each.
    module(
      "Connectivity", in: "Review",
      ["Reachability", "PolicyModel", "Addresses", "Wording"]),
    // Every connection that two revisions of policies treat differently, each with an example packet and its causes.
    module(
      "PolicyDiff", in: "Review",
      [
        "Connectivity", "PolicyTrace", "Reachability", "PolicyModel", "Addresses", "Diagnostics", "Ruleset",
        "Wording",
      ]),
    // Every allowed connection by groups of equal reach, and what pods to come may reach and be reached by.
    module(
      "PolicyList", in: "Review",
      ["Connectivity", "PolicyTrace", "Reachability", "PolicyModel", "Addresses", "Wording"]),
    // The verdict on one connection or on those of a group, its reasons, and the edits that would change it.
    module(
      "PolicyExplain", in: "Review",
      [
        "PolicyDiff", "Connectivity", "PolicyTrace", "Reachability", "PolicyModel", "Addresses", "JSONText",
        "Wording", "KubernetesManifests",
      ]),
    // Likely mistakes in policies, by rules with stable ids.
    module(
      "PolicyLint", in: "Review",
      [
        "Connectivity", "PolicyTrace", "Reachability", "PolicyModel", "Addresses", "Diagnostics",
        "KubernetesManifests", "Wording",
      ]),
    // Connections that must be allowed or denied, checked for the pods of today and for pods to come.
    module(
      "PolicyAssert", in: "Review",
      [
        "Documents", "Connectivity", "PolicyTrace", "Reachability", "PolicyModel", "Addresses", "Diagnostics",
        "KubernetesManifests",
        "Wording",
      ]),
    // The files .netpolc.yaml and .netpolcignore: paths, exclusions and suppressions of a review, and how revisions of them differ.
    module("ReviewSettings", in: "Review", ["Documents", "Diagnostics", "Wording"]),
    // The output formats of diff, list, explain, lint and assert: text, JSON, Markdown, SARIF, annotations.
    module(
      "Reports", in: "Review",
      [
        "PolicyDiff", "PolicyList", "PolicyExplain", "PolicyLint", "PolicyAssert", "Connectivity",
        "PolicyTrace",
        "Reachability", "PolicyModel", "Addresses", "Diagnostics", "JSONText", "Wording",
      ]),
    // The HTML pages of a cluster and of a difference, each one file that loads nothing.
    module(
      "ReviewPages", in: "Review",
      [
        "PolicyDiff", "Connectivity", "PolicyTrace", "Reachability", "PolicyModel", "Addresses",
        "Diagnostics", "JSONText", "Wording",
      ], embedding: ["Page"]),

    // From a cluster to a node's ruleset: compiled, proved, with its map file, ready to be applied.
    module(
      "NodeCompiler", in: "Node",
      [
        "KernelProgram",
        "Proving", "Verification", "TableLayout", "Lowering", "PolicyModel", "Enforcement", "NFTables",
        "LinuxNet",
        "Ruleset",
        "RulesetText", "Addresses", "Diagnostics", "Digest", "JSONText", "Wording",
      ]),
    // Lists and watches of a Kubernetes API server as one sequence of events, whatever happens to the connection.
    module(
      "KubernetesAPI", in: "Node",
      [
        "KubernetesManifests", "Documents", "Diagnostics", "JSONText", "PolicyModel",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    // The chained CNI plugin, which lets a pod start when its policies are in force: no more than the standard library.
    module("CNIPlugin", in: "Node", ["JSONText"]),
    // The start of the plugin's process, before Swift's runtime looks for files.
    native("CPluginStart", in: "Node"),
    // A node that follows its cluster: events go in, transactions come out.
    module(
      "NodeAgent", in: "Node",
      [
        "Addresses", "Enforcement", "IncrementalLowering", "Lowering", "PolicyModel", "Ruleset",
        "TableLayout", "KernelProgram",
      ]),

    // Real packets between namespaces of its own, for tests and `verify --replay`.
    module("PacketLab", in: "Tools", ["Addresses", "NFTables", "LinuxNet", "CLinux"]),

    // The commit that a release is built from.
    native("CBuild", in: "CommandLine", defining: commit),
    // All commands of the command line, with their options, formats and reports.
    module(
      "NetpolcCommands", in: "CommandLine",
      [
        "KernelProgram", "KernelReader", "Assembler",
        "Documents", "Addresses", "Diagnostics", "Digest", "PolicyModel", "KubernetesManifests", "Ruleset",
        "RulesetText",
        "TableLayout", "Lowering", "NFTables", "LinuxNet", "JSONText", "Reachability", "PolicyTrace",
        "Verification", "Connectivity", "PolicyDiff", "PolicyList", "PolicyExplain", "PolicyLint",
        "PolicyAssert",
        "ReviewSettings", "Reports", "ReviewPages",
        "Enforcement", "PacketLab", "Proving", "NodeCompiler", "CNIPlugin", "Wording", "CBuild",
        argumentParser,
      ]),
    // The executable: calls NetpolcCommands.
    program("netpolc", in: "CommandLine", ["NetpolcCommands"]),

    // The node agent's threads and sockets: feeds of the API server, the loop, the plugin's socket, probes and metrics.
    module(
      "AgentService", in: "Node",
      [
        "NodeAgent", "NodeCompiler", "KubernetesAPI", "CNIPlugin", "PolicyModel", "Addresses", "TableLayout",
        "Lowering",
        "IncrementalLowering", "Ruleset", "RulesetText", "KernelProgram", "Assembler", "KernelReader",
        "Enforcement", "NFTables",
        "LinuxNet", "Proving", "Diagnostics", "Digest", "JSONText", "Wording",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    // The node agent's command line.
    program(
      "netpolc-agent", in: "CommandLine",
      [
        "AgentService", "KubernetesAPI", "CNIPlugin", "PolicyModel", "Addresses", "Enforcement", "NFTables",
        "LinuxNet", "JSONText", "Wording", argumentParser, .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    // The CNI plugin as the program that a container runtime starts, linked statically.
    program(
      "netpolc-cni", in: "CommandLine", ["CNIPlugin", "CPluginStart"],
      linking: isSanitized ? [] : [.unsafeFlags(["-static-executable"])]),

    // Large and uneven clusters by seed, for benchmarks and tests.
    module(
      "ClusterGenerator", in: "Tools",
      ["PolicyModel", "KubernetesManifests", "Addresses", "Diagnostics"]),
    // The machine's own limits, without netpolc, that benchmarks compare with; part of no product.
    native("BenchmarkReference", in: "Tools", linking: ["simdjson", "yaml"]),
    // The cost of everything, as ratios within one run.
    program(
      "netpolc-bench", in: "Tools",
      [
        "Documents", "ClusterGenerator", "BenchmarkReference", "CLinux", "PolicyModel", "KubernetesManifests",
        "IncrementalLowering", "Lowering", "KernelProgram", "KernelReader", "Assembler",
        "Ruleset", "RulesetText", "Reachability", "PolicyDiff", "PolicyLint", "ReviewPages", "Enforcement",
        "NodeAgent", "Verification", "NFTables", "LinuxNet", "PacketLab", "Addresses", "Diagnostics",
        argumentParser, .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    // Parsers of foreign texts under damaged inputs, and what must hold of them.
    module(
      "FuzzTargets", in: "Tools",
      [
        "Documents", "Diagnostics", "Digest", "KubernetesManifests", "PolicyModel", "PolicyAssert",
        "RulesetText",
        "Ruleset",
        "Enforcement", "NFTables", "LinuxNet",
      ]),
    // Damaged inputs by the million.
    program("netpolc-fuzz", in: "Tools", ["FuzzTargets", "CLinux", argumentParser]),

    // Shared by suites: random clusters, a plain evaluator of policies, fixtures.
    .target(
      name: "TestSupport",
      dependencies: [
        "Documents", "KubernetesManifests", "PolicyModel", "Addresses", "Diagnostics", "Ruleset",
        "RulesetText",
      ],
      path: "Tests/TestSupport", swiftSettings: optimized),
    // An API server on loopback that a test scripts: answers byte by byte, a small cluster, faults of the connection.
    .target(
      name: "ScriptedServer",
      dependencies: [
        "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], path: "Tests/ScriptedServer", swiftSettings: strict),
    tests("AddressesTests", in: "Base", ["Addresses", "TestSupport"]),
    tests("DigestTests", in: "Base", ["Digest", "TestSupport"]),
    tests("WordingTests", in: "Base", ["Wording", "Addresses", "TestSupport"]),
    tests("DiagnosticsTests", in: "Base", ["Diagnostics", "TestSupport"]),
    tests("PolicyModelTests", in: "FrontEnd", ["PolicyModel", "Addresses", "Diagnostics", "TestSupport"]),
    tests(
      "KubernetesManifestsTests", in: "FrontEnd",
      ["Documents", "KubernetesManifests", "PolicyModel", "Addresses", "Diagnostics", "TestSupport"]),
    tests(
      "LoweringTests", in: "MiddleLayer",
      [
        "TableLayout", "Lowering", "PolicyModel", "Addresses", "Ruleset", "RulesetText", "Digest",
        "KubernetesManifests",
        "TestSupport", "Verification", "Diagnostics", "PolicyTrace",
      ]),
    tests(
      "IncrementalLoweringTests", in: "MiddleLayer",
      [
        "IncrementalLowering", "Lowering", "PolicyModel", "Addresses", "Ruleset", "RulesetText",
        "TestSupport", "Diagnostics", "Verification", "Reachability", "TableLayout",
      ]),
    tests(
      "RulesetTextTests", in: "BackEnd",
      ["RulesetText", "Ruleset", "Addresses", "JSONText", "TestSupport"]),
    tests(
      "NFTablesTests", in: "BackEnd",
      ["netpolc", "NFTables", "LinuxNet", "PacketLab", "Addresses", "CLinux", "TestSupport"]),
    tests(
      "KernelReaderTests", in: "BackEnd",
      [
        "NetpolcCommands", "KernelReader", "KernelProgram", "Assembler", "NFTables", "LinuxNet", "Ruleset",
        "RulesetText",
        "Addresses",
        "TestSupport",
      ]),
    tests(
      "PacketTests", in: "BackEnd",
      [
        "netpolc", "PacketLab", "Lowering", "TableLayout", "KernelReader", "RulesetText", "PolicyModel",
        "Addresses", "Diagnostics",
        "TestSupport", "Reachability", "Verification", "Ruleset", "NFTables", "LinuxNet",
      ]),
    tests(
      "EnforcementTests", in: "BackEnd",
      [
        "netpolc", "Enforcement", "NFTables", "LinuxNet", "PacketLab", "Ruleset", "RulesetText", "Addresses",
        "KernelProgram", "KernelReader", "Assembler",
        "TestSupport", "IncrementalLowering", "Lowering", "PolicyModel", "CLinux", "NodeAgent",
        "Verification", "Reachability",
        "Diagnostics",
      ]),
    tests("ReachabilityTests", in: "Proof", ["Reachability", "PolicyModel", "Addresses", "TestSupport"]),
    tests(
      "PolicyTraceTests", in: "Proof",
      ["PolicyTrace", "PolicyModel", "Addresses", "TestSupport"]),
    tests(
      "VerificationTests", in: "Proof",
      [
        "KernelProgram", "KernelReader", "Assembler", "Verification", "PolicyTrace", "Reachability",
        "Lowering",
        "PolicyModel",
        "Ruleset", "RulesetText", "Addresses", "PacketLab", "NFTables", "LinuxNet", "TestSupport",
        "Diagnostics",
      ]),
    tests(
      "ConnectivityTests", in: "Review",
      ["Connectivity", "Reachability", "PolicyModel", "Addresses", "TestSupport"]),
    tests(
      "PolicyDiffTests", in: "Review",
      [
        "PolicyDiff", "Connectivity", "Reachability", "PolicyModel", "Addresses", "Wording", "Diagnostics",
        "TestSupport",
      ]),
    tests(
      "PolicyListTests", in: "Review",
      [
        "netpolc", "PolicyList", "Reports", "Documents", "Diagnostics", "KubernetesManifests", "Reachability",
        "PolicyModel", "Addresses", "TestSupport",
      ]),
    tests("ReviewSettingsTests", in: "Review", ["netpolc", "ReviewSettings", "Documents", "TestSupport"]),
    tests(
      "PolicyExplainTests", in: "Review",
      [
        "netpolc", "PolicyExplain", "PolicyTrace", "PolicyDiff", "Reachability", "PolicyModel", "Addresses",
        "Diagnostics", "Lowering", "Ruleset", "Proving", "Verification", "Reports", "Connectivity",
        "PolicyAssert", "Documents", "TestSupport", "Wording",
      ]),
    tests(
      "PolicyLintTests", in: "Review",
      ["PolicyLint", "KubernetesManifests", "PolicyModel", "Diagnostics", "TestSupport"]),
    tests(
      "PolicyAssertTests", in: "Review",
      [
        "Documents", "PolicyAssert", "KubernetesManifests", "Reachability", "PolicyModel", "Addresses",
        "Diagnostics",
        "Reports", "TestSupport",
      ]),
    tests(
      "ReportsTests", in: "Review",
      [
        "netpolc", "Reports", "PolicyDiff", "PolicyExplain", "PolicyLint", "PolicyList", "PolicyTrace",
        "KubernetesManifests",
        "PolicyModel", "Diagnostics", "JSONText", "TestSupport",
      ]),
    tests(
      "ReviewPagesTests", in: "Review",
      [
        "ReviewPages", "PolicyDiff", "PolicyTrace", "Reachability", "PolicyModel", "Addresses",
        "Connectivity",
        "JSONText", "Wording", "TestSupport",
      ]),
    tests(
      "KubernetesAPITests", in: "Node",
      ["KubernetesAPI", "KubernetesManifests", "Diagnostics", "ScriptedServer", "TestSupport"]),
    // Runs netpolc-cni too, which it must not depend on: the static link would be the tests' own.
    tests("CNIPluginTests", in: "Node", ["CNIPlugin", "JSONText", "TestSupport"]),
    tests(
      "NodeAgentTests", in: "Node", ["NodeAgent", "PolicyModel", "Addresses", "Diagnostics", "TestSupport"]),
    tests(
      "AgentServiceTests", in: "Node",
      [
        "AgentService", "CNIPlugin", "ScriptedServer", "Documents", "KubernetesManifests", "PolicyModel",
        "Diagnostics",
        "Addresses", "LinuxNet", "KernelReader", "NodeCompiler", "IncrementalLowering", "Lowering", "Ruleset",
        "RulesetText",
        "TestSupport",
      ]),
    tests(
      "ClusterGeneratorTests", in: "Tools",
      [
        "Documents", "ClusterGenerator", "FuzzTargets", "KubernetesManifests", "PolicyModel", "Lowering",
        "Reachability",
        "Verification", "TestSupport",
      ]),
    tests("FuzzTests", in: "Tools", ["FuzzTargets", "TestSupport"]),
    tests("TestSupportTests", in: "Tools", ["TestSupport"]),
    tests("DocsTests", in: "CommandLine", ["Documents", "netpolc", "KubernetesManifests", "TestSupport"]),
    tests(
      "CommandTests", in: "CommandLine",
      ["netpolc", "TestSupport", "PacketLab", "NFTables", "LinuxNet", "NodeCompiler", "Addresses"]),
  ]
)
