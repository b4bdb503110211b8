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
}
