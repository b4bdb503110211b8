#if os(Linux)
  import CLinux
  import Glibc

  /// A failed system call: what was tried, and the kernel's answer.
  public struct SystemFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The operation that was tried, in words.
    public let attempt: String
    /// The kernel's answer, an errno.
    public let code: Int32

    /// A failure of `attempt` with the errno `code`.
    public init(_ attempt: String, code: Int32) {
      self.attempt = attempt
      self.code = code
    }

    /// The last failure of the calling thread.
    package init(_ attempt: String) { self.init(attempt, code: errno) }

    /// The text `attempt: reason`.
    public var description: String { "\(attempt): \(String(cString: strerror(code)))" }
  }

  /// Unwraps the result of a function that returns a negative errno on failure.
  package func checked(_ result: Int32, _ attempt: @autoclosure () -> String) throws(SystemFailure) -> Int32 {
    if result < 0 { throw SystemFailure(attempt(), code: -result) }
    return result
  }

  /// A file descriptor with one owner, closed when the owner goes.
  package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) { self.number = number }

    /// An empty anonymous file in memory.
    package init(memory name: String) throws(SystemFailure) {
      number = try checked(clinux_memfd(name), "create a file in memory")
    }

    /// Opens a file; what `open` follows and creates is up to `flags`.
    package init(path: String, flags: Int32, mode: UInt32 = 0, in directory: Int32 = AT_FDCWD)
      throws(SystemFailure)
    {
      let opened = openat(directory, path, flags | O_CLOEXEC, mode)
      if opened < 0 { throw SystemFailure("open \(path)") }
      number = opened
    }

    deinit { if number >= 0 { close(number) } }

    /// Appends all of `bytes` at the current position.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) {
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Glibc.write(number, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0 && errno != EINTR { throw SystemFailure("write") }
        if written > 0 { rest = rest.dropFirst(written) }
      }
    }

    /// Replaces the file's content by `bytes`.
    package func replaceContent(with bytes: UnsafeRawBufferPointer) throws(SystemFailure) {
      guard ftruncate(number, 0) == 0, lseek(number, 0, SEEK_SET) == 0 else {
        throw SystemFailure("truncate")
      }
      try write(bytes)
    }

    /// The text of a file of `/proc`, which has no size: all that can be read from the current position on, at most `most`
    /// bytes.
    package func stream(atMost most: Int) throws(SystemFailure) -> String {
      var bytes = [UInt8](repeating: 0, count: most)
      var filled = 0
      while filled < most {
        let got = bytes.withUnsafeMutableBytes { buffer in
          read(number, buffer.baseAddress.map { $0 + filled }, most - filled)
        }
        if got < 0 && errno == EINTR { continue }
        if got < 0 { throw SystemFailure("read") }
        if got == 0 { break }
        filled += got
      }
      return String(decoding: bytes[..<filled], as: UTF8.self)
    }

    /// The whole file as text, whatever the current position. Bytes that are no UTF-8 become U+FFFD.
    ///
    /// - Parameter most: the most bytes that the file may have.
    /// - Returns: the text.
    /// - Throws: the kernel's answer; EFBIG where the file is larger.
    package func content(atMost most: Int = .max) throws(SystemFailure) -> String {
      var status = stat()
      guard fstat(number, &status) == 0 else { throw SystemFailure("measure a file") }
      let size = Int(status.st_size)
      if size > most { throw SystemFailure("read \(size) bytes", code: EFBIG) }
      if size == 0 { return "" }
      var failure: SystemFailure?
      let text = String(unsafeUninitializedCapacity: size) { buffer in
        var filled = 0
        while filled < size, let base = buffer.baseAddress {
          let got = pread(number, base + filled, size - filled, off_t(filled))
          if got < 0 && errno == EINTR { continue }
          if got < 0 { failure = SystemFailure("read") }
          if got <= 0 { break }
          filled += got
        }
        return filled
      }
      if let failure { throw failure }
      return text
    }
  }
#endif
