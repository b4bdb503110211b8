import TestSupport
import Testing

@testable import AgentService

@Suite("The agent's metrics", .bounded)
struct AgentStatusTests {
  @Test("a page that Prometheus reads, before the first event and later")
  func page() throws {
    var snapshot = AgentStatus.Snapshot()
    _ = try ExpositionFormat(snapshot.metrics)
    snapshot.eventLag.add(.milliseconds(1))
    snapshot.eventLag.add(.milliseconds(3), times: 2)
    snapshot.eventLag.add(.seconds(100))
    snapshot.syncedAt = 1_800_000_000
    snapshot.counters = [
      "netpolc_agent_events_total{kind=\"pods\"}": 3, "netpolc_agent_events_total{kind=\"policies\"}": 1,
      "netpolc_agent_drift_total": 1,
    ]
    let page = try ExpositionFormat(snapshot.metrics)
    #expect(page.types["netpolc_agent_event_lag_seconds"] == "histogram")
    let lag = "netpolc_agent_event_lag_seconds"
    #expect(page.values["\(lag)_bucket{le=\"0.001\"}"] == 1)
    #expect(page.values["\(lag)_bucket{le=\"0.0025\"}"] == 1)
    #expect(page.values["\(lag)_bucket{le=\"0.005\"}"] == 3)
    #expect(page.values["\(lag)_bucket{le=\"30.0\"}"] == 3)
    #expect(page.values["\(lag)_count"] == 4)
    #expect(page.values["netpolc_agent_last_sync_timestamp_seconds"] == 1_800_000_000)
    #expect(page.values["netpolc_agent_policy_enforcement_latency_seconds_count"] == 0)
  }
}
