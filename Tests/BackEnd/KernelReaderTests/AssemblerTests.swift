#if os(Linux)
  import Assembler
  import Foundation
  import KernelProgram
  import KernelReader
  import NFTables
  import Ruleset
  import RulesetText
  import TestSupport
  import Testing

  @Suite(
    "a typed table is assembled to what libnftables makes the kernel hold",
    .needsRoot, .bounded)
  struct AssemblerTests {
    /// Random rulesets of each kind; `NETPOLC_FULL` asks for all that the project promises.
    private static let count: UInt64 =
      ProcessInfo.processInfo.environment["NETPOLC_FULL"] == nil ? 400 : 6_000

    private static let fixtures = ["guide", "scenarios"].flatMap { group in
      Fixtures.folders(in: group).map { "\(group)/\($0)" }
    }

    @Test("every golden ruleset, instruction for instruction")
    func golden() throws {
      #expect(Self.fixtures.count > 20)
      let kernel = try TrialKernel()
      for name in Self.fixtures {
        let text = try Fixtures.text("\(name)/expected.nft")
        for table in try NFTReader.read(text).tables {
          #expect(try compare(table, text, kernel, name), "\(name) is not loaded")
        }
      }
    }

    @Test(
      "every fixture in every mode", .long,
      arguments: [
        ["--audit"], ["--log-denied"], ["--unknown-pods", "deny"], ["--established", "recheck"],
        ["--pod-to-node", "policies"], ["--node", "node-a", "--source-check", "local"],
        [
          "--node", "node-a", "--source-check", "pods", "--pod-interface", "cali*", "--pod-interface", "eth1",
          "--pod-to-node", "policies", "--audit",
        ],
        ["--audit", "--log-denied", "--pod-to-node", "policies"],
        ["--established", "recheck", "--log-denied", "--unknown-pods", "deny", "--pod-to-node", "policies"],
      ])
    func modes(options: [String]) throws {
      let kernel = try TrialKernel()
      var compiled = 0
      for name in Self.fixtures {
        let inputs = name.hasPrefix("guide/") ? [name, "guide/inventory.yaml"] : [name]
        let run = try CommandRun(
          BuiltProgram.netpolc, ["compile"] + inputs.map { Fixtures.path($0) } + options)
        guard run.status == 0 else { continue }
        compiled += 1
        for table in try NFTReader.read(run.output).tables {
          #expect(try compare(table, run.output, kernel, "\(name) \(options)"), "\(name) is not loaded")
        }
      }
      #expect(compiled > 10, "\(compiled) compiled with \(options)")
    }

    @Test("random rulesets of addresses, protocols, ports and states")
    func random() throws {
      let kernel = try TrialKernel()
      var loaded = 0
      for seed in 1...Self.count {
        let table = RandomRuleset(seed: seed).loadable
        if try compare(table, NFTPrinter.replacing(table), kernel, "seed \(seed)") { loaded += 1 }
      }
      #expect(loaded > Self.count * 8 / 10, "\(loaded) of \(Self.count) were loaded")
    }

    @Test("random tables of every field, with limits and logs", .long)
    func everything() throws {
      let kernel = try TrialKernel()
      var loaded = 0
      for seed in 1...Self.count {
        var random = RandomTable(seed: seed, forKernel: true)
        let table = random.table()
        if try compare(table, NFTPrinter.replacing(table), kernel, "seed \(seed)") { loaded += 1 }
      }
      #expect(loaded > Self.count * 8 / 10, "\(loaded) of \(Self.count) were loaded")
    }

    @Test(
      "an element that stands twice is there once",
      arguments: [
        "set s { type ipv4_addr; elements = { 10.0.0.2, 10.0.0.2, 10.0.0.1 }; }",
        "set s { type ipv6_addr; flags interval; elements = { fd00::2, fd00::2 }; }",
        "set s { type ipv4_addr . inet_service; elements = { 10.0.0.1 . 80, 10.0.0.1 . 80 }; }",
        "map m { type ipv4_addr : verdict; elements = { 10.0.0.1 : accept, 10.0.0.1 : accept }; }",
        "chain c { tcp dport { 80, 80, 81 } accept; }",
      ])
    func twice(content: String) throws {
      let text = "table inet netpolc {\n\(content.replacing("; ", with: "\n"))\n}\n"
      for table in try NFTReader.read(text).tables {
        #expect(try compare(table, text, TrialKernel(), content), "it is not loaded")
      }
    }

    /// Loads a text and compares what the kernel holds with what is assembled; false where nft refuses it.
    @discardableResult
    private func compare(_ table: Table, _ text: String, _ kernel: TrialKernel, _ name: String) throws -> Bool
    {
      guard kernel.load(text) else { return false }
      let found = try #require(try kernel.read(table), "\(name)")
      kernel.remove(table)
      let expected = Assembler.assemble(table)
      if found == expected { return true }
      Issue.record("\(name):\n\(Self.difference(found, expected))\n\(text)")
      return true
    }

    private static func difference(_ found: KernelTable, _ expected: KernelTable) -> String {
      var lines: [String] = []
      if found.unknown != expected.unknown { lines.append("unknown: \(found.unknown) \(expected.unknown)") }
      for (one, two) in zip(found.sets, expected.sets) where one != two {
        lines.append("kernel:    \(one)\nassembled: \(two)")
      }
      for (one, two) in zip(found.chains, expected.chains) where one != two {
        if one.hook != two.hook {
          lines.append("\(one.name): \(String(describing: one.hook)) \(String(describing: two.hook))")
        }
        for (number, (left, right)) in zip(one.rules, two.rules).enumerated() where left != right {
          lines.append(
            "\(one.name) rule \(number)\nkernel:    \(left.instructions)\nassembled: \(right.instructions)")
        }
      }
      return lines.prefix(6).joined(separator: "\n")
    }
  }
#endif
