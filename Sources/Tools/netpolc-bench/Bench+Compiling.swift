import BenchmarkReference
import Lowering
import PolicyModel
import Reachability
import RulesetText
import Verification

extension Bench {
  /// The unit of figures without a reference of their own: the time simdjson needs for the cluster's bytes.
  func readingTime() throws -> Cost {
    let path = try jsonFiles()
    var counts = reference_counts()
    return Gauge.least(of: 2) { reference_read_pods(path, &counts) }
  }

  /// From what was read to one node's ruleset.
  func compile() throws -> [Figure] {
    let contents = contents
    let unit = try readingTime()
    let resolving = Gauge.least(of: runs) { Cluster.resolve(contents) }
    let whole = Gauge.least(of: runs) {
      var lowerer = Lowerer(Cluster.resolve(contents).cluster)
      return lowerer.lower(LoweringOptions(node: node))
    }
    let cluster = cluster
    let findings = Gauge.least(of: runs) { cluster.effectWarnings() }
    let digests = Gauge.least(of: runs) { InputDigests(cluster) }
    let reading = "simdjson reads the cluster"
    return [
      // An absolute target in the unit of this run.
      Figure(
        name: "compile one node", cost: whole, against: reading, limit: unit, target: 1 / unit.seconds,
        memoryTarget: 300_000_000, note: "target: 1 s"),
      Figure(name: ". of it: resolve the cluster", cost: resolving, against: reading, limit: unit),
      Figure(name: "warnings about policies", cost: findings, against: reading, limit: unit),
      Figure(name: "digests of the input", cost: digests, against: reading, limit: unit),
    ]
  }

  /// Every node, against one: both from what was read to text.
  func allNodes() throws -> [Figure] {
    let contents = contents
    let one = Gauge.least(of: runs) {
      var lowerer = Lowerer(Cluster.resolve(contents).cluster)
      return NFTPrinter.replacing(lowerer.lower(LoweringOptions(node: node)).table)
    }
    let names = contents.nodes.map(\.name)
    let all = try Gauge.measure {
      try NodeRulesets.forEach(
        of: names, Lowerer(Cluster.resolve(contents).cluster), state: { PrintedSets() }
      ) { _, lowered, sets in
        guard !NFTPrinter.printed(replacing: lowered.table, reusing: &sets).text.isEmpty else {
          throw EmptyText()
        }
      }
    }.cost
    return [
      Figure(
        name: "compile and print all \(names.count) nodes", cost: all, against: "one node", limit: one,
        target: 60 * max(1, Double(names.count) / 1000))
    ]
  }

  private struct EmptyText: Error {}

  /// The text of one node's ruleset.
  func print() throws -> [Figure] {
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower(LoweringOptions(node: node))
    let elements = lowered.counts.elements
    var bytes = 0
    let (limit, own) = Gauge.inTurns(
      runs * 3, { reference_print_addresses(10 << 24, elements) },
      { bytes = NFTPrinter.replacing(lowered.table, annotations: lowered.annotations).utf8.count })
    return [
      Figure(
        name: "print \(elements) elements, \(Words.bytes(bytes))", cost: own,
        against: "inet_ntop of so many, C++", limit: limit)
    ]
  }

  /// Measures the specification of the whole cluster.
  func specification() throws -> [Figure] {
    let cluster = cluster
    let unit = try readingTime()
    var classes = 0
    let own = Gauge.least(of: runs) {
      let specification = Specification(cluster)
      classes = specification.classes.count
      return specification
    }
    return [
      Figure(
        name: "meaning of the whole cluster, \(classes) classes", cost: own,
        against: "simdjson reads the cluster",
        limit: unit, target: 5 / unit.seconds, memoryTarget: 500_000_000, note: "target: 5 s")
    ]
  }
}
