import Addresses
import Enforcement
import LinuxNet
import Lowering
import NFTables
import NodeAgent
import PolicyModel
import Ruleset
import TestSupport
import Testing

extension NodeEnforcerTests {
  @Test("pods that come and go after a record need no libnftables, and make the record another table's")
  func elementsAfterRecord() throws {
    let node = try TrialNode()
    let contents = Self.web
    let client = try #require(contents.pods.first { $0.name == "client" })
    try node.namespace.run {
      var session = try NodeEnforcer(contents, LoweringOptions(node: "n"), enforcer: node.enforcer)
      for step in 0..<3 {
        for event in [ClusterEvent.podRemoved(namespace: "a", name: "client"), .pod(client)] {
          guard case .difference = try session.apply([event]).report.change else {
            Issue.record("step \(step): the table was replaced")
            return
          }
          #expect(session.isRecorded == false)
          #expect(try node.enforcer.status().isAsInstalled == false)
        }
        #expect(try session.record() == [])
        let status = try node.enforcer.status()
        #expect(status.isAsInstalled)
        #expect(status.revision == session.revision)
        #expect(session.workerProcess == nil)
        let chains = try #require(try node.client.list(.netpolc)).split(separator: "\n")
        #expect(chains.filter { $0.contains("netpolc-revision-") }.count == 1, "one marker")
      }
      // A chain that comes is libnftables' work.
      _ = try session.apply([.policyRemoved(PolicyID(namespace: "a", name: "web"))])
      #expect(session.workerProcess != nil)
    }
  }
}
