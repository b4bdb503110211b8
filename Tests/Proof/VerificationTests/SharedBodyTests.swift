import Addresses
import Assembler
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing

@testable import Verification

/// Chains that differ in their tails only are executed once: what is wrong in one of them is found all the same.
@Suite("chains that share their rules in the proof", .bounded)
struct SharedBodyTests {
  /// Twelve pods under one ordered list of the tier Admin; six NetworkPolicies isolate two of them each, for egress.
  private static let cluster: Cluster = {
    let origin = RandomCluster.origin
    let pods = (0..<12).map { number in
      Pod(
        namespace: "n", name: "pod-\(number)", labels: ["app": "a\(number % 6)", "pod": "p\(number)"],
        addresses: [IPAddress(.ipv4, bits: 0x0af4_0101 + UInt128(number))], node: "node", origin: origin)
    }
    func peer(_ labels: Labels) -> [Peer] {
      [Peer(.pods(.matching(LabelSelector()), LabelSelector(matchLabels: labels)), origin: origin)]
    }
    let rules = (0..<12).map { number in
      PolicyRule(
        [.accept, .pass, .deny][number % 3], peers: .anyOf(peer(["pod": "p\(number)"])),
        ports: .anyOf([
          PolicyPort(number < 9 ? .tcp : .udp, .range(Interval(UInt16(1_000 + number % 5))), origin: origin)
        ]), origin: origin)
    }
    let ordered = Policy(
      id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "c"), tier: .admin, priority: 1,
      subjects: PodSet(.matching(LabelSelector()), LabelSelector()), ingress: nil, egress: rules,
      origin: origin)
    let isolating = (0..<6).map { number in
      Policy(
        id: PolicyID(namespace: "n", name: "p\(number)"),
        subjects: PodSet(.own, LabelSelector(matchLabels: ["app": "a\(number)"])), ingress: nil,
        egress: [
          PolicyRule(peers: .anyOf(peer(["pod": "p\(number + 1)"])), ports: .everything, origin: origin)
        ], origin: origin)
    }
    return Cluster(
      policies: [ordered] + isolating, namespaces: ["n": ["kubernetes.io/metadata.name": "n"]], pods: pods)
  }()

  private static let table: Table = {
    var lowerer = Lowerer(cluster)
    return lowerer.lower(LoweringOptions(orderedCopies: 0)).table
  }()

  private static func shared(_ table: Table) -> SharedBodies {
    let decoded = Assembler.assemble(table).decoded([.ipv4])
    return SharedBodies(decoded[0].table)
  }

  @Test("the chains of all classes have few bodies, and the table is proved")
  func proven() {
    let shared = Self.shared(Self.table)
    #expect(shared.parts.count >= 12)
    #expect(shared.chainOfBody.count * 4 <= shared.parts.count)
    #expect(Set(shared.parts.values.map(\.tail)).count == 6)
    #expect(Verifier(Specification(Self.cluster)).verify(Self.table).isProven)
  }

  /// The decisions of a table about packets between all pods, on each port that a rule names and on one more.
  private static func decisions(_ table: Table) -> [Decision?] {
    let evaluator = RulesetEvaluator(table)
    let addresses = cluster.pods.flatMap(\.addresses)
    return addresses.flatMap { source in
      addresses.filter { $0 != source }.flatMap { destination in
        (UInt16(999)...1_004).flatMap { port in
          [UInt8(6), 17].map { transport in
            evaluator.evaluate(
              Packet(source, destination, transport: transport, destinationPort: port)
            ).decision
          }
        }
      }
    }
  }

  @Test("an edit of a rule of one of them is found exactly where it changes something", arguments: 0..<4)
  func edits(part: Int) throws {
    let shared = Self.shared(Self.table)
    let tails = Set(shared.parts.values.map(\.tail)).sorted()
    let verifier = Verifier(Specification(Self.cluster))
    let before = Self.decisions(Self.table)
    var (tried, changed) = (0, 0)
    for place in Self.table.chains.indices {
      guard let parts = shared.parts[Self.table.chains[place].name] else { continue }
      for rule in Self.table.chains[place].rules.indices where (place + rule) % 4 == part {
        let statements = Self.table.chains[place].rules[rule].statements
        guard case .verdict(let verdict) = statements.last else { continue }
        let other = try #require(tails.first { $0 != parts.tail })
        let wrong: Verdict =
          switch verdict {
          case .return: .drop
          case .goto(parts.tail): .goto(other)
          default: .return
          }
        var table = Self.table
        table.chains[place].rules[rule].statements[statements.count - 1] = .verdict(wrong)
        tried += 1
        let isSame = Self.decisions(table) == before
        if !isSame { changed += 1 }
        let result = verifier.verify(table)
        let words = "\(Self.table.chains[place].name) rule \(rule): \(verdict) as \(wrong): \(result)"
        #expect(result.isProven == isSame, "\(words)")
      }
    }
    #expect(tried > 15)
    #expect(changed > 10)
  }

  @Test("a circle through a tail is told")
  func circle() throws {
    var table = Self.table
    let name = try #require(Self.shared(table).parts.values.map(\.tail).min())
    let tail = try #require(table.chains.firstIndex { $0.name == name })
    let back = try #require(Self.shared(table).parts.first { $0.value.tail == name }?.key)
    table.chains[tail].rules.insert(Rule([.verdict(.goto(back))]), at: 0)
    guard case .undecided(let reasons) = Verifier(Specification(Self.cluster)).verify(table) else {
      Issue.record("a circle is not told")
      return
    }
    #expect(reasons.contains { $0.text == "chains jump in a circle" })
  }
}
