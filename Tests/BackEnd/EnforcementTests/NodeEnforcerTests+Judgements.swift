import Addresses
import Enforcement
import IncrementalLowering
import LinuxNet
import Lowering
import NodeAgent
import PolicyModel
import Ruleset
import TestSupport
import Testing

extension NodeEnforcerTests {
  /// A pod of the node "n" that one of another node may reach.
  static var web: ManifestContents {
    var contents = ManifestContents()
    contents.namespaces = [Namespace(name: "a", origin: .nowhere)]
    let peers = LabelSelector(matchLabels: ["app": "client"])
    let policy = Policy(
      id: PolicyID(namespace: "a", name: "web"),
      subjects: PodSet(.own, LabelSelector(matchLabels: ["app": "web"])),
      ingress: [
        PolicyRule(
          peers: .anyOf([Peer(.pods(.own, peers), origin: .nowhere)]), ports: .everything,
          origin: .nowhere)
      ], egress: nil, origin: .nowhere)
    contents.policies = [policy]
    contents.pods = [("web", "10.0.0.1", "n"), ("client", "10.0.1.1", "m")].map { name, address, place in
      Pod(
        namespace: "a", name: name, labels: ["app": name],
        addresses: [IPAddress(address)].compactMap(\.self), node: place, origin: .nowhere)
    }
    return contents
  }

  @Test("changes of pods, of policies and of the labels of namespaces are judged by slices")
  func judged() throws {
    let node = try TrialNode()
    let contents = Self.web
    let policy = try #require(contents.policies.first)
    try node.namespace.run {
      var session = try NodeEnforcer(
        contents, LoweringOptions(node: "n"), enforcer: node.enforcer, judgement: { _, _, _ in nil })
      for (number, event) in [
        ClusterEvent.policyRemoved(policy.id), .policy(policy), .podRemoved(namespace: "a", name: "client"),
      ].enumerated() {
        let outcome = try session.apply([event])
        #expect(!outcome.change.delta.isEmpty)
        let judged = session.judgements
        #expect(judged.ofSlices == number + 1 && judged.ofWhole == 1, "\(judged)")
      }
      _ = try session.apply([.namespace(Namespace(name: "a", labels: ["team": "red"], origin: .nowhere))])
      let (judged, isDue) = (session.judgements, session.isJudgementDue)
      #expect(judged.ofSlices == 4 && judged.ofWhole == 1 && !isDue)
    }
  }
}
