import Foundation
import TestSupport
import Testing

@Suite("netpolc status as JSON", .needsRoot, .bounded)
struct StatusTests {
  private static let sample = KernelTests.sample
  private static let administrators =
    ["policies", "inventory"].map { "Fixtures/scenarios/administrators-and-tenants/\($0).yaml" }.joined(
      separator: " ")
  private static let counted = counted("")
  /// The same with a tier before NetworkPolicy, which sends packets on to other chains of their classes.
  private static let countedBehindTier = counted("$OUT/tier.json")

  private static func counted(_ more: String) -> String {
    """
    echo '{"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy", "metadata": {"name": "t"},
      "spec": {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}, "egress": [
      {"action": "Deny", "to": [{"networks": ["192.0.2.0/24"]}]}], "ingress": [
      {"action": "Pass", "from": [{"namespaces": {}}]}]}}' > $OUT/tier.json
    netpolc compile \(sample) \(more) --apply --audit
    link="arp off address 02:00:00:00:00:01"
    ip link set lo up; sysctl -qw net.ipv4.ip_forward=1
    for name in v1 v2; do
      ip link add $name type veth peer name p$name
      for end in $name p$name; do ip link set $end $link; ip link set $end up; done
    done
    unshare --net sleep 100 & peer=$!
    until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
    ip link set pv1 netns $peer; ip route add 10.244.1.5/32 dev v1
    ip link set pv2 netns $peer; for address in 10.244.1.6 10.244.2.5; do ip route add $address/32 dev v2; done
    nsenter -t $peer -n sh -ec 'for link in lo pv1 pv2; do ip link set $link up; done; ip addr add 10.244.1.5/32 dev pv1
      ip route add default dev pv1'
    nsenter -t $peer -n bash -c 'for i in 1 2 3; do echo x > /dev/udp/10.244.1.6/9; echo x > /dev/udp/10.244.2.5/9; done'
    kill $peer

    """
  }

  @Test(
    "fits its schema in every state of the table",
    arguments: [
      "", "netpolc compile \(sample) --apply", "netpolc compile \(administrators) --apply --count rules",
      "netpolc compile \(sample) --apply --confirm-within 2m",
      counted, countedBehindTier,
      "netpolc compile \(sample) --apply; nft delete table inet netpolc",
      "nft add table inet netpolc",
      """
      netpolc compile \(sample) --apply --audit
      nft delete element inet netpolc ingress4 '{ 10.244.1.5 }'; nft add chain inet netpolc more
      """,
      "netpolc compile \(sample) --apply; touch $(echo $OUT/state/state-* | sed s/state-/pending-/)",
      "netpolc compile \(sample) --apply --confirm-within 2m; netpolc rollback",
    ])
  func schema(script: String) throws {
    let run = try CommandRun.inNamespace(
      """
      export NETPOLC_STATE_DIRECTORY=$OUT/state; mkdir -m 700 $OUT/state; umask 077
      \(script)
      netpolc status --format json > $OUT/json || test $? = 1
      netpolc rollback 2> /dev/null || true
      cat $OUT/json
      """.withOutputFolder())
    try #require(run.status == 0, "\(run.errors)")
    let schema = try JSONSchema(
      String(contentsOf: Fixtures.package.appending(path: "docs/schemas/status.schema.json"), encoding: .utf8)
    )
    let status = try ParsedJSON(parsing: run.output)
    #expect(schema.complaints(about: status) == [], "\(run.output)")
    // Six packets that the policies of their sender deny, three of them those of their receiver as well.
    if [Self.counted, Self.countedBehindTier].contains(script) {
      #expect(
        run.output.contains(#""wouldBeDeniedPackets":{"atLeast":6,"atMost":9}"#), "\(run.output)")
    }
    // Three rules that accept, none that passes on.
    let rules: Int? = if case .array(let entries) = status["decided"] { entries.count } else { nil }
    #expect(rules == (script.contains("--count") ? 3 : nil), "\(run.output)")
    #expect(
      (status["repair"] != nil) == ["delete", "nft add"].contains { script.contains($0) }, "\(run.output)")
  }
}
