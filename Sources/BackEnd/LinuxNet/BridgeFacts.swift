#if os(Linux)
  public import Addresses
  import CLinux
  import Glibc

  /// The bridges of a network namespace, and whether packets between their ports pass the IP filter.
  public struct BridgeFacts: Sendable, Hashable {
    /// A block of addresses that lies directly on a bridge of this namespace.
    public struct BridgedBlock: Sendable, Hashable {
      /// The bridge: `cni0`.
      public let bridge: String
      /// The block of one of the bridge's own addresses: `10.244.1.0/24`.
      public let block: CIDR

      /// A block on a bridge.
      public init(bridge: String, block: CIDR) {
        self.bridge = bridge
        self.block = block
      }
    }

    /// `net.bridge.bridge-nf-call-iptables`, or nil when the bridge filter is not loaded, which acts as false.
    public let bridgeCallsIPv4: Bool?
    /// `net.bridge.bridge-nf-call-ip6tables`, or nil when the bridge filter is not loaded.
    public let bridgeCallsIPv6: Bool?
    /// Blocks of addresses on bridges, by name of the bridge.
    public let bridgedBlocks: [BridgedBlock]

    /// Facts from their parts.
    public init(bridgeCallsIPv4: Bool?, bridgeCallsIPv6: Bool?, bridgedBlocks: [BridgedBlock]) {
      self.bridgeCallsIPv4 = bridgeCallsIPv4
      self.bridgeCallsIPv6 = bridgeCallsIPv6
      self.bridgedBlocks = bridgedBlocks
    }

    /// The facts of the calling thread's network namespace, now.
    ///
    /// - Returns: the facts.
    /// - Throws: `SystemFailure` where the interfaces cannot be listed.
    public static func read() throws(SystemFailure) -> BridgeFacts {
      BridgeFacts(
        bridgeCallsIPv4: flag("bridge-nf-call-iptables"), bridgeCallsIPv6: flag("bridge-nf-call-ip6tables"),
        bridgedBlocks: try blocksOnBridges())
    }

    /// The bridge on which `address` lies if packets between it and its neighbours there do not pass the
    /// forward hook; nil when they do, or when the address lies on no bridge.
    ///
    /// - Parameters:
    ///   - address: the address of a pod.
    ///   - interface: the interface that is routed to it, which may be a bridge without an address of its own.
    /// - Returns: the bridge's name.
    public func unfilteredBridge(of address: IPAddress, routedTo interface: String? = nil) -> String? {
      let calls = address.family == .ipv4 ? bridgeCallsIPv4 : bridgeCallsIPv6
      if calls == true { return nil }
      if let interface { return Self.isBridge(interface) ? interface : nil }
      return bridgedBlocks.first { $0.block.contains(address) }?.bridge
    }

    /// True where an interface of the calling thread's network namespace is a bridge.
    public static func isBridge(_ interface: String) -> Bool { clinux_is_bridge(interface) == 1 }

    private static func flag(_ name: String) -> Bool? {
      guard let file = try? Descriptor(path: "/proc/sys/net/bridge/\(name)", flags: O_RDONLY) else {
        return nil
      }
      var byte: UInt8 = 0
      return Glibc.read(file.number, &byte, 1) == 1 ? byte != UInt8(ascii: "0") : nil
    }

    private static func blocksOnBridges() throws(SystemFailure) -> [BridgedBlock] {
      var list: UnsafeMutablePointer<ifaddrs>?
      guard getifaddrs(&list) == 0 else { throw SystemFailure("list the interfaces' addresses") }
      defer { freeifaddrs(list) }
      var blocks: [BridgedBlock] = []
      var next = list
      while let entry = next?.pointee {
        next = entry.ifa_next
        guard let (address, length) = prefix(of: entry), clinux_is_bridge(entry.ifa_name) == 1 else {
          continue
        }
        let block = CIDR(address, prefixLength: length)
        blocks.append(BridgedBlock(bridge: String(cString: entry.ifa_name), block: block))
      }
      return blocks.sorted { ($0.bridge, $0.block) < ($1.bridge, $1.block) }
    }

    /// An entry's address and prefix length. A host's own /32 or /128 and link-local ones are no block.
    private static func prefix(of entry: ifaddrs) -> (IPAddress, Int)? {
      guard let socket = entry.ifa_addr, let mask = entry.ifa_netmask,
        let address = IPAddress(socketAddress: socket), let bits = IPAddress(socketAddress: mask)
      else { return nil }
      let length = bits.bits.nonzeroBitCount
      if length == address.family.bitWidth { return nil }
      if address.family == .ipv6 && address.bits >> 118 == 0x3fa { return nil }
      return (address, length)
    }
  }

  extension IPAddress {
    /// The address in a socket address of either family.
    init?(socketAddress: UnsafePointer<sockaddr>) {
      let raw = UnsafeRawPointer(socketAddress)
      switch Int32(socketAddress.pointee.sa_family) {
      case AF_INET:
        let number = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        self.init(.ipv4, bits: UInt128(number))
      case AF_INET6:
        let number = UInt128(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt128.self))
        self.init(.ipv6, bits: number)
      default: return nil
      }
    }
  }
#endif
