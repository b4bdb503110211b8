#if os(Linux)
  import CLinux

  /// The memory that this process has of the system.
  public enum ProcessMemory {
    /// Lets large blocks go back to the system when they are freed, from now on. To be called before other threads are there.
    public static func keepSmall() { clinux_keep_memory_small() }

    /// Gives back what is free, as after a large piece of work.
    public static func giveBack() { clinux_return_memory() }
  }
#endif
