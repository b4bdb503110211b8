#if os(Linux)
  import Addresses
  public import LinuxNet
  import NFTables
  public import PolicyModel
  import Proving
  public import Ruleset
  import Verification

  /// The tracked connections of a network namespace that a table would deny if they were opened now.
  public struct ConnectionReview: Sendable {
    /// The denied ones, in the kernel's order.
    public let denied: [TrackedConnection]
    /// The number of connections that were judged.
    public let count: Int

    /// Judges the tracked connections of the calling thread's network namespace. O(elements + connections).
    ///
    /// - Parameters:
    ///   - table: the table, in plain mode.
    ///   - former: a table whose denials are no news and are left out; nil: none are.
    /// - Throws: `SystemFailure` where the kernel does not list its connections.
    public init(_ table: Table, former: Table? = nil) throws(SystemFailure) {
      let flows = try TrackedConnection.all()
      count = flows.count
      let local = try LocalAddresses.read()
      let denials = PacketDenials(by: table, former: former)
      denied = flows.filter { flow in
        // Connections that the node opens are not subject to policies.
        if local.contains(flow.source) { return false }
        return denials.isDenied(
          Packet(
            flow.source, flow.destination, transport: flow.transport, destinationPort: flow.destinationPort,
            firstBytes: flow.firstBytes, path: local.contains(flow.destination) ? .toNode : .forwarded,
            isTranslated: flow.isTranslated))
      }
    }

    /// The pods of the cluster at either end of a denied connection, by name.
    public func pods(of cluster: Cluster) -> Set<String> {
      var owners: [IPAddress: String] = [:]
      for pod in cluster.pods { for address in pod.addresses { owners[address] = pod.displayName } }
      return Set(denied.flatMap { [owners[$0.source], owners[$0.destination]].compactMap { $0 } })
    }
  }
#endif
