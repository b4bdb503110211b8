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
      try checked(
        clinux_has_direct_route(address.family == .ipv4 ? 4 : 6, bytes(address)),
        "look up the route to \(address)") == 1
    }

    /// The interface that the calling thread's network namespace sends packets for an address straight to, where a route
    /// more specific than a default route says so; nil where there is none.
    ///
    /// - Parameter address: the destination.
    /// - Returns: the interface's name.
    /// - Throws: `SystemFailure` where the kernel cannot be asked.
    public static func interface(to address: IPAddress) throws(SystemFailure) -> String? {
      var name = [CChar](repeating: 0, count: 17)
      let found = try checked(
        clinux_route_interface(address.family == .ipv4 ? 4 : 6, bytes(address), &name),
        "look up the route to \(address)")
      guard found == 1 else { return nil }
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func bytes(_ address: IPAddress) -> [UInt8] {
      let count = address.family.bitWidth / 8
      return (0..<count).map { UInt8(truncatingIfNeeded: address.bits >> UInt128(8 * (count - 1 - $0))) }
    }
  }
#endif
