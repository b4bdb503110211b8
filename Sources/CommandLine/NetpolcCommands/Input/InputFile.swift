import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is read whole.
struct InputFile {
  /// The path, or `-` for standard input.
  let path: String

  /// The reason for which it could not be read.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// All of it as text. What cannot be read ends the command with status 2.
  func text() throws -> String {
    do throws(Failure) {
      return String(decoding: try bytes(), as: UTF8.self)
    } catch {
      StandardError.write("netpolc: error: \(error.description)\n")
      throw ExitCode(Status.trouble)
    }
  }

  /// True where there is a file, whatever it is.
  var exists: Bool { access(path, F_OK) == 0 }

  /// All of its bytes.
  func bytes() throws(Failure) -> [UInt8] {
    let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure()
      }
      bytes += chunk[..<count]
    }
  }

  private func failure() -> Failure {
    Failure(description: "\(path): cannot read: \(String(cString: strerror(errno)))")
  }
}
