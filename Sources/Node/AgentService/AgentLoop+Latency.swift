import Glibc

/// The time from an event's arrival to the commit of what follows from it.
extension AgentLoop {
  /// Events that came in together.
  struct Arrival {
    /// When the first of them came in.
    var since: ContinuousClock.Instant
    /// The number of events.
    var events: Int
    /// The number of those that are of policies.
    var policies: Int
  }

  /// The most arrivals that are kept apart.
  private static let mostArrivals = 1000

  /// Notes when events came in. What is known before the first commit is not counted.
  mutating func noteArrival(_ inputs: [AgentInput], _ since: ContinuousClock.Instant) {
    guard session != nil else { return }
    var arrival = Arrival(since: since, events: 0, policies: 0)
    for input in inputs {
      switch input {
      case .object(let kind, _, _, _), .removed(let kind, _):
        arrival.events += 1
        if kind == .policies || kind == .clusterPolicies { arrival.policies += 1 }
      default: break
      }
    }
    if arrival.events == 0 { return }
    // While commits are refused, what waits does not grow for ever.
    guard let last = arrivals.indices.last, arrivals.count >= Self.mostArrivals else {
      return arrivals.append(arrival)
    }
    arrivals[last].events += arrival.events
    arrivals[last].policies += arrival.policies
  }

  /// Counts the times of the events that were committed.
  mutating func countLatencies(at time: ContinuousClock.Instant, _ snapshot: inout AgentStatus.Snapshot) {
    for arrival in arrivals {
      snapshot.eventLag.add(time - arrival.since, times: arrival.events)
      if arrival.policies > 0 { snapshot.policyLag.add(time - arrival.since, times: arrival.policies) }
    }
    arrivals = []
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    snapshot.syncedAt = now.tv_sec
  }

  /// Forgets events that need no commit.
  mutating func dropArrivals() {
    if ledger.isEmpty, !isRelisted, failures == 0 { arrivals = [] }
  }
}
