#if os(Linux)
  import Glibc

  /// A point in time by two clocks: one for people, and one that cannot be set and that runs while the machine
  /// sleeps. All waiting goes by the second.
  public struct Timestamp: Sendable, Hashable {
    /// Seconds since 1970, as the machine's clock had it.
    public var unixSeconds: Int64
    /// Nanoseconds since the machine was started.
    public var nanosecondsSinceBoot: Int64

    /// A moment from its parts, as kept in a file.
    public init(unixSeconds: Int64, nanosecondsSinceBoot: Int64) {
      self.unixSeconds = unixSeconds
      self.nanosecondsSinceBoot = nanosecondsSinceBoot
    }

    /// The current moment.
    public static var now: Timestamp {
      Timestamp(unixSeconds: Int64(time(nil)), nanosecondsSinceBoot: bootClock())
    }

    /// The time since the moment; never negative.
    public var age: Duration { Self.span(from: nanosecondsSinceBoot, to: Self.bootClock()) }

    /// The time until the moment; never negative.
    public var remaining: Duration { Self.span(from: Self.bootClock(), to: nanosecondsSinceBoot) }

    /// The moment after a time from now.
    public static func after(_ duration: Duration) -> Timestamp {
      let parts = duration.components
      let nanoseconds = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
      return Timestamp(
        unixSeconds: Int64(time(nil)) + parts.seconds,
        nanosecondsSinceBoot: bootClock() + nanoseconds)
    }

    /// A moment read from a file may be any number.
    private static func span(from start: Int64, to end: Int64) -> Duration {
      let (span, isTooLong) = end.subtractingReportingOverflow(start)
      return .nanoseconds(end < start ? 0 : isTooLong ? .max : span)
    }

    private static func bootClock() -> Int64 {
      var time = timespec()
      clock_gettime(CLOCK_BOOTTIME, &time)
      return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
  }
#endif
