#if os(Linux)
  import CLinux
  import Glibc
  import LinuxNet
  import NFTables

  /// The process that undoes a change that is not confirmed in time.
  ///
  /// It is a unit of its own where a service manager runs, otherwise in a session of its own, and has no open file of its
  /// parent's, so it outlives the parent, the terminal and the session. It knows the time by the clock since boot, which cannot be set. SIGTERM, as at shutdown,
  /// makes it undo the change at once.
  public enum Watchdog {
    /// The hidden first argument.
    public static let argument = "__netpolc-watchdog"

    static let ready: UInt8 = 1

    /// The interval at which it checks that it is still needed.
    private static let interval = Duration.milliseconds(100)

    /// Keeps watch if this process was started for that.
    ///
    /// - Parameter arguments: the process's arguments, with the program's name first.
    /// - Returns: the exit status of a watchdog that is done, or nil for every other process.
    public static func runIfRequested(_ arguments: [String]) -> Int32? {
      guard arguments.count == 4 || arguments.count == 6, arguments[1] == argument else { return nil }
      let directory = StateDirectory(path: arguments[2])
      if arguments.count == 4 {
        return watch(directory, nonce: arguments[3], parent: Descriptor(owning: inheritedPipe)) ? 0 : 2
      }
      // A unit: from the service manager's network namespace into that of the caller.
      guard let pipe = try? Descriptor(path: arguments[4], flags: O_WRONLY | O_NONBLOCK | O_NOFOLLOW),
        let namespace = try? Descriptor(path: arguments[5], flags: O_RDONLY),
        clinux_enter_network(namespace.number) == 0
      else { return 2 }
      return watch(directory, nonce: arguments[3], parent: pipe) ? 0 : 2
    }

    /// Guards a wait to its end; false where it never came about. The parent reads from the pipe until it has written down
    /// that the change waits.
    private static func watch(
      _ directory: StateDirectory, nonce: String, parent: consuming Descriptor
    ) -> Bool {
      for ignored in [SIGHUP, SIGINT, SIGPIPE] { signal(ignored, SIG_IGN) }
      var termination = sigset_t()
      sigemptyset(&termination)
      sigaddset(&termination, SIGTERM)
      pthread_sigmask(SIG_BLOCK, &termination, nil)
      _ = chdir("/")
      guard let namespace = try? NetworkNamespaceID.current(),
        let life = try? directory.openOrMake(InstalledState.file("watchdog", namespace))
      else { return false }
      var byte = ready
      _ = write(parent.number, &byte, 1)
      while Confirmations.readable(in: directory, namespace)?.nonce != nonce {
        // A parent that is gone may have written it just before it died.
        if isParentGone(parent.number) && Confirmations.readable(in: directory, namespace)?.nonce != nonce {
          return false
        }
        usleep(2_000)
      }
      _ = consume parent
      // The lock on the file is this process's sign of life. A former watchdog may be about to let go of it.
      var isHeld = false
      while let pending = Confirmations.readable(in: directory, namespace), pending.nonce == nonce {
        if !isHeld { isHeld = flock(life.number, LOCK_EX | LOCK_NB) == 0 }
        let left = pending.deadline.remaining
        let isTerminated = left > .zero && waits(min(left, interval), for: &termination)
        if left == .zero || isTerminated {
          if !undo(directory, nonce: nonce, early: isTerminated) { sleep(1) }
        }
      }
      return true
    }

    /// The descriptor of the pipe that a child in a session of its own was started with.
    private static let inheritedPipe: Int32 = 3

    private static func isParentGone(_ parent: Int32) -> Bool {
      var wanted = pollfd(fd: parent, events: 0, revents: 0)
      return poll(&wanted, 1, 0) > 0 && wanted.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
    }

    /// Waits; true when SIGTERM came meanwhile.
    private static func waits(_ duration: Duration, for set: inout sigset_t) -> Bool {
      let parts = duration.components
      var limit = timespec(tv_sec: Int(parts.seconds), tv_nsec: Int(parts.attoseconds / 1_000_000_000))
      return sigtimedwait(&set, nil, &limit) == SIGTERM
    }

    /// Undoes the change under the lock, unless someone has decided meanwhile. False when it is to be tried again.
    private static func undo(_ directory: StateDirectory, nonce: String, early: Bool) -> Bool {
      let enforcer = Enforcer(directory: directory)
      do throws(EnforcementFailure) {
        try enforcer.locked(limit: .seconds(3600)) { lock throws(EnforcementFailure) in
          guard let pending = Confirmations.readable(in: directory, lock.namespace), pending.nonce == nonce,
            early || pending.deadline.remaining == .zero
          else { return }
          try Confirmations(enforcer: enforcer, lock: lock).rollBack(pending)
        }
        return true
      } catch {
        if let namespace = try? NetworkNamespaceID.current(),
          let pending = Confirmations.readable(in: directory, namespace), pending.nonce == nonce
        {
          try? directory.write(
            RollbackNote(revision: pending.revision, failure: "\(error)").text,
            to: InstalledState.file("rollback", namespace))
        }
        return false
      }
    }

    /// True where a watchdog is on guard for a namespace.
    static func isAlive(_ directory: StateDirectory, _ namespace: NetworkNamespaceID) -> Bool {
      guard let file = try? directory.openOrMake(InstalledState.file("watchdog", namespace)) else {
        return false
      }
      return flock(file.number, LOCK_SH | LOCK_NB) != 0
    }
  }
#endif
