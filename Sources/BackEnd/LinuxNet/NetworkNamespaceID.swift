#if os(Linux)
  import Glibc

  /// Which network namespace: the device and inode of `/proc/…/ns/net`. Unique among those that exist.
  public struct NetworkNamespaceID: Sendable, Hashable, CustomStringConvertible {
    /// The device of the namespace file system.
    public let device: UInt64
    /// The namespace's inode.
    public let inode: UInt64

    /// An identity from its parts.
    public init(device: UInt64, inode: UInt64) {
      self.device = device
      self.inode = inode
    }

    /// The namespace of the calling thread.
    public static func current() throws(SystemFailure) -> NetworkNamespaceID {
      var status = stat()
      // The thread's own: the process's would be the main thread's.
      guard stat("/proc/thread-self/ns/net", &status) == 0 else {
        throw SystemFailure("look at /proc/thread-self/ns/net")
      }
      return NetworkNamespaceID(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// `device-inode`.
    public var description: String { "\(device)-\(inode)" }
  }
#endif
