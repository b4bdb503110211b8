import Foundation
import ScriptedServer
import TestSupport
import Testing

extension AgentPacketTests {
  /// The metrics that an agent has once it is at work, by type.
  private static let families = [
    "gauge": [
      "netpolc_build_info", "netpolc_agent_ready", "netpolc_agent_watch_synced",
      "netpolc_agent_view_age_seconds",
      "netpolc_agent_pods", "netpolc_agent_policies", "netpolc_agent_attachments",
      "netpolc_agent_last_sync_timestamp_seconds", "netpolc_agent_compare_seconds", "netpolc_table_proven",
      "netpolc_table_verdict", "netpolc_table_present", "netpolc_table_as_recorded",
      "netpolc_installed_revision",
      "netpolc_recorded_revision", "netpolc_applied_timestamp_seconds",
      "netpolc_last_proof_timestamp_seconds",
      "netpolc_proof_duration_seconds",
    ],
    "histogram": [
      "netpolc_agent_apply_seconds", "netpolc_agent_proof_seconds", "netpolc_agent_repair_seconds",
      "netpolc_agent_event_lag_seconds", "netpolc_agent_policy_enforcement_latency_seconds",
    ],
    "counter": [
      "netpolc_agent_events_total", "netpolc_agent_transactions_total", "netpolc_agent_proof_failures_total",
      "netpolc_agent_whole_proofs_total", "netpolc_agent_recompilations_total", "netpolc_agent_resyncs_total",
      "netpolc_agent_drift_total", "netpolc_agent_former_tables_total",
      "netpolc_agent_full_comparisons_total",
      "netpolc_agent_comparisons_total", "netpolc_agent_unknown_pod_drops_total",
      "netpolc_agent_attachments_total", "netpolc_table_changes_total", "netpolc_denied_packets_total",
      "netpolc_denied_bytes_total",
    ],
  ]

  @Test("a scrape tells what packets were denied and why, what others changed, and when the table was proved")
  func scrape() async throws {
    try await PacketNode.with(["--metrics-address", "127.0.0.1:9469"]) { node in
      let (agent, port) = (node.agent, 9469)
      // A pod that nobody has told of: its packets are those of no pod.
      agent.cluster.putPod("late", "other", nil, uid: "uid-late")
      let late = try await node.shell(
        "wire ADD late 10.244.1.60 && in_pod late bash -c '\(PacketNode.sending(20))'")
      #expect(late.status == 0, "\(late.errors)")
      // A pod that the web pod's policy denies.
      agent.cluster.putPod("other", "other", nil, uid: "uid-other")
      try await node.start("other", "10.244.1.61", PacketNode.sending(20))
      // Another program's change, and its repair.
      let edit = try await agent.shell("nft add element inet netpolc known4 '{ 10.244.1.77 }'")
      #expect(edit.status == 0, "\(edit.errors)")
      try await agent.wait("the repair") {
        try await agent.scrape(port).values["netpolc_agent_repair_seconds_count"] == 1
      }
      // A repair of one element leaves the counters as they are.
      for name in ["late", "other"] {
        _ = try await node.shell("in_pod \(name) bash -c '\(PacketNode.sending(20))'")
      }
      try await agent.wait("the comparison") {
        try await agent.scrape(port).values["netpolc_table_as_recorded"] == 1
      }
      let page = try await agent.scrape(port)
      let sent = 2 * Double(PacketNode.count)
      #expect(page.values["netpolc_agent_unknown_pod_drops_total"] == sent)
      let denied = #"{direction="ingress",chain="in4-default/web",policies="default/web"}"#
      #expect(page.values["netpolc_denied_packets_total\(denied)"] == sent, "\(page.values)")
      // 20 bytes, 8 of UDP, 20 of IPv4.
      #expect(page.values["netpolc_denied_bytes_total\(denied)"] == 48 * sent)
      for (name, value) in [
        ("netpolc_agent_ready", 1), ("netpolc_table_proven", 1), ("netpolc_table_present", 1),
        ("netpolc_table_verdict{verdict=\"proven\"}", 1), ("netpolc_agent_drift_total", 1),
        ("netpolc_agent_attachments_total{verb=\"ADD\",answer=\"done\"}", 2),
        ("netpolc_agent_attachments", 2), ("netpolc_agent_watch_synced{kind=\"pods\"}", 1),
        ("netpolc_agent_proof_failures_total", 0), ("netpolc_agent_recompilations_total", 0),
      ] as [(String, Double)] { #expect(page.values[name] == value, "\(name)") }
      #expect(page.values["netpolc_agent_proof_seconds_count"] ?? 0 >= 3)
      #expect(page.values["netpolc_agent_apply_seconds_count"] ?? 0 >= 3)
      #expect(page.values["netpolc_agent_proof_seconds_sum"] ?? 0 > 0)
      #expect(page.values["netpolc_table_changes_total"] ?? 0 >= 4)
      // Each is there with its type, and told in the documentation.
      let documentation = try String(
        contentsOf: Fixtures.package.appending(path: "docs/agent.md"), encoding: .utf8)
      for (type, names) in Self.families {
        for name in names { #expect(page.types[name] == type, "\(name)") }
      }
      for name in page.types.keys {
        #expect(documentation.contains("`\(name)"), "docs/agent.md has no \(name)")
      }
    }
  }
}
