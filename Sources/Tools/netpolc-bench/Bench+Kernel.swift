import ArgumentParser
import Assembler
import KernelProgram
import KernelReader
import Lowering
import LinuxNet
import NFTables
import Reachability
import Ruleset
import RulesetText
import Verification

extension Bench {
  /// The ruleset of the node, its text, and the same text without words for people.
  private func rulesets() throws -> (lowered: LoweredRuleset, text: String, bare: String) {
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower(LoweringOptions(node: node))
    let text = NFTPrinter.replacing(lowered.table, annotations: lowered.annotations)
    var bare = ""
    for line in text.split(separator: "\n") {
      let content = line.drop { $0 == " " || $0 == "\t" }
      if !content.hasPrefix("#") { bare += content + "\n" }
    }
    return (lowered, text, bare)
  }

  /// The ruleset in the kernel, against nft that loads the same elements.
  func apply() throws -> [Figure] {
    let (lowered, text, bare) = try rulesets()
    let directory = try temporaryDirectory()
    Gauge.writeFile("\(directory)/bare.nft", bare)
    let namespace = try NetworkNamespace()
    let client = NFTablesClient(namespace: namespace)
    var failed = false
    // Both replace a table of the same size: loading into an empty namespace takes less.
    try client.apply(text)
    let (raw, own) = try Gauge.inTurns(
      runs,
      {
        try namespace.run { if Child.run("nft -f \(directory)/bare.nft").status != 0 { failed = true } }
      }, { try client.apply(text) })
    guard !failed else { throw ValidationError("nft refused the ruleset") }
    // What deleting the table gives back.
    let before = Gauge.status("SUnreclaim", of: "/proc/meminfo") ?? 0
    _ = try namespace.run { Child.run("nft delete table inet netpolc") }
    let after = Gauge.status("SUnreclaim", of: "/proc/meminfo") ?? 0
    let elements = max(lowered.counts.elements, 1)
    let bytes = max(0, before - after)
    return [
      Figure(
        name: "apply \(elements) elements", cost: own, against: "nft -f, bare", limit: raw, target: 1.2,
        note: "kernel memory about \(Words.bytes(bytes)), \(bytes / elements) B an element")
    ]
  }

  /// The kernel's program, read and compared with the assembled one, and proved by itself, against nft's own listing:
  /// medians of seven times as many runs as another figure has.
  func reading() throws -> [Figure] {
    let (lowered, text, _) = try rulesets()
    let directory = try temporaryDirectory()
    let namespace = try NetworkNamespace()
    try NFTablesClient(namespace: namespace).apply(text)
    let assembled = Assembler.assemble(lowered.table)
    let specification = Specification(cluster, node: node)
    var isSame = true
    func read() throws -> KernelTable? {
      try namespace.run { () throws(KernelReader.Failure) in try KernelReader.read(.netpolc) }.table
    }
    func list() throws {
      _ = try namespace.run { Child.run("nft -j list table inet netpolc > \(directory)/listing.json") }
    }
    let (listed, compared) = try Gauge.inTurns(
      runs * 7, choosing: Cost.median, { try list() }, { if try read() != assembled { isSame = false } })
    let (listedAgain, proved) = try Gauge.inTurns(
      runs * 7, choosing: Cost.median, { try list() },
      {
        guard let program = try read(), Verifier(specification).verify(program).isProven else {
          isSame = false
          return
        }
      })
    guard isSame else { throw ValidationError("the kernel holds another program") }
    let elements = lowered.counts.elements
    return [
      Figure(
        name: "kernel's program read and compared, \(elements) elements", cost: compared,
        against: "nft -j list table", limit: listed, target: 0.5),
      Figure(
        name: "kernel's program read and proved, \(elements) elements", cost: proved,
        against: "nft -j list table", limit: listedAgain, target: 1),
    ]
  }

  /// The proof that the node's ruleset does what the policies mean, against nft's own listing.
  func proof() throws -> [Figure] {
    let (lowered, text, _) = try rulesets()
    let directory = try temporaryDirectory()
    let namespace = try NetworkNamespace()
    try NFTablesClient(namespace: namespace).apply(text)
    let cluster = cluster
    var proven = false
    var listing = 0
    let (list, own) = try Gauge.inTurns(
      runs,
      {
        listing = try namespace.run {
          Child.run("nft -j list table inet netpolc > \(directory)/listing.json").peak
        }
      },
      {
        let result = Verifier(Specification(cluster, node: node)).verify(lowered.table)
        proven = result.isProven
      })
    guard proven else { throw ValidationError("the ruleset is not proven") }
    return [
      Figure(
        name: "proof of one node, \(lowered.counts.elements) elements", cost: own,
        against: "nft -j list table",
        limit: list, target: 0.5, memoryTarget: 200_000_000, note: "nft: \(Words.bytes(listing))")
    ]
  }
}
