import Addresses
import ArgumentParser
import ClusterGenerator
import Lowering
import LinuxNet
import NFTables
import PolicyModel
import Ruleset
import RulesetText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Bench {
  /// A pod like another of another node, but with an address of its own: it goes into the sets that the other is in.
  private func onePodMore() throws -> Pod {
    let elsewhere = contents.pods.first { $0.node != node && !$0.hostNetwork && $0.addresses.count == 1 }
    guard var pod = elsewhere else { throw ValidationError("the cluster has no pod of another node") }
    pod.name += "-more"
    // No node of the cluster has it.
    pod.addresses = [IPAddress(.ipv4, bits: 0x0aff_fffe)]
    return pod
  }

  /// A small change in the kernel, and as a whole process.
  func change() throws -> [Figure] { try [elementOfOnePod()] + wholeChange() }

  /// The transaction that one pod more is, against one element more in a set as large as the largest; both in a worker
  /// that stays.
  private func elementOfOnePod() throws -> Figure {
    var more = contents
    more.pods.append(try onePodMore())
    func lowered(_ contents: ManifestContents) -> Table {
      var lowerer = Lowerer(Cluster.resolve(contents).cluster)
      return lowerer.lower(LoweringOptions(node: node)).table
    }
    let (old, new) = (lowered(contents), lowered(more))
    let delta = TableDelta(from: old, to: new)
    let forth = NFTPrinter.transaction(delta, to: new)
    let back = NFTPrinter.transaction(TableDelta(from: new, to: old), to: old)
    let largest = old.sets.map(\.elements.count).max() ?? 0
    let filling = (0..<largest).map { number in
      "172.\(16 + number >> 16).\(number >> 8 & 255).\(number & 255)"
    }.joined(separator: ", ")

    let namespace = try NetworkNamespace()
    var session = NFTablesSession(client: NFTablesClient(namespace: namespace))
    try session.apply(NFTPrinter.replacing(old))
    try session.apply("table inet bench { set s { type ipv4_addr; elements = { \(filling) }; }; }\n")
    var (raw, own): ([Cost], [Cost]) = ([], [])
    for _ in 0..<runs * 10 {
      raw.append(try Gauge.measure { try session.apply("add element inet bench s { 10.0.0.1 }\n") }.cost)
      try session.apply("delete element inet bench s { 10.0.0.1 }\n")
      own.append(try Gauge.measure { try session.apply(forth) }.cost)
      try session.apply(back)
    }
    let elements = delta.changedSets.reduce(0) { $0 + $1.added.count }
    return Figure(
      name: "one pod more, \(elements) elements in \(delta.changedSets.count) sets", cost: .least(own),
      against: "one element, bare", limit: .least(raw), target: 2)
  }

  /// `netpolc compile --apply` after one pod came or went, against the same without `--apply`.
  private func wholeChange() throws -> [Figure] {
    guard let program = program("netpolc") else {
      StandardErrorText.write("netpolc-bench: no netpolc beside this program: build it first\n")
      return []
    }
    let directory = try temporaryDirectory()
    _ = try jsonFiles()
    let pod = try onePodMore()
    Gauge.writeFile("\(directory)/more.yaml", Self.manifest(pod))
    let files = ["namespaces", "nodes", "pods", "policies"].map { "\(directory)/\($0).json" }.joined(
      separator: " ")
    let state = "NETPOLC_STATE_DIRECTORY=\(directory)/state"
    let namespace = try NetworkNamespace()
    var failed = false
    func run(_ arguments: String) throws {
      let line = "\(state) exec \(program) compile \(files) --node \(node) \(arguments) > /dev/null 2>&1"
      try namespace.run { if Child.run(line).status != 0 { failed = true } }
    }
    try run("--apply")
    var isThere = false
    let (plain, applied) = try Gauge.inTurns(
      runs, { try run("") },
      {
        isThere.toggle()
        try run(isThere ? "\(directory)/more.yaml --apply" : "--apply")
      })
    guard !failed else { throw ValidationError("netpolc compile failed") }
    return [
      Figure(
        name: "compile --apply of one pod more or less", cost: applied, against: "compile", limit: plain,
        target: 1.5)
    ]
  }

  private static func manifest(_ pod: Pod) -> String {
    let labels = pod.labels.pairs.map { "    \($0.key): \"\($0.value)\"\n" }.joined()
    return """
      apiVersion: v1
      kind: Pod
      metadata:
        name: \(pod.name)
        namespace: \(pod.namespace)
        labels:
      \(labels)spec:
        nodeName: \(pod.node ?? "")
        containers: [{name: main}]
      status:
        phase: Running
        podIP: \(pod.addresses.map(\.description).joined())

      """
  }
}
