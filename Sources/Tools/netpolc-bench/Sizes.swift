import ArgumentParser
import ClusterGenerator
import LinuxNet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The command `netpolc-bench sizes`.
struct Sizes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how the cost of each command grows with one property of its input.",
    discussion: """
      For each property there are four inputs, of an eighth of the largest size to all of it, each twice as large as the one \
      before. A cell has the processor time of a whole command at the largest size, and how many times that of half the size it \
      is, both without what an empty input costs. Linear growth is 2x. The four sizes take turns; the figures are the least of \
      several runs. `plan` needs root.
      """)

  @Option(help: "How many runs a figure is the least of.") var runs = 3
  @Option(help: "The largest sizes are divided by this.") var divided = 1
  @Option(help: "Only properties whose names contain this.") var only: String?
  @Option(help: "The program netpolc; the one beside this program if none is given.") var netpolc: String?

  /// A command, with the arguments for the files of a directory.
  private struct Command: Sendable {
    let name: String
    let arguments: @Sendable (String) -> String
  }

  private static let commands = [
    Command(name: "compile") { "compile \($0)/policies.json \($0)/inventory.json --output \($0)/x.nft" },
    Command(name: "verify") { "verify \($0)/policies.json \($0)/inventory.json" },
    Command(name: "plan") {
      "plan \($0)/policies.json \($0)/inventory.json --node n1 --output \($0)/plan.json"
    },
    Command(name: "lint") { "lint \($0)/policies.json --inventory \($0)/inventory.json" },
    Command(name: "diff") { "diff \($0)/policies.json \($0)/new.json --inventory \($0)/inventory.json" },
    Command(name: "diff html") {
      "diff \($0)/policies.json \($0)/new.json --inventory \($0)/inventory.json --format html"
    },
    Command(name: "explain") {
      "explain a/z a/y 8080 \($0)/policies.json --inventory \($0)/inventory.json --why-not"
    },
    Command(name: "assert") {
      "assert \($0)/expectations.yaml \($0)/policies.json --inventory \($0)/inventory.json"
    },
    Command(name: "list") { "list \($0)/policies.json \($0)/inventory.json --exposure" },
  ]

  private static let expectations = """
    apiVersion: netpolc/v1
    kind: Assertions
    expectations:
    - {expect: deny, from: {namespace: a, labels: {app: z}}, to: {namespace: a, labels: {app: y}}, ports: [9999]}
    - {expect: only, from: {namespace: a, labels: {app: x}}, to: {podsToCome: true, namespace: a, labels: {app: y}}}
    - {expect: deny, from: {cidr: 100.0.0.0/8}, to: {namespace: a, labels: {app: y}}}

    """

  func run() throws {
    let bench = Bench(.init(pods: 1, policies: 1), runs: runs)
    guard let netpolc = netpolc ?? bench.program("netpolc") else {
      throw ValidationError("netpolc is not beside this program; build it, or name one with --netpolc.")
    }
    let directory = try bench.temporaryDirectory()
    defer { bench.removeFiles() }
    let namespace = try? NetworkNamespace()
    func time(_ command: Command, _ directory: String) throws -> Double {
      let line = "exec '\(netpolc)' \(command.arguments(directory)) > /dev/null 2>&1"
      var run: (status: Int32, peak: Int, processor: Double) = (0, 0, 0)
      if command.name == "plan" {
        guard let namespace else { return 0 }
        try namespace.run { run = Child.run(line) }
      } else {
        run = Child.run(line)
      }
      // Answers of a review; anything else is no answer.
      guard run.status & 127 == 0, [0, 1, 3].contains(run.status >> 8) else {
        throw ValidationError("netpolc \(command.name) failed with status \(run.status >> 8) in \(directory)")
      }
      return run.processor
    }
    try write(.init(policies: [SizedInput.least]), to: directory + "/least")
    let head = ["what grows", "to"] + Self.commands.map(\.name)
    print("| \(head.joined(separator: " | ")) |\n|\(head.map { _ in "---|" }.joined())")
    let least = try Self.commands.map { command in
      try (0..<max(3, runs)).map { _ in try time(command, directory + "/least") }.min() ?? 0
    }
    for input in SizedInput.all where only.map(input.name.contains) ?? true {
      StandardErrorText.write("netpolc-bench: \(input.name)\n")
      let sizes = [8, 4, 2, 1].map { max(1, input.size / divided / $0) }
      for size in sizes { try write(input.objects(size), to: "\(directory)/\(size)") }
      var cells: [String] = []
      for (place, command) in Self.commands.enumerated() {
        var times: [[Double]] = Array(repeating: [], count: sizes.count)
        for _ in 0..<runs {
          for (place, size) in sizes.enumerated() {
            times[place].append(try time(command, "\(directory)/\(size)"))
          }
        }
        cells.append(Self.cell(times.map { ($0.min() ?? 0) - least[place] }))
      }
      print("| \(([input.name, "\(sizes[3])"] + cells).joined(separator: " | ")) |")
      for size in sizes { Child.run("rm -r '\(directory)/\(size)'") }
    }
  }

  /// The time at the largest size and its ratio to that of half the size; without a ratio where both are too short to be distinguished
  /// from noise.
  private static func cell(_ seconds: [Double]) -> String {
    let (half, whole) = (seconds[seconds.count - 2], seconds[seconds.count - 1])
    if whole < 0.01 { return "less than 10 ms" }
    return "\(Words.seconds(whole)), \(half < 0.01 ? "-" : Words.ratio(whole / half))"
  }

  private func write(_ objects: SizedInput.Objects, to directory: String) throws {
    mkdir(directory, 0o777)
    func list(_ items: [String]) -> String {
      "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n\(items.joined(separator: ",\n"))\n]}\n"
    }
    let files = [
      ("inventory.json", list(SizedInput.common + objects.inventory)),
      ("policies.json", list(objects.policies)), ("new.json", list(objects.policies + [SizedInput.added])),
      ("expectations.yaml", Self.expectations),
    ]
    for (name, text) in files {
      guard Gauge.writeFile("\(directory)/\(name)", text) else {
        throw ValidationError("\(directory)/\(name) cannot be written")
      }
    }
  }
}
