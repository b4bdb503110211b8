#if os(Linux)
  public import Addresses
  import Glibc

  /// The addresses of the calling thread's network namespace itself.
  public enum LocalAddresses {
    /// Every address of every interface.
    ///
    /// - Throws: that the interfaces cannot be listed.
    public static func read() throws(SystemFailure) -> Set<IPAddress> {
      var list: UnsafeMutablePointer<ifaddrs>?
      guard getifaddrs(&list) == 0 else { throw SystemFailure("list the interfaces' addresses") }
      defer { freeifaddrs(list) }
      var found: Set<IPAddress> = []
      var next = list
      while let entry = next?.pointee {
        next = entry.ifa_next
        if let socket = entry.ifa_addr, let address = IPAddress(socketAddress: socket) {
          found.insert(address)
        }
      }
      return found
    }
  }
#endif
