import Addresses
import Enforcement
import Foundation
import LinuxNet
import PacketLab
import PolicyModel
import TestSupport
import Testing

extension ModeTests {
  /// A ClusterNetworkPolicy about the server: it denies one client, accepts the other one, and passes the rest on.
  private func write(clusterPolicy more: String = "") throws {
    func from(_ app: String) -> String { "from: [{pods: {podSelector: {matchLabels: {app: \(app)}}}}]" }
    let text = """
      apiVersion: policy.networking.k8s.io/v1alpha2
      kind: ClusterNetworkPolicy
      metadata: {name: guard}
      spec:
        tier: Admin
        priority: 1
        subject: {pods: {podSelector: {matchLabels: {app: server}}}}
        ingress:
        - {name: no-loser, action: Deny, \(from("loser"))}
        - {name: keeper, action: Accept, \(from("keeper")), protocols: [{tcp: {destinationPort: {number: 8080}}}]}
        - {name: others, action: Pass, from: [{namespaces: {}}]}
        - {name: never, action: Accept, \(from("nobody"))}
      \(more)

      """
    try text.write(to: file("guard.yaml"), atomically: true, encoding: .utf8)
  }

  private func probes() throws -> [Probe] {
    try [(Self.loser, 8080), (Self.keeper, 8080), (Self.keeper, 9090)].flatMap { client, port in
      try [(client.0, Self.server.0), (client.1, Self.server.1)].map { from, to in
        Probe(from: try address(from), to: try address(to), .tcp(port: port))
      }
    }
  }

  @Test("--count rules: status tells what each rule did, an update keeps the counts, and they are no drift")
  func countedRules() throws {
    try write()
    try apply("guard", ["--count", "rules"])
    let probes = try probes()
    let arrived = [false, false, true, true, true, true]
    #expect(try lab.probe(probes) == arrived)
    let (denying, accepting, passing) = (
      "rule-admin/guard/ingress-1/no-loser", "accept-admin/guard/ingress-2/keeper",
      "pass-admin/guard/ingress-3/others"
    )
    func status() throws -> InstalledStatus { try node.namespace.run { try node.enforcer.status() } }
    #expect(Self.packets(try status()) == [denying: 2, accepting: 2, passing: 2])
    #expect(try status().isAsInstalled)
    #expect(
      try status().counted.filter { $0.chain.contains("-admin/") }.allSatisfy {
        $0.subject?.description == "ingress of guard"
      })
    // Another rule, another policy: the chains of the rules stay, and so do their counts.
    try write(
      clusterPolicy: "  egress:\n  - {name: no-web, action: Deny, to: [{networks: [198.51.100.0/24]}]}")
    let said = try apply("guard", ["--count", "rules", file("both.yaml").path])
    #expect(!said.contains("replaced as a whole"), "\(said)")
    #expect(Self.packets(try status()) == [denying: 2, accepting: 2, passing: 2])
    #expect(try lab.probe(probes) == [false, false, true, true, false, false])
    let counts = Self.packets(try status())
    #expect([denying, accepting, passing].map { counts[$0] } == [4, 4, 4])
    #expect(counts.count == 5)
    let output = file("status.txt")
    #expect(try node.run(["status"], output: output.path).status == 0)
    let text = try String(contentsOf: output, encoding: .utf8)
    #expect(
      text.hasSuffix(
        """
        accepted  4 packets, by 1 of 2 rules of ClusterNetworkPolicy
          4  accept-admin/guard/ingress-2/keeper  (ingress of guard)
        passed    4 packets, by 1 of 1 rule of ClusterNetworkPolicy
          4  pass-admin/guard/ingress-3/others  (ingress of guard)

        """), "\(text)")
    #expect(text.contains("mode      enforcing (--count rules --source-check local)\n"))
    #expect(text.contains("denied    6 packets\n"))
    // The tier behind Admin is of the class's policies too.
    let ofClass = #/  1  in[46]-.*_networkpolicy  \(ingress of guard, default/server\)/#
    #expect(text.matches(of: ofClass).count == 2, "\(text)")
    // A plain table has the counts of rules that deny alone.
    try apply("guard")
    #expect(Self.packets(try status()) == [denying: 4])
  }

  @Test(
    "--count rules in audit mode, and with rechecked connections, where later packets and replies count too")
  func countedRulesOfOtherModes() throws {
    try write()
    try apply("guard", ["--count", "rules", "--audit"])
    #expect(try lab.probe(try probes()) == Array(repeating: true, count: 6))
    func packets() throws -> [String: UInt64] {
      Self.packets(try node.namespace.run { try node.enforcer.status() })
    }
    let (denying, accepting, passing) = (
      "rule-admin/guard/ingress-1/no-loser", "accept-admin/guard/ingress-2/keeper",
      "pass-admin/guard/ingress-3/others"
    )
    #expect(try packets() == [denying: 2, accepting: 2, passing: 2])
    try apply("guard", ["--count", "rules", "--established", "recheck"])
    let before = try packets()
    let flow = try #require(
      try lab.connect(from: address(Self.keeper.0), to: address(Self.server.0), port: 8080))
    #expect(flow.exchange())
    let after = try packets()
    #expect(after[accepting, default: 0] > before[accepting, default: 0] + 1, "\(after)")
    #expect(after["\(accepting)_reply", default: 0] > 1, "\(after)")
  }
}
