#if os(Linux)
  import Glibc

  /// Holds back SIGINT, SIGTERM and SIGHUP of the calling thread while it lives, so that they arrive at places
  /// where it can be said which ruleset is in force.
  package struct DeferredSignals: ~Copyable {
    private var former = sigset_t()

    package init() {
      var set = Self.watched
      pthread_sigmask(SIG_BLOCK, &set, &former)
    }

    deinit {
      var mask = former
      pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// The signal that came since, if any; it is taken, and will not end the process.
    package var taken: Int32? {
      var set = Self.watched
      var now = timespec()
      let signal = sigtimedwait(&set, nil, &now)
      return signal > 0 ? signal : nil
    }

    private static var watched: sigset_t {
      var set = sigset_t()
      sigemptyset(&set)
      for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
      return set
    }
  }
#endif
