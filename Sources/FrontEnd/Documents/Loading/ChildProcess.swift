import CPipe

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a program with an argument list, never through a shell, and collects its output.
enum ChildProcess {
  /// The result of the process.
  struct Outcome {
    let status: Int32
    let output: SourceBytes
    let complaint: SourceBytes
  }

  /// Runs `program` to its end; nil when it cannot be started. `input` must fit into a pipe (64 KiB).
  static func run(_ program: String, _ arguments: [String], input: [UInt8] = []) -> Outcome? {
    guard let stdin = Pipe(), let stdout = Pipe(), let complaints = Pipe() else { return nil }
    if !input.isEmpty {
      let written = input.withUnsafeBytes { write(stdin.writing, $0.baseAddress, $0.count) }
      guard written == input.count else { return nil }
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, stdin.reading, 0)
    posix_spawn_file_actions_adddup2(&actions, stdout.writing, 1)
    posix_spawn_file_actions_adddup2(&actions, complaints.writing, 2)
    var process: pid_t = 0
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    guard posix_spawnp(&process, program, &actions, nil, words, environ) == 0 else { return nil }
    stdin.close()
    stdout.closeWriting()
    complaints.closeWriting()
    // A program that complains more than a pipe holds while its output is read would wait for ever; git does not.
    let output = SourceBytes(reading: stdout.reading, expecting: 0)
    let complaint = SourceBytes(reading: complaints.reading, expecting: 0)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard let output, let complaint else { return nil }
    return Outcome(
      status: status & 0x7f == 0 ? (status >> 8) & 0xff : -1, output: output, complaint: complaint)
  }

  /// Both ends of a pipe, closed at the latest when it goes away, and not inherited by other children: one that held a writing
  /// end would keep the reader waiting until it ends itself.
  private final class Pipe {
    private(set) var reading: Int32 = -1
    private(set) var writing: Int32 = -1

    init?() {
      var ends: [Int32] = [-1, -1]
      guard cpipe_open(&ends) == 0 else { return nil }
      (reading, writing) = (ends[0], ends[1])
    }

    deinit { close() }

    func closeWriting() {
      if writing >= 0 { _ = closeDescriptor(writing) }
      writing = -1
    }

    func close() {
      closeWriting()
      if reading >= 0 { _ = closeDescriptor(reading) }
      reading = -1
    }
  }
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
