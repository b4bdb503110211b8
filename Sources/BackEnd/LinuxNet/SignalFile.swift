#if os(Linux)
  import CLinux

  /// Signals as something to read, beside other things that are waited for.
  public struct SignalFile: ~Copyable {
    private let file: Descriptor

    /// Holds the signals back in the calling thread, and in threads that it makes from now on; they are read here.
    ///
    /// - Throws: that the system has no room for it.
    public init(_ signals: [Int32]) throws(SystemFailure) {
      file = Descriptor(
        owning: try checked(clinux_signal_file(signals, Int32(signals.count)), "make a file of signals"))
    }

    /// A descriptor that becomes readable when a signal has arrived.
    public var descriptor: Int32 { file.number }

    /// The next signal that came; nil where none did. Does not wait.
    public func next() -> Int32? {
      let signal = clinux_next_signal(file.number)
      return signal > 0 ? signal : nil
    }
  }
#endif
