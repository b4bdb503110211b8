#if os(Linux)
  import CLinux
  import Glibc
  import LinuxNet
  import NFTables

  extension Confirmations {
    /// Starts the watchdog: as a unit of its own where a service manager runs, otherwise, or where that fails, in a session
    /// of its own.
    ///
    /// - Parameters:
    ///   - nonce: names the wait that it guards.
    ///   - notes: gets why it is no unit where it could have been.
    /// - Returns: what the watchdog knows its parent by: until it is closed, the watchdog waits for the wait to be written.
    /// - Throws: that no watchdog could be started.
    func startWatchdog(_ nonce: String, _ notes: inout [String]) throws(PrivateFile.Failure) -> Descriptor {
      let manager = enforcer.serviceManager
      if manager.isRunning {
        do throws(ServiceManager.Failure) { return try startUnit(nonce, manager) } catch {
          notes.append(
            "the watchdog could not be started by the service manager (\(error)): it ends with the service or login "
              + "session of this command, where that ends all of its processes")
        }
      }
      return try startSession(nonce)
    }

    /// A unit has no parent here, so a named pipe in the state directory takes the place of an inherited one. Its first
    /// process is a child of the service manager, in that one's network namespace: it gets the way into this one as an argument.
    private func startUnit(_ nonce: String, _ manager: ServiceManager) throws(ServiceManager.Failure)
      -> Descriptor
    {
      let pipe = "watchdog-\(nonce)"
      do throws(PrivateFile.Failure) {
        let reading = try enforcer.directory.makePipe(pipe)
        defer { enforcer.directory.remove(pipe) }
        guard let program = Self.path("/proc/self/exe", unless: enforcer.client.executable),
          let thread = Self.target(of: "/proc/thread-self")
        else { throw .system(SystemFailure("find this program in /proc")) }
        do throws(ServiceManager.Failure) {
          try manager.start(
            [
              program, Watchdog.argument, enforcer.directory.path, nonce,
              "\(enforcer.directory.path)/\(pipe)",
              "/proc/\(thread)/ns/net",
            ], unit: "netpolc-rollback-\(nonce)",
            description: "Rollback of a netpolc change that is not confirmed")
        } catch { throw .unsafe(path: manager.program, reason: error.description) }
        try awaitReady(reading, manager.patience)
        return reading
      } catch {
        if case .unsafe(_, let reason) = error { throw ServiceManager.Failure(description: reason) }
        throw ServiceManager.Failure(description: "\(error)")
      }
    }

    private func startSession(_ nonce: String) throws(PrivateFile.Failure) -> Descriptor {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw .system(SystemFailure("make a pipe", code: errno)) }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      let reading = Descriptor(owning: ends[0])
      do {
        let writing = Descriptor(owning: ends[1])
        let child = clinux_spawn_session(
          enforcer.client.executable, Watchdog.argument, enforcer.directory.path, nonce, writing.number)
        if child < 0 { throw .system(SystemFailure("start the watchdog", code: -child)) }
      }
      try awaitReady(reading, .seconds(10))
      return reading
    }

    private func awaitReady(_ reading: borrowing Descriptor, _ patience: Duration) throws(PrivateFile.Failure)
    {
      var byte: UInt8 = 0
      var wanted = pollfd(fd: reading.number, events: Int16(POLLIN), revents: 0)
      let milliseconds = Int32(clamping: patience.components.seconds * 1000)
      while poll(&wanted, 1, milliseconds) < 0 && errno == EINTR {}
      guard read(reading.number, &byte, 1) == 1, byte == Watchdog.ready else {
        throw .system(SystemFailure("wait for the watchdog", code: ETIMEDOUT))
      }
    }

    /// The program's own path; in another process `/proc/self` is that one's.
    private static func path(_ own: String, unless given: String) -> String? {
      given == own ? target(of: own) : given
    }

    private static func target(of link: String) -> String? {
      var buffer = [CChar](repeating: 0, count: 4096)
      let length = readlink(link, &buffer, buffer.count)
      return length > 0
        ? String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
  }
#endif
