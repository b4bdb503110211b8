#if os(Linux)
  import Glibc
  import LinuxNet
  import NFTables

  /// The directory of what netpolc remembers of network namespaces, normally `/run/netpolc`.
  ///
  /// Files are written whole or not at all, with mode 0600. Symbolic links are not followed, and what does not
  /// belong to this user, or others could write, is refused.
  public struct StateDirectory: Sendable, Hashable {
    /// The directory that `NETPOLC_STATE_DIRECTORY` names, or `/run/netpolc`.
    public static var standard: StateDirectory {
      guard let value = getenv("NETPOLC_STATE_DIRECTORY"), value.pointee != 0 else {
        return StateDirectory(path: NamespaceLock.standardDirectory)
      }
      return StateDirectory(path: String(cString: value))
    }

    /// An absolute path, which need not exist.
    public let path: String

    /// The directory at a path; it need not exist.
    public init(path: String) { self.path = path }

    /// In bytes: ten times what the table of a million elements takes. What is larger was not written by netpolc.
    static let largestFile = 512 << 20
    /// In bytes: the largest file of a few lines.
    static let fewLines = 64 << 10

    /// The text of a file; nil when there is none.
    ///
    /// - Throws: that the file cannot be read, is none, belongs to somebody else or has more than `most` bytes.
    func read(_ name: String, atMost most: Int = largestFile) throws(PrivateFile.Failure) -> String? {
      do throws(PrivateFile.Failure) {
        let directory = try open()
        let file = try PrivateFile.open(name, flags: O_RDONLY, in: directory.number, type: S_IFREG)
        do throws(SystemFailure) { return try file.content(atMost: most) } catch {
          if error.code == EFBIG {
            throw .unsafe(path: "\(path)/\(name)", reason: "is larger than any file that netpolc writes here")
          }
          throw .system(error)
        }
      } catch {
        if case .system(let failure) = error, failure.code == ENOENT { return nil }
        throw error
      }
    }

    /// Writes a file beside its place and renames it there.
    func write(_ text: String, to name: String) throws(PrivateFile.Failure) {
      if mkdir(path, 0o700) != 0 && errno != EEXIST { throw .system(failure("create \(path)")) }
      let directory = try open()
      let temporary = ".\(name).new"
      // What a killed process left behind.
      unlinkat(directory.number, temporary, 0)
      do throws(SystemFailure) {
        let file = try Descriptor(
          path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, in: directory.number)
        var copy = text
        let written = copy.withUTF8 { bytes in
          Result { () throws(SystemFailure) in try file.write(UnsafeRawBufferPointer(bytes)) }
        }
        try written.get()
      } catch {
        unlinkat(directory.number, temporary, 0)
        throw .system(SystemFailure("write \(path)/\(name)", code: error.code))
      }
      guard renameat(directory.number, temporary, directory.number, name) == 0 else {
        let reason = failure("rename to \(path)/\(name)")
        unlinkat(directory.number, temporary, 0)
        throw .system(reason)
      }
    }

    /// Opens a file for its lock, and makes it when there is none.
    func openOrMake(_ name: String) throws(PrivateFile.Failure) -> Descriptor {
      let directory = try open()
      return try PrivateFile.open(name, flags: O_RDWR | O_CREAT, in: directory.number, type: S_IFREG)
    }

    /// Makes a named pipe and opens it for reading, without waiting for a writer.
    func makePipe(_ name: String) throws(PrivateFile.Failure) -> Descriptor {
      let directory = try open()
      guard mkfifoat(directory.number, name, 0o600) == 0 else {
        throw .system(failure("make a pipe in \(path)"))
      }
      return try PrivateFile.open(
        name, flags: O_RDONLY | O_NONBLOCK, in: directory.number, type: S_IFIFO)
    }

    /// Gives a file a second name, in place of what had that name.
    func link(_ name: String, as other: String) throws(PrivateFile.Failure) {
      let directory = try open()
      unlinkat(directory.number, other, 0)
      guard linkat(directory.number, name, directory.number, other, 0) == 0 else {
        throw .system(failure("link \(path)/\(name) as \(other)"))
      }
    }

    /// The names of the files that begin with a text; none where the directory cannot be read.
    func names(beginningWith prefix: String) -> [String] {
      guard (try? open()) != nil, let stream = opendir(path) else { return [] }
      defer { closedir(stream) }
      var names: [String] = []
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { bytes in
          bytes.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasPrefix(prefix) { names.append(name) }
      }
      return names
    }

    /// Removes a file; nothing happens when there is none.
    func remove(_ name: String) {
      guard let directory = try? open() else { return }
      unlinkat(directory.number, name, 0)
    }

    private func open() throws(PrivateFile.Failure) -> Descriptor {
      try PrivateFile.open(path, flags: O_RDONLY | O_DIRECTORY, in: AT_FDCWD, type: S_IFDIR)
    }

    private func failure(_ attempt: String) -> SystemFailure { SystemFailure(attempt, code: errno) }
  }
#endif
