#if os(Linux)
  import Glibc

  /// Files and directories that only this user can change.
  public enum PrivateFile {
    /// The reasons for which a file or directory was not used.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
      /// A system call failed.
      case system(SystemFailure)
      /// The file is not safe to use, or is not what it should be, and why.
      case unsafe(path: String, reason: String)

      /// The failure as one sentence.
      public var description: String {
        switch self {
        case .system(let failure): "\(failure)"
        case .unsafe(let path, let reason): "\(path): \(reason)"
        }
      }
    }

    /// Opens without following a symbolic link and without waiting for a pipe's other end, and refuses a file that
    /// another user could change.
    ///
    /// - Parameters:
    ///   - path: the file, relative to `directory`.
    ///   - flags: the flags of open(2); `O_CREAT` makes a file with mode 0600.
    ///   - directory: a directory's descriptor, or `AT_FDCWD`.
    ///   - type: the type that the file must have: `S_IFREG`, `S_IFDIR` or `S_IFIFO`.
    /// - Returns: the open file.
    /// - Throws: `Failure`.
    package static func open(_ path: String, flags: Int32, in directory: Int32, type: UInt32) throws(Failure)
      -> Descriptor
    {
      let descriptor: Descriptor
      do throws(SystemFailure) {
        descriptor = try Descriptor(
          path: path, flags: flags | O_NOFOLLOW | O_NONBLOCK, mode: 0o600, in: directory)
      } catch {
        if [ELOOP, ENOTDIR, ENXIO, ENODEV].contains(error.code) {
          throw .unsafe(path: path, reason: "is a symbolic link or of the wrong type")
        }
        throw .system(error)
      }
      var status = stat()
      guard fstat(descriptor.number, &status) == 0 else { throw .system(SystemFailure("look at \(path)")) }
      if status.st_mode & S_IFMT != type { throw .unsafe(path: path, reason: "is of the wrong type") }
      if status.st_uid != geteuid() { throw .unsafe(path: path, reason: "belongs to user \(status.st_uid)") }
      if status.st_mode & 0o022 != 0 { throw .unsafe(path: path, reason: "is writable by others") }
      return descriptor
    }
  }
#endif
