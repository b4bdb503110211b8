import Foundation
import Glibc
import ScriptedServer
import TestSupport
import Testing

extension AgentPacketTests {
  /// What a former version left: another layout of the table, and a record of another format.
  private static let former = """
    (echo 'table inet netpolc'; echo 'delete table inet netpolc'; cat \(Fixtures.path("agent/former/table.nft"))) | nft -f - &&
    for record in "$run"/state-*; do
      sed "s/NAMESPACE/${record##*/state-}/" \(Fixtures.path("agent/former/state.txt")) > "$record" || exit 1
    done
    """

  @Test(
    "an upgrade from a version with another table and another record, under a flood: nothing leaks, nothing is lost"
  )
  func upgrade() async throws {
    try await PacketNode.with { node in
      let agent = node.agent
      try await node.startTwo()
      try await node.flood {
        for round in 0..<(Self.isFull ? 30 : 3) {
          await agent.kill(round % 2 == 0 ? SIGTERM : SIGKILL)
          let swapped = try await agent.shell("run=\(agent.folder.path("run"))\n" + Self.former)
          #expect(swapped.status == 0, "\(swapped.errors)")
          #expect(await !agent.table.contains("set local4"))
          try agent.start()
          try await agent.waitUntilReady()
          #expect(await agent.table.contains("set local4"))
          let record = try await agent.shell("head -qn1 \(agent.folder.path("run"))/state-*")
          #expect(record.output == "netpolc-state 2\n")
          // The sandboxes that the plugin told of are known to the next version.
          #expect(try await agent.metric("netpolc_agent_attachments") == 3)
        }
      }
    }
  }
}

extension PacketNode {
  /// Starts a pod that may send to the web pod, and one that may not.
  func startTwo() async throws {
    for (name, address) in [("client", "10.244.1.11"), ("other", "10.244.1.12")] {
      agent.cluster.putPod(name, name, nil, uid: "uid-\(name)")
      try await start(name, address)
    }
  }

  /// Lets both pods send to the web pod while `body` runs: what is allowed arrives, all of it, and nothing else.
  func flood(while body: () async throws -> Void) async throws {
    let over = agent.folder.path("over")
    let sandbox = sandbox
    // Where this process ends before the body does, the senders end too.
    let test = getpid()
    @Sendable func send(_ name: String, _ size: Int) async throws -> Int {
      let loop =
        "n=0; while [ ! -e \(over) ] && [ -e /proc/\(test) ]; do printf %0\(size)d 0 > /dev/udp/10.244.1.10/53; n=$((n+1)); sleep 0.01; done; echo $n"
      let run = try await sandbox.run("in_pod \(name) bash -c '\(loop)'")
      return Int(run.output.split(separator: "\n").last ?? "") ?? -1
    }
    async let sent = send("client", 10)
    async let tried = send("other", 20)
    do { try await body() } catch { Issue.record("\(error)") }
    try "".write(toFile: over, atomically: true, encoding: .utf8)
    let (allowed, denied) = try await (sent, tried)
    let counted = try await counted()
    #expect(allowed > 0 && denied > 0)
    #expect(counted.denied == 0)
    #expect(counted.allowed == allowed)
  }
}
