import Foundation
import TestSupport
import Testing

@Suite("verify takes the modes from what keeps them", .bounded)
struct RecordedModeTests {
  static let sample = [
    "Fixtures/guide/01-sample/policy.yaml", "Fixtures/guide/inventory.yaml", "--node", "node-a",
  ]

  /// Options of `compile`, and how the map and the record keep them.
  static let modes: [(given: [String], kept: String)] = [
    (["--established", "recheck"], "--established recheck"),
    (["--established", "cut"], ""),
    (
      ["--unknown-pods", "deny", "--pod-cidr", "10.244.1.0/24"],
      "--unknown-pods deny --pod-cidr 10.244.1.0/24"
    ),
    (["--audit", "--log-denied"], "--audit --log-denied"),
    (["--pod-to-node", "policies"], "--pod-to-node policies"),
    (["--count", "rules"], "--count rules"), (["--count", "denied"], ""),
    (
      ["--audit", "--log-denied", "--log-rate", "3/minute", "--log-group", "7"],
      "--audit --log-denied --log-rate 3/minute --log-group 7"
    ),
    (
      [
        "--established", "recheck", "--unknown-pods", "deny", "--pod-cidr", "fd00::/64", "--pod-cidr",
        "10.244.1.0/24", "--audit",
      ],
      "--established recheck --unknown-pods deny --pod-cidr 10.244.1.0/24 --pod-cidr fd00::/64 --audit"
    ),
    ([], ""),
  ]

  private func compiled(_ options: [String], in folder: TemporaryFolder, format: String = "nft") throws
    -> String
  {
    let file = folder.path("x.\(format)")
    let run = try CommandRun(
      BuiltProgram.netpolc,
      ["compile"] + Self.sample + ["--source-check", "off"] + options + ["--format", format, "-o", file])
    #expect(run.status == 0, "\(run.errors)")
    return file
  }

  private func verify(_ options: [String]) throws -> CommandRun {
    try CommandRun(BuiltProgram.netpolc, ["verify"] + Self.sample + options)
  }

  @Test("of a file: from the map beside it, or from the one that is named", arguments: modes.indices)
  func file(_ number: Int) throws {
    let (given, kept) = Self.modes[number]
    let folder = try TemporaryFolder()
    let file = try compiled(given, in: folder, format: number.isMultiple(of: 2) ? "nft" : "json")
    for more in [[], ["--map", folder.path("x.map.json")], given] {
      let run = try verify(["--ruleset", file] + more)
      #expect(run.status == 0, "\(more): \(run.errors)")
      let told = kept.isEmpty ? nil : "netpolc: modes, by \(folder.path("x.map.json")): \(kept)\n"
      #expect(told.map(run.errors.contains) ?? !run.errors.contains("modes, by"), "\(run.errors)")
    }
    // Without a map the options alone count.
    try FileManager.default.removeItem(atPath: folder.path("x.map.json"))
    #expect(try verify(["--ruleset", file] + given).status == 0)
    let isPlainToo =
      kept.isEmpty || kept.hasPrefix("--audit --log-denied")
      || ["--pod-to-node policies", "--count rules"].contains(kept)
    if !isPlainToo { #expect(try verify(["--ruleset", file]).status == 1) }
  }

  @Test(
    "options that contradict the map are refused, and it says which",
    arguments: [
      (
        [], ["--established", "recheck"], "--established recheck contradicts MAP, which says the plain mode."
      ),
      (
        ["--count", "rules"], ["--count", "denied"],
        "--count denied contradicts MAP, which says --count rules."
      ),
      (
        ["--established", "recheck"], ["--established", "keep"],
        "--established keep contradicts MAP, which says --established recheck."
      ),
      (
        ["--audit"], ["--unknown-pods", "deny", "--pod-cidr", "10.244.1.0/24"],
        "--unknown-pods deny contradicts MAP, which says --audit."
      ),
      (
        ["--unknown-pods", "deny", "--pod-cidr", "10.244.1.0/24"],
        ["--unknown-pods", "deny", "--pod-cidr", "10.244.0.0/16"],
        "--pod-cidr contradicts MAP, which says --unknown-pods deny --pod-cidr 10.244.1.0/24."
      ),
      (
        ["--unknown-pods", "deny", "--pod-cidr", "10.244.1.0/24"], ["--unknown-pods", "allow"],
        "--unknown-pods allow contradicts MAP"
      ),
      ([], ["--audit"], "--audit contradicts MAP, which says the plain mode."),
      ([], ["--log-denied"], "--log-denied contradicts MAP, which says the plain mode."),
      ([], ["--pod-to-node", "policies"], "--pod-to-node policies contradicts MAP"),
    ])
  func contradiction(made: [String], asked: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let file = try compiled(made, in: folder)
    let run = try verify(["--ruleset", file] + asked)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    let expected = message.replacing("MAP", with: folder.path("x.map.json"))
    #expect(run.errors.contains(expected), "\(run.errors)")
  }

  @Test("a map of unknown modes is trouble, not the plain mode")
  func unknown() throws {
    let folder = try TemporaryFolder()
    let file = try compiled(["--audit"], in: folder)
    let map = folder.path("x.map.json")
    let text = try String(contentsOf: URL(filePath: map), encoding: .utf8)
    for modes in [#""--audit""#, #"["--aloud"]"#, #"["--pod-cidr","10.0.0.0/8"]"#, "{}"] {
      try folder.write("x.map.json", text.replacing(#"["--audit"]"#, with: modes))
      let run = try verify(["--ruleset", file])
      #expect(run.status == 2)
      #expect(
        run.errors.contains("modes: none that this version of netpolc knows"), "\(modes): \(run.errors)")
    }
  }

  @Test(
    "of the live table: from the record of what is installed",
    .needsRoot,
    arguments: modes.indices)
  func live(_ number: Int) throws {
    let (given, kept) = Self.modes[number]
    let sample = Self.sample.joined(separator: " ")
    let run = try CommandRun.inNamespace(
      """
      NETPOLC_STATE_DIRECTORY=$(mktemp -d); export NETPOLC_STATE_DIRECTORY
      trap 'rm -rf "$NETPOLC_STATE_DIRECTORY"' EXIT
      netpolc compile \(sample) --source-check off --apply \(given.joined(separator: " "))
      netpolc verify \(sample) --live
      netpolc verify \(sample) --live \(given.joined(separator: " "))
      other=--audit; case '\(kept)' in *--audit*) other='--established \(kept.contains("recheck") ? "keep" : "recheck")';; esac
      status=0; netpolc verify \(sample) --live $other || status=$?
      [ $status = 2 ]
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains(
        "contradicts the record of what is installed, which says \(kept.isEmpty ? "the plain mode" : kept)."))
  }
}
