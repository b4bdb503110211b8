#if os(Linux)
  import Glibc

  /// One apply at a time per network namespace.
  ///
  /// The lock is a `flock` on a file that stays: it ends with its holder, however that dies, and it is held on by
  /// a worker that outlives the host until its transaction is over.
  public enum NamespaceLock {
    /// Where locks and state are kept.
    public static let standardDirectory = "/run/netpolc"

    /// A lock that is held. Only `withLock` makes one, and it is good until `withLock` returns.
    public struct Held: Sendable {
      package let descriptor: Int32
      /// The namespace that is locked.
      public let namespace: NetworkNamespaceID
    }

    /// The reasons for which a lock was not taken.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
      /// The lock's file or directory cannot be used.
      case file(PrivateFile.Failure)
      /// Someone else held it all the time. The process id is what the holder wrote down.
      case held(by: Int32?, waited: Duration)

      /// The failure as one sentence.
      public var description: String {
        switch self {
        case .file(let failure): return "\(failure)"
        case .held(let holder, let waited):
          let who = holder.map { "process \($0)" } ?? "another process"
          return "\(who) is changing this network namespace's packet filter; gave up after"
            + " \(waited.components.seconds) s"
        }
      }
    }

    /// Runs `body` while no one else holds the lock of the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - directory: where lock files are kept; made with mode 0700 if its parent exists.
    ///   - limit: how long to wait for another holder.
    ///   - onWait: called once after a second of waiting, with the holder's process id if it is known.
    ///   - body: what to do with the lock.
    /// - Returns: what `body` returns.
    /// - Throws: `Failure` when the lock was not taken, or what `body` throws.
    public static func withLock<Result>(
      directory: String = standardDirectory, limit: Duration = .seconds(60),
      onWait: (Int32?) -> Void = { _ in }, _ body: (Held) throws -> Result
    ) throws -> Result {
      let file = try File(directory: directory)
      let lock = try file.take(limit: limit, onWait: onWait)
      defer { file.letGo() }
      return try body(lock)
    }

    /// The lock's file, for who takes the lock again and again: what holds on to it, a worker that stays, holds on to
    /// this file and not to one that was opened for a single time.
    package struct File: ~Copyable, Sendable {
      private let file: Descriptor
      /// The namespace that is locked, that of the thread that made this.
      package let namespace: NetworkNamespaceID

      /// The file of the calling thread's network namespace; not locked yet.
      package init(directory: String) throws(Failure) {
        let current: NetworkNamespaceID
        do throws(SystemFailure) {
          current = try NetworkNamespaceID.current()
        } catch { throw Failure.file(.system(error)) }
        file = try lockOrNamespaceFile(of: current, in: directory)
        namespace = current
      }

      /// Takes the lock. It is held until `letGo`, or until this process and every worker that was started with it
      /// have ended.
      package func take(limit: Duration, onWait: (Int32?) -> Void) throws(Failure) -> Held {
        try wait(for: file, limit: limit, onWait: onWait)
        let note = "\(getpid())\n"
        // To write it anew costs a part of a millisecond, and mostly this process held the lock last.
        if (try? file.content(atMost: 64)) == note {
          return Held(descriptor: file.number, namespace: namespace)
        }
        var copy = note
        // Where the namespace itself is locked no process could read a message.
        copy.withUTF8 { bytes in
          _ = ftruncate(file.number, 0)
          _ = pwrite(file.number, bytes.baseAddress, bytes.count, 0)
        }
        return Held(descriptor: file.number, namespace: namespace)
      }

      /// Lets the lock go: by name, not by closing, since a worker may hold another descriptor of the same lock.
      package func letGo() { flock(file.number, LOCK_UN) }
    }

    private static func wait(for file: borrowing Descriptor, limit: Duration, onWait: (Int32?) -> Void)
      throws(Failure)
    {
      let start = ContinuousClock.now
      var told = false
      while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else { throw .file(.system(SystemFailure("lock"))) }
        let waited = start.duration(to: .now)
        if waited >= limit { throw .held(by: holder(of: file), waited: waited) }
        if !told && waited >= .seconds(1) {
          told = true
          onWait(holder(of: file))
        }
        usleep(20_000)
      }
    }

    private static func holder(of file: borrowing Descriptor) -> Int32? {
      guard let text = try? file.content(atMost: 64) else { return nil }
      return text.split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// The lock file, or, where there is no place to write one, the namespace's own file: it can be locked too,
    /// but the holder is unknown.
    private static func lockOrNamespaceFile(of namespace: NetworkNamespaceID, in directory: String)
      throws(Failure) -> Descriptor
    {
      do throws(Failure) {
        return try lockFile(of: namespace, in: directory)
      } catch {
        guard case .file(.system(let failure)) = error, [EROFS, ENOSPC, ENOENT].contains(failure.code) else {
          throw error
        }
        do throws(SystemFailure) {
          return try Descriptor(path: "/proc/thread-self/ns/net", flags: O_RDONLY)
        } catch { throw .file(.system(error)) }
      }
    }

    private static func lockFile(of namespace: NetworkNamespaceID, in directory: String) throws(Failure)
      -> Descriptor
    {
      if mkdir(directory, 0o700) != 0 && errno != EEXIST {
        throw .file(.system(SystemFailure("create \(directory)")))
      }
      do throws(PrivateFile.Failure) {
        let parent = try PrivateFile.open(
          directory, flags: O_RDONLY | O_DIRECTORY, in: AT_FDCWD, type: S_IFDIR)
        let name = "lock-\(namespace)"
        return try PrivateFile.open(name, flags: O_RDWR | O_CREAT, in: parent.number, type: S_IFREG)
      } catch { throw .file(error) }
    }
  }
#endif
