import PolicyModel
import TestSupport
import Testing

@testable import AgentService

@Suite("Events that wait for a commit", .bounded)
struct EventLedgerTests {
  private func policyGone(_ name: String) -> ClusterEvent {
    .policyRemoved(PolicyID(namespace: "a", name: name))
  }
  @Test("of each object the last event is left")
  func last() {
    var ledger = EventLedger()
    ledger.add([
      .podRemoved(namespace: "a", name: "x"), policyGone("x"), .podRemoved(namespace: "a", name: "x"),
    ])
    #expect(ledger.take().count == 2)
    #expect(ledger.isEmpty)
  }

  @Test("a refused event is tried again, but never after a newer one of its object")
  func refused() {
    var ledger = EventLedger()
    ledger.refuse(policyGone("x"))
    #expect(ledger.isEmpty)
    ledger.add([.namespaceRemoved("a")])
    #expect(ledger.take().count == 2)
    ledger.refuse(policyGone("x"))
    ledger.add([.policyRemoved(PolicyID(namespace: "a", name: "x"))])
    #expect(ledger.take().count == 1)
    #expect(ledger.refusedCount == 0)
    ledger.add([policyGone("x")])
    ledger.refuse(policyGone("x"))
    #expect(ledger.refusedCount == 0)
  }

  @Test("policies are a part of their own, where that is asked for")
  func parts() {
    var ledger = EventLedger()
    #expect(ledger.takeParts(isDivided: true).map(\.count) == [0])
    let policy = PolicyID(namespace: "a", name: "p")
    for (isDivided, counts) in [(true, [2, 1]), (false, [3])] {
      ledger.add([.policyRemoved(policy), .podRemoved(namespace: "a", name: "b"), .namespaceRemoved("c")])
      #expect(ledger.takeParts(isDivided: isDivided).map(\.count) == counts)
      #expect(ledger.isEmpty)
    }
    ledger.add([.policyRemoved(policy)])
    #expect(ledger.takeParts(isDivided: true) == [[.policyRemoved(policy)]])
  }
}
