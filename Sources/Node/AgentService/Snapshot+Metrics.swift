package import KernelReader
import NodeCompiler
import PolicyModel
import TableLayout

extension AgentStatus.Snapshot {
  /// The answer to `/metrics`, in Prometheus' text format.
  ///
  /// - Parameter counters: what the table's counters have counted, by chain; nil where there is no table, or it cannot be read.
  /// - Returns: the page.
  package func metrics(_ counters: [String: CountedPackets]? = nil) -> String {
    var page = PrometheusText()
    page.addVersion("runs as the agent")
    page.add(
      "netpolc_agent_ready", "Whether the node's table is in sync, applied and proved.", obstacles.isEmpty)
    addView(to: &page)
    addTable(to: &page, isThere: counters != nil)
    addTimes(to: &page)
    addCounted(counters ?? [:], to: &page)
    addCounters(to: &page)
    return page.text
  }

  private func addView(to page: inout PrometheusText) {
    page.add(
      "netpolc_agent_watch_synced", .gauge, "Whether a kind's list is complete and watched.",
      FollowedKind.allCases.map(\.rawValue).filter {
        $0 != FollowedKind.nodes.rawValue || synced.contains($0)
      }.map { .init(labels: [("kind", $0)], value: synced.contains($0) ? "1" : "0") })
    page.add(
      "netpolc_agent_view_age_seconds", .gauge, "The time since the API server was heard of a kind.",
      heard.sorted { $0.key < $1.key }.map {
        .init(labels: [("kind", $0.key)], value: "\((ContinuousClock.now - $0.value).components.seconds)")
      })
    page.add("netpolc_agent_pods", .gauge, "Pods that the API server has reported.", "\(pods)")
    page.add("netpolc_agent_policies", .gauge, "Policies that the API server has reported.", "\(policies)")
    page.add(
      "netpolc_agent_attachments", .gauge, "Sandboxes that the CNI plugin has reported.", "\(attachments)")
    page.add(
      "netpolc_agent_last_sync_timestamp_seconds", .gauge,
      "When the table was last committed in sync with the API server, in seconds since 1970.",
      syncedAt > 0 ? "\(syncedAt)" : nil)
  }

  /// The table, by the names that `verify --watch --metrics` has for the same.
  private func addTable(to page: inout PrometheusText, isThere: Bool) {
    let found = isThere ? verdict : .absent
    page.add(found, isProven: found == .proven && obstacles["kernel"] == nil && obstacles["proof"] == nil)
    page.add("netpolc_table_present", "Whether there is a table inet netpolc.", isThere)
    if let isAsSent {
      page.add(
        "netpolc_table_as_recorded", "Whether the table is what netpolc installed, element by element.",
        isAsSent)
    }
    for (name, help) in [
      ("netpolc_installed_revision", "The revision of the installed table."),
      ("netpolc_agent_installed_revision", "The same."),
    ] { page.add(name, .gauge, help, "\(revision)") }
    page.add(
      "netpolc_recorded_revision", .gauge, "The revision of which the record on disk is.",
      recordedRevision > 0 ? "\(recordedRevision)" : nil)
    page.add(
      "netpolc_applied_timestamp_seconds", .gauge, "When netpolc last changed the table.",
      appliedAt > 0 ? "\(appliedAt)" : nil)
    page.add(
      "netpolc_last_proof_timestamp_seconds", .gauge, "When the whole table was last proved.",
      wholeProof.map { "\($0.time)" })
    page.add(
      "netpolc_proof_duration_seconds", .gauge, "How long the last proof of the whole table took.",
      wholeProof.map { "\($0.seconds)" })
  }

  private func addTimes(to page: inout PrometheusText) {
    page.add(
      "netpolc_agent_compare_seconds", .gauge,
      "How long the last comparison of the kernel's program with the table took.", "\(compareSeconds)")
    for (name, help, times) in [
      ("apply", "How long transactions took, their proofs included.", applying),
      ("proof", "How long proofs took, of slices and of whole tables.", proving),
      (
        "repair",
        "From the kernel's word that another program changed the table to the commit that put it right.",
        repairing
      ),
      ("event_lag", "From an event's arrival to the commit of what follows from it.", eventLag),
      (
        "policy_enforcement_latency",
        "From the arrival of a policy's event to its commit; those before the start are not counted.",
        policyLag
      ),
    ] {
      page.add(
        "netpolc_agent_\(name)_seconds", .histogram, help,
        times.samples.map { .init(suffix: $0.suffix, labels: $0.labels, value: $0.value) })
    }
  }

  private func addCounted(_ counters: [String: CountedPackets], to page: inout PrometheusText) {
    if deniesUnknownPods {
      page.add(
        "netpolc_agent_unknown_pod_drops_total", .counter,
        "Packets that were dropped since an end of theirs is no pod's; it begins again with a new table.",
        "\(counters[ChainName.unknownPods]?.packets ?? 0)")
    }
    page.add(
      counters.sorted { $0.key < $1.key }.compactMap { chain, count in
        if count.packets == 0 { return nil }
        let subject = subjects[ChainName.subject(chain)]
        return PrometheusText.Counted(
          chain: chain, direction: subject?.direction.rawValue.lowercased() ?? "",
          policies: subject?.policies ?? [], packets: count.packets, bytes: count.bytes)
      })
  }

  private func addCounters(to page: inout PrometheusText) {
    let families = Dictionary(grouping: counters.sorted { $0.key < $1.key }, by: \.key.name)
    for (name, samples) in families.sorted(by: { $0.key < $1.key }) {
      page.add(
        name, .counter, Self.help[name] ?? "A count since the agent's start.",
        samples.map { .init(labels: $0.key.labels, value: "\($0.value)") })
    }
  }

  private static let help = [
    "netpolc_agent_events_total": "Objects that the API server reported, by kind.",
    "netpolc_agent_transactions_total": "Transactions of this agent that changed the table.",
    "netpolc_table_changes_total": "Transactions that changed the table, by any program.",
    "netpolc_agent_proof_failures_total": "Tables that were not proved.",
    "netpolc_agent_whole_proofs_total": "Proofs of the whole table, before a commit or in the background.",
    "netpolc_agent_recompilations_total":
      "Compilations from the beginning, since a proof of the table in force failed.",
    "netpolc_agent_resyncs_total": "Full lists, by reason.",
    "netpolc_agent_drift_total": "Changes of the table by other programs.",
    "netpolc_agent_unreadable_objects_total": "Objects that could not be read, by kind.",
    "netpolc_agent_held_lists_total": "Full lists that were held because of what they would release.",
    "netpolc_agent_address_conflicts_total": "Addresses that several pods came to claim equally.",
    "netpolc_agent_full_comparisons_total":
      "Full lists after which all known objects were compared with those that are compiled.",
    "netpolc_agent_former_tables_total":
      "Times that the former table was put in force, since the new one was another in the kernel or not proved.",
    "netpolc_agent_comparisons_total": "Comparisons that found the kernel's program to be the table's.",
    "netpolc_agent_denied_packets_logged_total":
      "Denied packets that the kernel's log group gave to the agent.",
    "netpolc_agent_denied_packets_not_told_total": "Denied packets that the agent's log left out.",
    "netpolc_agent_attachments_total": "Questions of the CNI plugin, by verb and answer.",
  ]
}
