#if os(Linux)
  import CLinux
  import Glibc
  import LinuxNet
#endif

/// The version of the libnftables that this program is linked with, in the library's own words.
///
/// No function of the library returns it: it is in what `nft -j list tables` prints. So a process of its own prints that, shut in
/// a network namespace without files, or where it is; either needs a right that a user in a container may not have.
public enum LibraryVersion {
  /// The hidden first argument of the process.
  static let argument = "__libnftables-version"

  /// The version, such as `1.0.6`; nil where the kernel cannot be asked, or the process does not answer within ten seconds.
  ///
  /// - Parameter executable: a program that calls `runIfRequested` first; this process's own by default.
  /// - Returns: the version, or nil.
  public static func ask(executable: String = "/proc/self/exe") -> String? {
    #if os(Linux)
      do throws(SystemFailure) {
        let null = try Descriptor(path: "/dev/null", flags: O_RDWR)
        let output = try Descriptor(memory: "version")
        let slots = [null.number, output.number, null.number]
        let process = try checked(
          clinux_spawn(executable, argument, nil, slots, Int32(slots.count)), "start \(executable)")
        var ended: Int32 = 0
        while waitpid(process, &ended, 0) < 0 && errno == EINTR {}
        return version(in: try output.content())
      } catch { return nil }
    #else
      return nil
    #endif
  }

  /// The version in libnftables' JSON; nil where there is none.
  static func version(in listing: String) -> String? {
    guard let match = listing.firstMatch(of: #/"version": *"([0-9A-Za-z.+~-]{1,40})"/#) else { return nil }
    return String(match.1)
  }

  /// Prints an empty list of tables, if this process was started for it. To be called first thing in `main`, while there
  /// is one thread.
  ///
  /// - Parameter arguments: the process's arguments, with the program's name first.
  /// - Returns: the exit status, or nil for every other process.
  public static func runIfRequested(_ arguments: [String]) -> Int32? {
    guard arguments.count == 2, arguments[1] == argument else { return nil }
    #if os(Linux)
      alarm(10)
      // In a chroot there is no namespace to be had; to list tables changes nothing where this process is.
      [UInt8(0)].withUnsafeBytes { bytes in _ = bytes.baseAddress.map { clinux_confine($0, bytes.count) } }
      guard clinux_nftables_probe() == 0 else { return 1 }
      return NFTablesScript.list("list tables")
    #else
      return 64
    #endif
  }
}
