#if os(Linux)
  import Glibc

  extension PluginInstallation {
    /// Installs the plugin, and again whenever something is written into the directories: another program may write the
    /// conflist anew. Looks each minute where the kernel reports no changes. Never returns.
    ///
    /// - Parameters:
    ///   - program: the plugin's program.
    ///   - tell: takes a line for each change and each failure that is another than the last.
    public func keep(_ program: String, _ tell: (String) -> Void) -> Never {
      let changes = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
      let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
      var last = ""
      while true {
        // Directories that are made anew are other directories.
        for directory in [configurations, binaries] { inotify_add_watch(changes, directory, events) }
        let line: String?
        do throws(Failure) {
          line = try install(program).map { "\($0): the plugin is entered" }
          if line == nil { last = "" }
        } catch { line = error.description }
        if let line, line != last { tell(line) }
        last = line ?? last
        var polled = pollfd(fd: changes, events: Int16(POLLIN), revents: 0)
        poll(&polled, 1, 60_000)
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        while read(changes, &bytes, bytes.count) > 0 {}
      }
    }
  }
#endif
