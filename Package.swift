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

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "netpolc",
  products: [.executable(name: "netpolc", targets: ["netpolc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // What lies under every stage.
    module("Addresses"),
    module("Diagnostics"),
    module("Digest"),
    module("JSONText"),

    // Front end.
    module("PolicyModel", ["Addresses", "Diagnostics"]),
    .systemLibrary(
      name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
    module("Manifests", ["PolicyModel", "Addresses", "Diagnostics", "CYAML", "CSimdjson"]),

    // Middle.
    module("Ruleset", ["Addresses"]),
    module("Lowering", ["PolicyModel", "Addresses", "Diagnostics", "Ruleset", "Digest"]),

    // Back end.
    module("RulesetText", ["Ruleset", "Addresses", "JSONText"]),
    .systemLibrary(
      name: "CNFTables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
    .target(name: "CLinux"),
    module(
      "NFTables",
      ["Addresses", .target(name: "CNFTables", condition: .when(platforms: [.linux])), "CLinux"]),

    // What is installed on a node: state, smallest transactions, confirmation, rollback.
    module(
      "Enforcement", ["NFTables", "Ruleset", "RulesetText", "Digest", "JSONText", "CLinux"]),

    // A node that stays: events about its cluster go in, transactions come out.
    module("Sessions", ["Enforcement", "Lowering", "PolicyModel", "Ruleset", "RulesetText"]),

    // The proof.
    module("Reachability", ["PolicyModel", "Addresses"]),
    module("Verification", ["Reachability", "Ruleset", "Addresses", "PolicyModel"]),

    // What a change of policies does, and what is odd about them.
    module(
      "Review",
      [
        "Reachability", "PolicyModel", "Addresses", "Diagnostics", "JSONText", "Ruleset", "RulesetText",
        "Verification", "Manifests",
      ]),

    // Real packets between namespaces of its own, for tests and for `verify --replay`.
    module("PacketLab", ["Addresses", "NFTables", "CLinux"]),

    // The command line.
    .executableTarget(
      name: "netpolc",
      dependencies: [
        "Addresses", "Diagnostics", "Digest", "PolicyModel", "Manifests", "Ruleset", "RulesetText",
        "Lowering", "NFTables", "JSONText", "Review", "Reachability", "Verification",
        "Enforcement", "PacketLab",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Clusters as large and as uneven as real ones, by seed; and what everything costs, as ratios in one run.
    module("ClusterGenerator", ["PolicyModel", "Addresses", "Diagnostics", "JSONText"]),
    // The limits that benchmarks compare with; part of no product.
    .target(
      name: "BenchmarkReference", linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("yaml")]),
    .executableTarget(
      name: "netpolc-bench",
      dependencies: [
        "ClusterGenerator", "BenchmarkReference", "CLinux", "PolicyModel", "Manifests", "Lowering", "Ruleset",
        "RulesetText", "Reachability", "Review", "Enforcement", "Sessions",
        "Verification", "NFTables", "PacketLab", "Addresses", "Diagnostics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Benchmarks", swiftSettings: strict),

    // Parsers of what netpolc did not write itself, under damaged inputs by the million.
    module(
      "FuzzTargets",
      [
        "Diagnostics", "Digest", "Manifests", "PolicyModel", "Review", "RulesetText", "Ruleset",
        "Enforcement",
        "NFTables",
      ]),
    .executableTarget(
      name: "netpolc-fuzz",
      dependencies: [
        "FuzzTargets", "CLinux", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Fuzz", swiftSettings: strict),

    // What suites share: random clusters, a plain evaluator of policies, fixtures.
    .target(
      name: "TestSupport", dependencies: ["Manifests", "PolicyModel", "Addresses", "Diagnostics"],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("AddressesTests", ["Addresses"]),
    tests("DiagnosticsTests", ["Diagnostics"]),
    tests("PolicyModelTests", ["PolicyModel", "Addresses", "Diagnostics", "TestSupport"]),
    tests(
      "ManifestsTests", ["Manifests", "PolicyModel", "Addresses", "Diagnostics", "TestSupport"]),
    tests("RulesetTextTests", ["RulesetText", "Ruleset", "Addresses", "JSONText", "TestSupport"]),
    tests(
      "NFTablesTests", ["netpolc", "NFTables", "PacketLab", "Addresses", "CLinux", "TestSupport"]),
    tests(
      "LoweringTests",
      [
        "Lowering", "PolicyModel", "Addresses", "Ruleset", "RulesetText", "Digest", "Manifests",
        "TestSupport", "Verification", "Diagnostics",
      ]),
    tests("ReachabilityTests", ["Reachability", "PolicyModel", "Addresses", "TestSupport"]),
    tests(
      "VerificationTests",
      [
        "Verification", "Reachability", "Lowering", "PolicyModel", "Ruleset", "RulesetText", "Addresses",
        "PacketLab", "NFTables", "TestSupport", "Diagnostics",
      ]),
    tests(
      "ReviewTests",
      [
        "netpolc", "Review", "Reachability", "PolicyModel", "Addresses", "Diagnostics", "Lowering",
        "Manifests", "Ruleset",
        "JSONText", "TestSupport",
      ]),
    tests(
      "PacketTests",
      [
        "netpolc", "PacketLab", "Lowering", "RulesetText", "PolicyModel", "Addresses", "Diagnostics",
        "TestSupport", "Reachability", "Verification", "Ruleset", "NFTables",
      ]),
    tests(
      "EnforcementTests",
      [
        "netpolc", "Enforcement", "NFTables", "PacketLab", "Ruleset", "RulesetText", "Addresses",
        "TestSupport",
        "Lowering", "PolicyModel", "CLinux", "Sessions", "Verification", "Reachability", "Diagnostics",
      ]),
    tests(
      "ClusterGeneratorTests",
      [
        "ClusterGenerator", "Manifests", "PolicyModel", "Lowering",
        "Reachability", "Verification",
        "TestSupport",
      ]),
    tests("FuzzTests", ["FuzzTargets", "TestSupport"]),
    tests("DocsTests", ["netpolc", "Manifests", "TestSupport"]),
    tests("CommandTests", ["netpolc", "TestSupport", "PacketLab", "NFTables", "Addresses"]),
  ]
)
