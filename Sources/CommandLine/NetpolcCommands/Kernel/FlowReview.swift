import Wording

#if os(Linux)
  import Addresses
  import NFTables
  import PolicyModel
  import Ruleset
  import Verification

  /// Which of the connections that exist a table would deny if they were new.
  struct FlowReview {
    /// The denied ones.
    let denied: [TrackedConnection]
    /// How many were looked at.
    let count: Int

    /// Holds the tracked connections of this network namespace against a table.
    ///
    /// - Parameters:
    ///   - table: the table, in plain mode.
    ///   - former: connections that this table denies too are no news and are left out; nil: none are.
    /// - Throws: that the kernel does not tell its connections.
    init(_ table: Table, former: Table? = nil) throws(SystemFailure) {
      let flows = try TrackedConnection.all()
      count = flows.count
      let new = RulesetEvaluator(table)
      let old = former.map { RulesetEvaluator($0) }
      let local = try LocalAddresses.read()
      denied = flows.filter { flow in
        // What the node begins itself is no policy's matter.
        if local.contains(flow.source) { return false }
        let packet = Packet(
          flow.source, flow.destination, transport: flow.transport, destinationPort: flow.destinationPort,
          firstBytes: flow.firstBytes, path: local.contains(flow.destination) ? .toNode : .forwarded)
        guard new.evaluate(packet).decision == .drop else { return false }
        return old?.evaluate(packet).decision != .drop
      }
    }

    /// `17 flows of 3 pods`
    func summary(_ cluster: Cluster) -> String {
      let names = podNames(cluster)
      return "\(Counting.of(denied.count, "flow")) of \(Counting.of(names.count, "pod"))"
    }

    /// The first few, one a line.
    func lines(most: Int = 10) -> [String] {
      denied.prefix(most).map(\.description) + (denied.count > most ? ["…"] : [])
    }

    private func podNames(_ cluster: Cluster) -> Set<String> {
      var owners: [IPAddress: String] = [:]
      for pod in cluster.pods { for address in pod.addresses { owners[address] = pod.displayName } }
      return Set(denied.flatMap { [owners[$0.source], owners[$0.destination]].compactMap { $0 } })
    }
  }
#endif
