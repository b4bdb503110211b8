#if os(Linux)
  public import Addresses
  import CLinux

  /// The routes of a network namespace.
  public enum Routes {
    /// True where the calling thread's network namespace sends packets for an address straight to it: by a
    /// route without a gateway, on an interface that is up and not the loopback. An address that only a
    /// default route leads to is not of this node.
    ///
    /// - Parameter address: the destination.
    /// - Returns: whether there is such a route.
    /// - Throws: `SystemFailure` where the kernel cannot be asked.
    public static func isDirect(to address: IPAddress) throws(SystemFailure) -> Bool {
      let count = address.family.bitWidth / 8
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: address.bits >> UInt128(8 * (count - 1 - $0))) }
      return try checked(
        clinux_has_direct_route(address.family == .ipv4 ? 4 : 6, bytes), "look up the route to \(address)")
        == 1
    }
  }
#endif
