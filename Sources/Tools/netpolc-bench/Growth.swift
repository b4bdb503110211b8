import ArgumentParser
import ClusterGenerator
import Lowering
import Documents
import KubernetesManifests
import PolicyModel
import Reachability
import RulesetText
import Verification

/// The growth of costs with the cluster.
struct Growth {
  /// The costs at one size.
  struct Point {
    let pods: Int
    let costs: [Cost]
  }

  static let phases = [
    "read JSON", "resolve", "lower one node", "print", "meaning of one node", "proof", "meaning of all",
  ]
  let points: [Point]

  /// Measures sizes from a thousand to a hundred thousand pods, with a tenth of it as policies.
  static func measure(runs: Int) -> Growth {
    Growth(points: [1000, 3000, 10_000, 30_000, 100_000].map { point($0, runs: runs) })
  }

  private static func point(_ pods: Int, runs: Int) -> Point {
    StandardErrorText.write("netpolc-bench: growth at \(pods) pods\n")
    let generated = GeneratedCluster(ClusterShape(pods: pods, policies: pods / 10))
    let sources = generated.fileNames.map {
      ManifestSource(name: "\($0).json", bytes: generated.text(of: $0, .json))
    }
    let node = "node-3"
    let contents = ManifestReader().read(sources).contents
    let cluster = Cluster.resolve(contents).cluster
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower(LoweringOptions(node: node))
    let specification = Specification(cluster, node: node)
    return Point(
      pods: pods,
      costs: [
        Gauge.least(of: runs) { ManifestReader().read(sources) },
        Gauge.least(of: runs) { Cluster.resolve(contents) },
        Gauge.least(of: runs) {
          var lowerer = Lowerer(cluster)
          return lowerer.lower(LoweringOptions(node: node))
        },
        Gauge.least(of: runs) { NFTPrinter.replacing(lowered.table, annotations: lowered.annotations) },
        Gauge.least(of: runs) { Specification(cluster, node: node) },
        Gauge.least(of: runs) { Verifier(specification).verify(lowered.table).isProven },
        Gauge.least(of: runs) { Specification(cluster) },
      ])
  }

  /// The costs, a line each size.
  var table: String {
    var text = "\n| pods | " + Self.phases.joined(separator: " | ") + " |\n"
    text += "|---" + String(repeating: "|---", count: Self.phases.count) + "|\n"
    for point in points {
      let cells = point.costs.map { "\(Words.seconds($0.seconds)), \(Words.bytes($0.peak))" }
      text += "| \(point.pods) | " + cells.joined(separator: " | ") + " |\n"
    }
    return text
  }

  /// Writes `time.svg` and `memory.svg`.
  func writePlots(toDirectory directory: String) throws {
    let sizes = points.map { Double($0.pods) }
    func series(_ value: (Cost) -> Double) -> [Plot.Series] {
      Self.phases.enumerated().map { place, name in
        Plot.Series(name: name, values: points.map { value($0.costs[place]) })
      }
    }
    let plots = [
      ("time", Plot(title: "Time by pods", unit: "s", sizes: sizes, series: series { $0.seconds })),
      (
        "memory",
        Plot(
          title: "Peak memory by pods", unit: "MB", sizes: sizes,
          series: series { Double($0.peak ?? 0) / 1e6 })
      ),
    ]
    for (name, plot) in plots {
      guard Gauge.writeFile("\(directory)/\(name).svg", plot.svg) else {
        throw ValidationError("\(directory)/\(name).svg cannot be written")
      }
    }
  }
}
