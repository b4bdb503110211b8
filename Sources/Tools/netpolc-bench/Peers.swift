import ArgumentParser
import ClusterGenerator

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `netpolc-bench peers NCA`.
struct Peers: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure netpolc diff against network-config-analyzer's semantic_diff, on the same files.",
    discussion: """
      Two revisions of a cluster's policies, one inventory; both programs read all of it and print what differs, in \
      turns. What counts is processor time, which neighbours of the machine disturb less than time on a clock; that is \
      told beside it. Whether both say that something differs is compared; --keep keeps what each printed.
      """)

  @Option(help: "How many pods.") var pods = 1000
  @Option(help: "How many policies.") var policies = 200
  @Option(help: "How many edits lie between the revisions.") var edits = 12
  @Option(help: "How many runs a figure is the least of.") var runs = 3
  @Option(help: "How many seconds one run of the other program may take.") var within = 600
  @Option(help: "The program netpolc; the one beside this program if none is given.") var netpolc: String?
  @Option(help: "A directory for the files and for what both printed; it is kept.") var keep: String?
  @Argument(help: "The program nca, of network-config-analyzer.") var nca: String

  func run() throws {
    let bench = Bench(ClusterShape(pods: pods, policies: policies, dualStack: 0), runs: runs)
    guard let netpolc = netpolc ?? bench.program("netpolc") else {
      throw ValidationError("netpolc is not beside this program; build it, or name one with --netpolc.")
    }
    if let keep, mkdir(keep, 0o777) != 0, errno != EEXIST { throw ValidationError("\(keep) cannot be made.") }
    let directory = try keep ?? bench.temporaryDirectory()
    defer { if keep == nil { Child.run("rm -r '\(directory)'") } }
    var rows: [[String]] = []
    for format in ManifestFormat.allCases {
      rows.append(try compare(format, "\(directory)/\(format.rawValue)", netpolc))
    }
    let head = ["files", "netpolc", "nca", "ratio", "on a clock", "answer"]
    for cells in [head, head.map { _ in "---" }] + rows { print("| \(cells.joined(separator: " | ")) |") }
  }

  private func compare(_ format: ManifestFormat, _ directory: String, _ netpolc: String) throws -> [String] {
    let ending = format.rawValue
    for path in [directory, "\(directory)/inventory", "\(directory)/later"] { mkdir(path, 0o777) }
    let cluster = GeneratedCluster(ClusterShape(pods: pods, policies: policies, dualStack: 0))
    try cluster.write(format, toDirectory: directory)
    try cluster.edited(edits).write(format, toDirectory: "\(directory)/later")
    // The inventory stays as it was: the other program compares pods that both revisions have.
    for name in ["pods", "namespaces"] {
      rename("\(directory)/\(name).\(ending)", "\(directory)/inventory/\(name).\(ending)")
    }
    let (old, new) = ("\(directory)/policies.\(ending)", "\(directory)/later/policies.\(ending)")
    let (pods, spaces) = (
      "\(directory)/inventory/pods.\(ending)", "\(directory)/inventory/namespaces.\(ending)"
    )
    let mine = "'\(netpolc)' diff --no-ruleset '\(old)' '\(new)' --inventory '\(directory)/inventory'"
    let others =
      "timeout \(within) '\(nca)' --semantic_diff '\(new)' --base_np_list '\(old)' --pod_list '\(pods)' "
      + "--ns_list '\(spaces)' --base_pod_list '\(pods)' --base_ns_list '\(spaces)'"
    var processor: (mine: [Double], others: [Double]) = ([], [])
    var clock: (mine: [Cost], others: [Cost]) = ([], [])
    var differs = (mine: false, others: false)
    for _ in 0..<runs {
      let own = Gauge.measure { Child.run("\(mine) > '\(directory)/netpolc.txt' 2>&1") }
      let other = Gauge.measure { Child.run("\(others) > '\(directory)/nca.txt' 2>&1") }
      if other.result.status >> 8 == 124 {
        return [ending, "-", "no answer within \(within) s", "-", "-", "-"]
      }
      processor.mine.append(own.result.processor)
      processor.others.append(other.result.processor)
      clock.mine.append(own.cost)
      clock.others.append(other.cost)
      let told = Gauge.readFile("\(directory)/nca.txt") ?? ""
      guard told.contains("semantically equivalent"), (0...1).contains(own.result.status >> 8) else {
        throw ValidationError("no answer; what was printed is in \(directory), with --keep.")
      }
      differs = (own.result.status >> 8 == 1, told.contains("not semantically equivalent"))
    }
    let (mineLeast, othersLeast) = (processor.mine.min() ?? 0, processor.others.min() ?? 0)
    let (mineClock, othersClock) = (Cost.least(clock.mine).seconds, Cost.least(clock.others).seconds)
    return [
      ending, Words.seconds(mineLeast), Words.seconds(othersLeast), Words.ratio(othersLeast / mineLeast),
      "\(Words.seconds(mineClock)), \(Words.seconds(othersClock)): \(Words.ratio(othersClock / mineClock))",
      differs.mine == differs.others ? (differs.mine ? "both: differs" : "both: same") : "THEY DISAGREE",
    ]
  }
}
