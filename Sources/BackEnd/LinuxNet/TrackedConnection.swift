#if os(Linux)
  public import Addresses
  import CLinux
  import Glibc

  /// A connection that the kernel tracks, as the forward hook sees its first packet: destination already translated,
  /// source not yet.
  public struct TrackedConnection: Sendable {
    /// The address that sent the first packet.
    public let source: IPAddress
    /// The address that answers.
    public let destination: IPAddress
    /// The transport protocol's number.
    public let transport: UInt8
    /// The source port; of ICMP type and code.
    public let firstBytes: UInt16
    /// The destination port after translation; 0 for protocols without ports.
    public let destinationPort: UInt16
    /// True where packets were seen both ways.
    public let isAnswered: Bool
    /// True where the destination was translated, as by a Service.
    public let isTranslated: Bool
    private let flow: clinux_flow

    private init(_ flow: clinux_flow) {
      self.flow = flow
      let isIPv6 = Int32(flow.family) == AF_INET6
      source = Self.address(flow.source, isIPv6)
      destination = Self.address(flow.destination, isIPv6)
      transport = flow.protocol
      let isICMP = flow.protocol == 1 || flow.protocol == 58
      firstBytes = isICMP ? UInt16(flow.icmpType) << 8 | UInt16(flow.icmpCode) : flow.sourcePort
      destinationPort = flow.destinationPort
      isAnswered = flow.status & 2 != 0
      isTranslated = flow.status & 32 != 0
    }

    private static func address<Bytes>(_ bytes: Bytes, _ isIPv6: Bool) -> IPAddress {
      withUnsafeBytes(of: bytes) { raw in
        let count = isIPv6 ? 16 : 4
        return IPAddress(
          isIPv6 ? .ipv6 : .ipv4, bits: raw.prefix(count).reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
      }
    }

    /// Every tracked connection of the calling thread's network namespace.
    ///
    /// - Throws: that the kernel does not answer, as without conntrack or without CAP_NET_ADMIN.
    public static func all() throws(SystemFailure) -> [TrackedConnection] {
      var found: [TrackedConnection] = []
      let result = withUnsafeMutablePointer(to: &found) { list in
        clinux_visit_flows(
          { flow, context in
            context?.assumingMemoryBound(to: [TrackedConnection].self).pointee.append(
              TrackedConnection(flow.pointee))
          }, list)
      }
      _ = try checked(result, "read the tracked connections")
      return found
    }

    /// Makes the kernel forget the connection: its next packet is the first of a new one, or of none.
    ///
    /// - Returns: false where it had gone already.
    /// - Throws: that the kernel refuses.
    public func forget() throws(SystemFailure) -> Bool {
      var flow = flow
      let result = clinux_forget_flow(&flow)
      if result == -ENOENT { return false }
      _ = try checked(result, "forget a connection")
      return true
    }
  }

  extension TrackedConnection: CustomStringConvertible {
    /// `10.0.0.1 -> 10.0.0.2 tcp/80`.
    public var description: String {
      let carried = IPProtocol(transport)
      let port = carried.hasPorts ? "/\(destinationPort)" : ""
      return "\(source) -> \(destination) \(carried.keyword)\(port)"
    }
  }
#endif
