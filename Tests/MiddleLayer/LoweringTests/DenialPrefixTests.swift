import Addresses
import Lowering
import PolicyModel
import Ruleset
import TableLayout
import RulesetText
import TestSupport
import Testing

@Suite("prefixes of log lines", .bounded)
struct DenialPrefixTests {
  /// The prefixes of a table, by chain.
  private func prefixes(_ table: Table) -> [(chain: String, text: String)] {
    table.chains.flatMap { chain in
      chain.rules.flatMap(\.statements).compactMap { statement in
        guard case .log(let prefix?, _) = statement else { return nil }
        return (chain.name, prefix)
      }
    }
  }

  @Test("every prefix that a table logs leads back to its chain, in every mode", arguments: UInt64(0)..<30)
  func everyChain(seed: UInt64) throws {
    let cluster =
      seed % 3 == 1 ? RandomClusterPolicies(seed: seed).cluster : RandomCluster(seed: seed).cluster
    var lowerer = Lowerer(cluster)
    // Classes of few rules in maps too.
    var options = LoweringOptions(denseFrom: seed % 2 == 0 ? 9 : 2)
    let lowered = lowerer.lower(options)
    let chains = DenyingChains(lowered)
    let classes = Dictionary(uniqueKeysWithValues: lowered.provenance.chains.map { ($0.name, $0) })
    for established in [EnforcementModes.Established.keep, .recheck] {
      for isAudit in [false, true] {
        let blocks = [CIDR(IPAddress(.ipv4, bits: 0x0af4_0000), prefixLength: 16)]
        options.modes = EnforcementModes(
          established: established, unknownPodBlocks: blocks, log: .init(), isAudit: isAudit)
        let logged = prefixes(lowerer.lower(options).table)
        // Where no policy isolates a pod, the guard for unknown pods alone denies.
        #expect(logged.count >= 1)
        for (chain, text) in logged {
          #expect(text.utf8.count <= DenialPrefix.longest)
          let found = try #require(DenialPrefix.find(in: "[ 1.0] \(text)IN=a SRC=10.0.0.1"[...]))
          #expect(found.prefix.isAudit == isAudit)
          #expect(found.rest == "IN=a SRC=10.0.0.1")
          switch try #require(chains[found.prefix], "\(text)") {
          case .pods(let meant, let isReply):
            let own = isReply ? String(chain.dropLast(6)) : chain
            #expect(own == meant.name || own == ChainName.tier("networkpolicy", of: meant.name))
            #expect(meant == classes[meant.name])
          case .shared(let isReply):
            #expect(classes[isReply ? String(chain.dropLast(6)) : chain] == nil)
            #expect(chain.hasPrefix("allow-") || chain.hasPrefix("decide-") || chain == "deny")
          case .rule(let denial, let isReply):
            #expect(chain == (isReply ? ChainName.reply(denial.chain) : denial.chain))
          case .unknownPods: #expect(chain == "unknown")
          case .forgedSources: #expect(chain == "forged")
          }
        }
      }
    }
  }

  @Test("a name that is too long for a log line is cut, and still told apart")
  func longNames() {
    let name = "in4-" + String(repeating: "n", count: 200)
    let (one, two) = (
      DenialPrefix(isAudit: true, chain: name + "1"), DenialPrefix(isAudit: true, chain: name + "2")
    )
    #expect(one.text.utf8.count == DenialPrefix.longest)
    #expect(one != two)
    #expect(DenialPrefix.find(in: "\(one.text)IN="[...])?.prefix == one)
    // The same in both modes, so that one table of chains serves.
    #expect(DenialPrefix(isAudit: false, chain: name + "1").chain == one.chain)
  }

  @Test("the longest name that a class has fits whole, its replies' too")
  func longestClass() {
    let name = "out4-" + String(repeating: "n", count: 100) + "_reply"
    #expect(DenialPrefix(isAudit: true, chain: name).chain == name)
  }

  @Test("no name of a policy makes two chains of one name", arguments: ["web.reply", "web-reply", "reply"])
  func twinsNames(name: String) {
    func policy(_ name: String, _ app: String) -> Policy {
      Policy(
        id: .init(namespace: "shop", name: name),
        subjects: PodSet(.own, LabelSelector(matchLabels: ["app": app])), ingress: [], egress: nil,
        origin: .nowhere)
    }
    let pods = ["web", "other"].enumerated().map { number, app in
      Pod(
        namespace: "shop", name: app, labels: ["app": app],
        addresses: [IPAddress(.ipv4, bits: 0x0a00_0001 + UInt128(number))], origin: .nowhere)
    }
    var lowerer = Lowerer(
      Cluster(policies: [policy("web", "web"), policy(name, "other")], namespaces: [:], pods: pods))
    let names = lowerer.lower(LoweringOptions(modes: EnforcementModes(established: .recheck))).table.chains
      .map(\.name)
    #expect(Set(names).count == names.count, "\(names)")
  }

  @Test(
    "what is no prefix",
    arguments: ["", "netpolc deny", "netpolc deny : x", "netpolc deny x", "netpolc deny x y: "])
  func foreign(line: String) {
    #expect(DenialPrefix.find(in: line[...]) == nil)
  }
}
