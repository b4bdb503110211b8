#if os(Linux)
  import CLinux
  import Glibc

  /// The facts of this process that hold without `/proc` too.
  public enum ProcessFacts {
    /// The arguments, with the program's name first. `CommandLine.arguments` is empty where `/proc` is not mounted.
    public static var arguments: [String] {
      var count: Int32 = 0
      guard let values = clinux_arguments(&count) else { return CommandLine.arguments }
      return (0..<Int(count)).compactMap { values[$0].map { String(cString: $0) } }
    }

    /// True where `/proc` is mounted and shows this process.
    public static var hasProcFileSystem: Bool { access("/proc/self/exe", F_OK) == 0 }
  }
#endif
