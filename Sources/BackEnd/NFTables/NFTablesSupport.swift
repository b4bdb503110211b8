#if os(Linux)
  import CLinux
  import CNFTables
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

    /// The file that libnftables was loaded from, as the dynamic linker found it: `/usr/lib/…/libnftables.so.1.1.0`.
    public static var libraryFile: String? {
      let function: @convention(c) (OpaquePointer?) -> Void = nft_ctx_free
      var path = [CChar](repeating: 0, count: 4096)
      let length = clinux_file_of_function(
        unsafeBitCast(function, to: UnsafeRawPointer.self), &path, path.count)
      guard length > 0 else { return nil }
      return String(decoding: path.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
#endif
