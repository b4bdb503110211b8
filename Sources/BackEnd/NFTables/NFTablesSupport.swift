#if os(Linux)
  import CLinux
  import Glibc

  /// True where packet filters can be read and changed in a network namespace.
  public enum NFTablesSupport: Sendable, Hashable {
    /// The feature is available.
    case available
    /// The capability CAP_NET_ADMIN in this namespace is missing.
    case noPermission
    /// The kernel has no nf_tables, by the errno of its refusal.
    case unavailable(code: Int32)

    /// The support in the calling thread's network namespace, asked with one harmless request.
    public static var current: NFTablesSupport {
      switch -clinux_nftables_probe() {
      case 0: .available
      case EPERM: .noPermission
      case let code: .unavailable(code: code)
      }
    }
  }
#endif
