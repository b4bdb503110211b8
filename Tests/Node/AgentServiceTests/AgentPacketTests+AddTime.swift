import Foundation
import ScriptedServer
import TestSupport
import Testing

extension AgentPacketTests {
  /// A node's runtime starts pods with the plugin and without it in turn: the difference of the medians is what ADD costs,
  /// the start of the plugin's process included. Nothing is asserted of the time: it is printed, in the full size.
  @Test("pods start with the plugin and without it, in turn", arguments: isFull ? [0, 100_000] : [0])
  func addTime(others: Int) async throws {
    try await PacketNode.with { node in
      let cluster = node.agent.cluster
      for number in 0..<(Self.isFull ? 109 : 5) {
        cluster.putPod("own-\(number)", number % 2 == 0 ? "client" : "web", "10.244.1.\(120 + number)")
      }
      for number in 0..<others {
        cluster.putPod(
          "far-\(number)", number % 10 == 0 ? "client" : "other",
          "10.\(64 + number >> 16).\(number >> 8 & 255).\(number & 255)", node: "node-b")
      }
      let count = Self.isFull ? 150 : 3
      for number in 0..<count {
        cluster.putPod("timed-\(number)", number % 2 == 0 ? "client" : "web", nil, uid: "uid-\(number)")
      }
      // The agent has taken all of them before this pod.
      cluster.putPod("marker", "client", "10.99.9.9", node: "node-b")
      try await node.agent.wait("all pods") { await node.agent.table.contains("10.99.9.9") }
      let run = try await node.shell(
        """
        for ((i = 0; i < \(count); i++)); do
          a=$EPOCHREALTIME
          start timed-$i 10.244.1.100 uid-$i : || exit 1
          b=$EPOCHREALTIME
          stop timed-$i 10.244.1.100 uid-$i || exit 1
          c=$EPOCHREALTIME
          wire ADD plain-$i 10.244.1.101 && in_pod plain-$i bash -c : || exit 1
          d=$EPOCHREALTIME
          unwire plain-$i
          echo "${a/./} ${b/./} ${c/./} ${d/./}"
        done
        """)
      #expect(run.status == 0, "\(run.output.suffix(300)) \(run.errors.suffix(300))")
      let rows = run.output.split(separator: "\n").map { $0.split(separator: " ").compactMap { Int($0) } }
        .filter { $0.count == 4 }
      try #require(rows.count == count)
      let with = rows.map { $0[1] - $0[0] }.sorted()
      let without = rows.map { $0[3] - $0[2] }.sorted()
      func words(_ times: [Int]) -> String {
        "median \(times[times.count / 2]) us, 99 % \(times[times.count * 99 / 100]) us"
      }
      if Self.isFull {
        print("ADD at \(others) other pods: with \(words(with)); without \(words(without))")
      }
    }
  }
}
