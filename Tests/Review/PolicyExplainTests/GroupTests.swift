import Connectivity
import Addresses
import PolicyModel
import PolicyExplain
import PolicyTrace
import TestSupport
import Testing

@Suite("explain of groups", .bounded)
struct GroupTests {
  private struct Pair: Hashable {
    let source: String
    let destination: String
  }

  @Test(
    "every pair is in the verdict that an evaluator of single packets gives it", arguments: UInt64(0)..<40)
  func pairs(seed: UInt64) throws {
    let random = RandomCluster(seed: seed, pods: 14, policies: 5)
    let plain = PlainEvaluator(random.contents, node: nil)
    let pods = random.cluster.pods.filter { !$0.addresses.isEmpty }
    // One pod alone is no group, and pods without a common address family are refused as one.
    guard pods.count > 1 else { return }
    let families = pods.map { Set($0.addresses.map(\.family)) }
    guard
      families.indices.contains(where: { one in
        families.prefix(one).contains { !$0.isDisjoint(with: families[one]) }
      })
    else { return }
    let everyPod = EndpointReference.selector(namespace: nil, LabelSelector())
    for text in ["80", "443", "53/UDP", "ICMP"] {
      let traffic = try #require(TrafficReference(text))
      guard case .group(let group) = try Explainer(random.cluster).ask(everyPod, everyPod, traffic) else {
        Issue.record("no group")
        continue
      }
      var expected: [Pair: Bool] = [:]
      for source in pods {
        for destination in pods where destination.displayName != source.displayName {
          for sender in source.addresses {
            for receiver in destination.addresses where receiver.family == sender.family {
              let attempt = ConnectionAttempt(sender, receiver, traffic.transport, traffic.port)
              let pair = Pair(source: source.displayName, destination: destination.displayName)
              expected[pair] = (expected[pair] ?? true) && plain.allows(attempt)
            }
          }
        }
      }
      var told: Set<Pair> = []
      for verdict in group.verdicts {
        var pairs = 0
        for block in verdict.blocks {
          for source in block.sources.names {
            for destination in block.destinations.names where destination != source {
              let pair = Pair(source: source, destination: destination)
              #expect(told.insert(pair).inserted, "seed \(seed) \(text): \(pair) twice")
              #expect(expected[pair] == verdict.isAllowed, "seed \(seed) \(text): \(pair)")
              pairs += 1
            }
          }
        }
        #expect(pairs == verdict.pairs, "seed \(seed) \(text)")
        #expect(verdict.example.allSatisfy(\.isAllowed) == verdict.isAllowed)
      }
      #expect(told.count == expected.count && group.pairs == expected.count, "seed \(seed) \(text)")
      #expect(group.allowedPairs == expected.values.count { $0 })
      #expect(group.strangers == pods.count * (pods.count - 1) - expected.count)
      // Denied first.
      #expect(group.verdicts.map(\.isAllowed) == group.verdicts.map(\.isAllowed).sorted { !$0 && $1 })
    }
  }

  @Test("text and JSON", arguments: ["txt", "json"])
  func formats(ending: String) throws {
    let run = try CommandRun(
      BuiltProgram.netpolc,
      [
        "explain", "default/app in (client,frontend)", "app=hello", "8080", "guide/01-sample", "--inventory",
        "guide/inventory.yaml", "--format", ending == "txt" ? "text" : "json",
      ], in: Fixtures.path(""))
    #expect(run.status == 1, "\(run.errors)")
    if let difference = Golden("explain/group.\(ending)").difference(from: run.output) {
      Issue.record("\(difference)")
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let ends: String
    let status: Int32
    let says: String
    var testDescription: String { ends }
  }

  static let cases: [Case] = [
    Case(
      ends: "version=v2 app=hello 8080", status: 0,
      says: "2 of 2 pairs allowed: version=v2 → app=hello TCP 8080"),
    Case(ends: "default/version!=v2,app=client app=hello 8080", status: 1, says: "0 of 2 pairs allowed"),
    Case(ends: "172.17.0.9 app=hello 8080", status: 0, says: "2 of 2 pairs allowed"),
    Case(ends: "172.17.1.9 app=hello 8080", status: 1, says: "0 of 2 pairs allowed"),
    Case(ends: "app=hello app=hello 80", status: 1, says: "0 of 2 pairs allowed"),
    Case(ends: "app=hello 10.0.0.7 500", status: 0, says: "2 of 2 pairs allowed"),
    // Without a port: what is allowed, alike for the pairs of a verdict.
    Case(ends: "version=v2 app=hello", status: 0, says: "allowed: TCP 8080"),
    Case(ends: "no=such app=hello 80", status: 2, says: ""),
    Case(ends: "app=hello app=hello --path", status: 2, says: ""),
    Case(ends: "version=v1 app=hello 8080 --why-not", status: 1, says: "any one of these would allow it"),
    Case(ends: "version=v2 app=hello 8080 --path", status: 0, says: "through the ruleset: the packet passes"),
  ]

  @Test("selectors at either end", arguments: cases)
  func command(example: Case) throws {
    let words = example.ends.split(separator: " ").map(String.init)
    let run = try CommandRun(
      BuiltProgram.netpolc, ["explain"] + words + ["guide/01-sample", "--inventory", "guide/inventory.yaml"],
      in: Fixtures.path(""))
    #expect(run.status == example.status, "\(run.output)\(run.errors)")
    #expect(run.output.contains(example.says), "\(run.output)")
  }

  @Test("one pod that a selector means is told as before")
  func single() throws {
    let explainer = Explainer(ReviewInput(fixtures: ["guide/01-sample", "guide/inventory.yaml"]).cluster)
    let pod = EndpointReference.pod(namespace: "default", name: "hello-1")
    let labels = try #require(EndpointReference("default/version=v2"))
    guard case .connection(let answers) = try explainer.ask(labels, pod, TrafficReference("8080")) else {
      Issue.record("told as a group")
      return
    }
    #expect(answers.map(\.source) == ["default/v2-client", "default/v2-client"])
  }
}

extension EndpointGroup {
  fileprivate var names: [String] {
    if case .pods(_, let names) = self { names } else { [] }
  }
}
