import Addresses
import ArgumentParser
import ClusterGenerator
import Enforcement
import IncrementalLowering
import Lowering
import LinuxNet
import NFTables
import PolicyModel
import Ruleset
import NodeAgent

extension Bench {
  /// Measures the cost of events: among few pods and among many, and in the kernel against one raw element.
  func session() throws -> [Figure] {
    let small = GeneratedCluster(ClusterShape(pods: shape.pods / 100, policies: shape.policies / 100))
      .contents
    return [try unselected(among: small)] + (try selected())
  }

  /// A pod that no policy isolates and no rule asks for comes and goes.
  private func unselected(among few: ManifestContents) throws -> Figure {
    let options = LoweringOptions(node: node)
    var small = try IncrementalCompiler(few, options)
    var large = try IncrementalCompiler(contents, options)
    let pod = Pod(
      namespace: "nobody-asks", name: "pod", labels: ["app": "none", "tier": "none"],
      addresses: [IPAddress(.ipv4, bits: 0xc612_0001)], origin: .nowhere)
    let times = 10_000
    var isEmpty = true
    func comeAndGo(_ session: inout IncrementalCompiler) throws {
      for _ in 0..<times {
        isEmpty = session.apply([.pod(pod)]).delta.isEmpty && isEmpty
        isEmpty =
          session.apply([.podRemoved(namespace: pod.namespace, name: pod.name)]).delta.isEmpty && isEmpty
      }
    }
    let (one, other) = try Gauge.inTurns(runs, { try comeAndGo(&small) }, { try comeAndGo(&large) })
    guard isEmpty else { throw ValidationError("somebody asks for the pod that nobody asks for") }
    return Figure(
      name: "an unselected pod comes and goes, \(shape.pods) pods", cost: other.divided(by: times),
      against: "\(few.pods.count) pods", limit: one.divided(by: times), target: 1.5)
  }

  /// A pod that rules ask for comes: from the event to the committed transaction, and its going likewise.
  func selected() throws -> [Figure] {
    let directory = "\(try temporaryDirectory())/state"
    defer { Child.run("rm -rf \(directory)") }
    let namespace = try NetworkNamespace()
    let elsewhere = try NetworkNamespace()
    let (contents, node, runs) = (contents, node, runs)
    return try namespace.run {
      let enforcer = Enforcer(directory: StateDirectory(path: directory))
      var session = try NodeEnforcer(contents, LoweringOptions(node: node), enforcer: enforcer)
      // The peer that most sets have.
      guard let pod = try Self.peer(contents, node),
        let largest = session.compiled.table.sets.max(by: {
          $0.elements.count < $1.elements.count
        })
      else { throw ValidationError("no pod is a peer of anybody on \(node)") }
      let elements = largest.elements.count
      // A set of as many elements and nothing else, where no other set slows an element command down.
      var raw = NFTablesSession(client: NFTablesClient(namespace: elsewhere))
      let all = (0..<elements).map { "10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)" }.joined(separator: ", ")
      try raw.apply(
        "table inet raw {\n set s {\n type ipv4_addr\n elements = { \(all) }\n }\n}\n")
      let times = 20
      var number = 0
      var elementsChanged = 0
      func come() throws {
        for _ in 0..<times {
          var copy = pod
          number += 1
          copy.name += "-\(number)"
          copy.addresses = [IPAddress(.ipv4, bits: 0xc612_0000 + UInt128(number))]
          let outcome = try session.apply([.pod(copy)])
          guard case .difference(let delta) = outcome.report.change else {
            throw ValidationError("the transaction was no difference")
          }
          elementsChanged = delta.changedSets.reduce(0) { $0 + $1.added.count }
        }
      }
      func go() throws {
        for _ in 0..<times {
          _ = try session.apply([.podRemoved(namespace: pod.namespace, name: "\(pod.name)-\(number)")])
          number -= 1
        }
      }
      var rawNumber = 0
      func add() throws {
        for _ in 0..<times {
          rawNumber += 1
          try raw.apply("add element inet raw s { 198.18.\(rawNumber >> 8).\(rawNumber & 255) }\n")
        }
      }
      func delete() throws {
        for _ in 0..<times {
          try raw.apply("delete element inet raw s { 198.18.\(rawNumber >> 8).\(rawNumber & 255) }\n")
          rawNumber -= 1
        }
      }
      var costs: [[Cost]] = [[], [], [], []]
      for _ in 0..<max(runs, 3) * 3 {
        for (place, step) in [add, come, delete, go].enumerated() {
          costs[place].append(try Gauge.measure(step).cost.divided(by: times))
        }
      }
      let least = costs.map { Cost.least($0) }
      return [
        Figure(
          name: "a selected pod comes, \(contents.pods.count) pods, in the kernel", cost: least[1],
          against: "add element, libnftables, set of \(elements)", limit: least[0], target: 2,
          note: "\(elementsChanged) elements, marker, lock and checks included"),
        Figure(
          name: "a selected pod goes", cost: least[3], against: "delete element, likewise", limit: least[2],
          target: 2.5),
      ]
    }
  }

  /// A pod of another node whose coming changes only elements, of the largest set among others.
  static func peer(_ contents: ManifestContents, _ node: String) throws -> Pod? {
    var session = try IncrementalCompiler(contents, LoweringOptions(node: node))
    for pod in contents.pods where pod.node != node && !pod.hostNetwork && !pod.isFinished {
      var copy = pod
      copy.name += "-copy"
      copy.addresses = [IPAddress(.ipv4, bits: 0xc612_ffff)]
      copy.phase = .running
      let delta = session.apply([.pod(copy)]).delta
      _ = session.apply([.podRemoved(namespace: copy.namespace, name: copy.name)])
      if delta.changedSets.contains(where: { $0.count > TableDelta.fewElements }), delta.changedMaps.isEmpty,
        delta.addedSets.isEmpty
      {
        return copy
      }
    }
    return nil
  }
}
