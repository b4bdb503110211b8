import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that appears whole or not at all.
struct OutputFile {
  /// Where it goes.
  let path: String
  /// The file's mode; nil: that of any new file (0666 less the umask), or that of the file it replaces.
  var mode: mode_t?

  /// The step that failed, and the system's reason.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// A file that is written, and not yet in its place.
  struct Prepared: ~Copyable {
    fileprivate enum Form {
      /// A file beside the place where it goes.
      case beside(String)
      /// A file that is not a regular one, opened: the text goes there directly.
      case open(Int32, String)
    }
    fileprivate let file: OutputFile
    fileprivate let form: Form
    private var isInPlace = false

    fileprivate init(_ file: OutputFile, _ form: Form) {
      self.file = file
      self.form = form
    }

    /// Puts the file in its place.
    consuming func commit() throws(Failure) {
      switch form {
      case .beside(let temporary):
        guard rename(temporary, file.path) == 0 else {
          throw file.failure("cannot rename the new file over it")
        }
        isInPlace = true
      case .open(let descriptor, let text):
        guard StandardOutput.write(text, descriptor: descriptor) else { throw file.failure("cannot write") }
      }
    }

    deinit {
      switch form {
      case .beside(let temporary): if !isInPlace { unlink(temporary) }
      case .open(let descriptor, _): close(descriptor)
      }
    }
  }

  /// Writes the text beside `path` and renames it there, so that a reader sees the old file or the new one. What is no regular
  /// file (`/dev/stdout`, a pipe) is written to directly.
  func write(_ text: String) throws(Failure) {
    try prepare(text).commit()
  }

  /// Writes the text beside `path`; nothing is there before `commit`. What can be refused is refused here, so that
  /// of several files all appear or none: a full disk, a folder that is not there, a directory in the file's place.
  func prepare(_ text: String) throws(Failure) -> Prepared {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure("cannot write") }
      return Prepared(self, .open(descriptor, text))
    }
    var template = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure("cannot create a file beside it") }
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let mask = umask(0)
    umask(mask)
    fchmod(descriptor, mode ?? (exists ? status.st_mode & 0o7777 : 0o666 & ~mask))
    guard StandardOutput.write(text, descriptor: descriptor), fsync(descriptor) == 0 else {
      let reason = failure("cannot write")
      close(descriptor)
      unlink(temporary)
      throw reason
    }
    close(descriptor)
    return Prepared(self, .beside(temporary))
  }

  /// Does something with files; a failure is reported, and ends the command with status 2.
  static func telling<Result: ~Copyable>(_ body: () throws(Failure) -> Result) throws -> Result {
    do throws(Failure) { return try body() } catch {
      StandardError.write("netpolc: error: \(error)\n")
      throw ExitCode(Status.trouble)
    }
  }

  fileprivate func failure(_ step: String) -> Failure {
    Failure(description: "\(path): \(step): \(String(cString: strerror(errno)))")
  }
}
