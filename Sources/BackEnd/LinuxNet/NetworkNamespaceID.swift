#if os(Linux)
  import CLinux
  import Glibc

  /// The identity of a network namespace: the machine's boot and the namespace's number in it. No other
  /// namespace ever has the same one, whereas an inode is used again.
  public struct NetworkNamespaceID: Sendable, Hashable, CustomStringConvertible {
    /// The first 12 hexadecimal digits of `/proc/sys/kernel/random/boot_id`.
    public let boot: String
    /// The namespace's cookie (`SO_NETNS_COOKIE`) in decimal digits; before Linux 5.14 its inode behind an `i`.
    public let number: String

    /// An identity from its parts, as kept in a file.
    public init(boot: String, number: String) {
      self.boot = boot
      self.number = number
    }

    /// The namespace of the calling thread.
    ///
    /// - Throws: `SystemFailure` where `/proc` is missing or the kernel cannot be asked.
    public static func current() throws(SystemFailure) -> NetworkNamespaceID {
      var cookie: UInt64 = 0
      let result = clinux_namespace_cookie(&cookie)
      let number = result == -ENOPROTOOPT ? "i\(try inode())" : "\(cookie)"
      if result != -ENOPROTOOPT { _ = try checked(result, "ask for the network namespace's cookie") }
      return NetworkNamespaceID(boot: try bootID.get(), number: number)
    }

    /// Read once: it stays as long as the process can.
    private static let bootID = Result { () throws(SystemFailure) -> String in
      let path = "/proc/sys/kernel/random/boot_id"
      let file = try Descriptor(path: path, flags: O_RDONLY)
      let text = try file.stream(atMost: 64)
      guard text.utf8.count >= 36 else { throw SystemFailure("read \(path)", code: EIO) }
      return String(text.filter { $0.isHexDigit }.prefix(12))
    }

    private static func inode() throws(SystemFailure) -> UInt64 {
      var status = stat()
      // The thread's own: the process's would be the main thread's.
      guard stat("/proc/thread-self/ns/net", &status) == 0 else {
        throw SystemFailure("look at /proc/thread-self/ns/net")
      }
      return UInt64(status.st_ino)
    }

    /// The text `boot-number`.
    public var description: String { "\(boot)-\(number)" }
  }
#endif
