import KernelReader
import NodeCompiler
import PolicyModel
import TestSupport
import Testing

@testable import AgentService

@Suite("The agent's metrics", .bounded)
struct AgentStatusTests {
  @Test("each reason why it is not ready is one line, whatever text another program put into it")
  func oneLine() {
    var snapshot = AgentStatus.Snapshot()
    snapshot.obstacles = ["table": "1:1: error: no\n2:1: error: no"]
    snapshot.remarks = ["api pods": "the API server answered 403: x\nok\u{1b}[2J"]
    #expect(
      snapshot.readyz == """
        not ready: table: 1:1: error: no\\n2:1: error: no
        note: api pods: the API server answered 403: x\\nok\\u{1b}[2J

        """)
  }

  @Test("a page that Prometheus reads, before the first event and later")
  func page() throws {
    var snapshot = AgentStatus.Snapshot()
    _ = try ExpositionFormat(snapshot.metrics())
    snapshot.eventLag.add(.milliseconds(1))
    snapshot.eventLag.add(.milliseconds(3), times: 2)
    snapshot.eventLag.add(.seconds(100))
    snapshot.syncedAt = 1_800_000_000
    for (name, count) in [
      (CounterName("netpolc_agent_events_total", ["kind": "pods"]), 3),
      (CounterName("netpolc_agent_events_total", ["kind": "policies"]), 1),
    ] { snapshot.counters[name] = count }
    snapshot.subjects = ["in4-a/b": ClassSubject(.ingress, [PolicyID(namespace: "a", name: "b")])]
    let rule = "accept-admin/guard/egress-1/dns"
    snapshot.subjects[rule] = ClassSubject(
      .egress, [PolicyID(.clusterNetworkPolicy, namespace: nil, name: "guard")])
    snapshot.deniesUnknownPods = true
    snapshot.verdict = .proven
    let page = try ExpositionFormat(
      snapshot.metrics([
        "in4-a/b": CountedPackets(packets: 7, bytes: 700), "unknown": CountedPackets(packets: 5, bytes: 50),
        "in4-a/b_networkpolicy": CountedPackets(packets: 2, bytes: 80),
        "in4-a/quiet": CountedPackets(), rule: CountedPackets(packets: 3, bytes: 180),
      ]))
    #expect(page.values["netpolc_agent_unknown_pod_drops_total"] == 5)
    let denied = #"{direction="ingress",chain="in4-a/b",policies="a/b"}"#
    #expect(page.values["netpolc_denied_packets_total\(denied)"] == 7)
    #expect(page.values["netpolc_denied_bytes_total\(denied)"] == 700)
    // A later tier of a class, too, is of the class's direction and policies.
    let later = #"{direction="ingress",chain="in4-a/b_networkpolicy",policies="a/b"}"#
    #expect(page.values["netpolc_denied_packets_total\(later)"] == 2)
    #expect(!page.values.keys.contains { $0.contains("quiet") })
    let accepted =
      #"{action="accept",direction="egress",chain="accept-admin/guard/egress-1/dns",policies="guard"}"#
    #expect(page.values["netpolc_rule_packets_total\(accepted)"] == 3)
    #expect(page.values["netpolc_rule_bytes_total\(accepted)"] == 180)
    #expect(!page.values.keys.contains { $0.hasPrefix("netpolc_denied") && $0.contains("guard") })
    #expect(page.values["netpolc_table_proven"] == 1)
    #expect(page.values["netpolc_agent_events_total{kind=\"pods\"}"] == 3)
    #expect(page.types["netpolc_agent_event_lag_seconds"] == "histogram")
    let lag = "netpolc_agent_event_lag_seconds"
    #expect(page.values["\(lag)_bucket{le=\"0.001\"}"] == 1)
    #expect(page.values["\(lag)_bucket{le=\"0.0025\"}"] == 1)
    #expect(page.values["\(lag)_bucket{le=\"0.005\"}"] == 3)
    #expect(page.values["\(lag)_bucket{le=\"30.0\"}"] == 3)
    #expect(page.values["\(lag)_count"] == 4)
    #expect(page.values["netpolc_agent_last_sync_timestamp_seconds"] == 1_800_000_000)
    #expect(page.values["netpolc_agent_policy_enforcement_latency_seconds_count"] == 0)
    // Proved, and gone since.
    #expect(try ExpositionFormat(snapshot.metrics()).values["netpolc_table_proven"] == 0)
    snapshot.obstacles["kernel"] = "another"
    #expect(try ExpositionFormat(snapshot.metrics([:])).values["netpolc_table_proven"] == 0)
  }

  @Test("repairs: the first of a minute at once, in a fight later and later, at most every 26 seconds")
  func pacing() {
    var pacing = RepairPacing()
    let start = ContinuousClock.now
    var waits: [Duration] = []
    for number in 0..<16 {
      waits.append(pacing.wait(at: start + .milliseconds(number)))
      pacing.note(at: start + .milliseconds(number))
    }
    #expect(waits.prefix(RepairPacing.prompt).allSatisfy { $0 == .zero })
    #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(waits[RepairPacing.prompt] == .milliseconds(200))
    #expect(waits.last == .milliseconds(25_600))
    #expect(pacing.wait(at: start + .seconds(61)) == .zero)
  }

  @Test("the whole is proved after events: soon at rest, rarely where it takes long")
  func schedule() throws {
    var schedule = ProofSchedule()
    schedule.note(7, took: .milliseconds(10))
    #expect(schedule.due(7, isQuiet: true) == nil)
    let (quiet, busy) = (schedule.due(8, isQuiet: true), schedule.due(8, isQuiet: false))
    #expect(try #require(busy) - #require(quiet) == .seconds(25))
    schedule.note(8, took: .seconds(9))
    #expect(schedule.due(9, isQuiet: true) == schedule.due(9, isQuiet: false))
    #expect(try #require(schedule.due(9, isQuiet: true)) - .now > .seconds(100))
  }
}
