#if os(Linux)
  import CLinux
  import Glibc
  public import LinuxNet

  /// A flowtable of any table: packets of connections that a rule gave to it go from interface to interface without passing any
  /// chain of the forward hook.
  public struct Flowtable: Sendable, Hashable {
    /// The table's family as nft writes it.
    public let family: String
    /// The table's name.
    public let table: String
    /// The flowtable's name.
    public let name: String

    private init(_ flowtable: clinux_flowtable) {
      family = BaseChain.families[flowtable.family] ?? "family \(flowtable.family)"
      table = BaseChain.text(flowtable.table)
      name = BaseChain.text(flowtable.name)
    }

    /// Every flowtable of the calling thread's network namespace, in the kernel's order; none on a kernel that has none.
    ///
    /// - Throws: `SystemFailure` where the kernel cannot be asked, or the tables change all the time.
    public static func all() throws(SystemFailure) -> [Flowtable] {
      var attempts = 0
      while true {
        var found: [Flowtable] = []
        let result = withUnsafeMutablePointer(to: &found) { list in
          clinux_nftables_flowtables(
            { flowtable, context in
              context.assumingMemoryBound(to: [Flowtable].self).pointee.append(Flowtable(flowtable.pointee))
            }, list)
        }
        attempts += 1
        if result == -EINTR, attempts < 20 { continue }
        _ = try checked(result, "list the flowtables")
        return found
      }
    }

    /// The flowtable of one message of the kernel's answer (`NFT_MSG_NEWFLOWTABLE`); nil where the message has none.
    package init?(message: [UInt8]) {
      var found: [Flowtable] = []
      let result = withUnsafeMutablePointer(to: &found) { list in
        message.withUnsafeBytes { bytes in
          guard let start = bytes.baseAddress else { return Int32(-1) }
          return clinux_nftables_flowtable_in(
            start, bytes.count,
            { flowtable, context in
              context.assumingMemoryBound(to: [Flowtable].self).pointee.append(Flowtable(flowtable.pointee))
            }, list)
        }
      }
      guard result == 0, let first = found.first else { return nil }
      self = first
    }
  }
#endif
