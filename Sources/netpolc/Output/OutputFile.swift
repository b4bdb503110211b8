#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that appears whole or not at all.
struct OutputFile {
  /// Where it goes.
  let path: String

  /// What can go wrong: the step, and the system's reason.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Writes the text beside `path` and renames it there, so that a reader sees the old file or the new one. The
  /// mode is that of any new file (0666 less the umask), or that of the file it replaces. What is no regular
  /// file (`/dev/stdout`, a pipe) is written to directly.
  func write(_ text: String) throws(Failure) {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure("cannot write") }
      defer { close(descriptor) }
      guard StandardOutput.write(text, descriptor: descriptor) else { throw failure("cannot write") }
      return
    }
    var template = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure("cannot create a file beside it") }
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let mask = umask(0)
    umask(mask)
    fchmod(descriptor, exists ? status.st_mode & 0o7777 : 0o666 & ~mask)
    guard StandardOutput.write(text, descriptor: descriptor), fsync(descriptor) == 0 else {
      let reason = failure("cannot write")
      close(descriptor)
      unlink(temporary)
      throw reason
    }
    close(descriptor)
    guard rename(temporary, path) == 0 else {
      let reason = failure("cannot rename the new file over it")
      unlink(temporary)
      throw reason
    }
  }

  private func failure(_ step: String) -> Failure {
    Failure(description: "\(path): \(step): \(String(cString: strerror(errno)))")
  }
}
