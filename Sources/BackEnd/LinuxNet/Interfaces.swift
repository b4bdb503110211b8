#if os(Linux)
  import Glibc

  /// The network interfaces of a network namespace.
  public enum Interfaces {
    /// True where the calling thread's network namespace has an interface of this name.
    public static func exists(_ name: String) -> Bool { if_nametoindex(name) != 0 }
  }
#endif
