#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

#if os(Linux)
  /// The plugin's side of the agent's socket, and the process around a plugin run.
  public enum AgentSocket {
    /// Sends a line and waits for the line that answers.
    public static func exchange(
      _ path: String, _ line: String, _ milliseconds: Int
    ) -> CNIPlugin.ExchangeResult {
      switch send(line, to: path, milliseconds, until: { $0.contains(UInt8(ascii: "\n")) }) {
      case .answer(let text) where text.utf8.contains(UInt8(ascii: "\n")):
        .answer(String(text.prefix { $0 != "\n" }))
      case .answer: .failed("it ended without an answer")
      case .failed(let reason): .failed(reason)
      }
    }

    /// Sends a text and collects what is answered, until that is complete or the other side ends.
    ///
    /// - Parameters:
    ///   - text: what is sent.
    ///   - path: the socket's.
    ///   - milliseconds: the longest wait for a part of the answer.
    ///   - isComplete: judges what was received so far.
    /// - Returns: the answer, or the reason why there is none.
    public static func send(
      _ text: String, to path: String, _ milliseconds: Int,
      until isComplete: ([UInt8]) -> Bool = { _ in false }
    ) -> CNIPlugin.ExchangeResult {
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { return .failed(reason()) }
      defer { close(descriptor) }
      var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
      let size = socklen_t(MemoryLayout<timeval>.size)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
      setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
      guard var address = address(path) else { return .failed("the path is too long") }
      let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      guard connected == 0 else { return .failed(reason()) }
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent < 0, errno == EINTR { continue }
        guard sent > 0 else { return .failed(reason()) }
        rest = rest.dropFirst(sent)
      }
      var answer: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 4096)
      while true {
        let got = part.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { return .failed(errno == EAGAIN ? "no answer in time" : reason()) }
        answer += part[..<got]
        if got == 0 || isComplete(answer) { return .answer(String(decoding: answer, as: UTF8.self)) }
      }
    }

    /// Runs the plugin as the process that it is: environment, standard input and output.
    ///
    /// - Returns: the exit status.
    public static func main() -> Int32 {
      var variables: [String: String] = [:]
      for name in ["CNI_COMMAND", "CNI_CONTAINERID", "CNI_IFNAME", "CNI_ARGS"] {
        if let value = getenv(name) { variables[name] = String(cString: value) }
      }
      var input: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 64 << 10)
      while input.count < 16 << 20 {
        let got = part.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
        if got < 0, errno == EINTR { continue }
        if got <= 0 { break }
        input += part[..<got]
      }
      let outcome = CNIPlugin(environment: variables, exchange: exchange)
        .run(String(decoding: input, as: UTF8.self))
      var rest = Array(outcome.output.utf8)[...]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        if written <= 0 { return 1 }
        rest = rest.dropFirst(written)
      }
      return outcome.status
    }

    private static func address(_ path: String) -> sockaddr_un? {
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      let bytes = Array(path.utf8)
      let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
        guard bytes.count < field.count else { return false }
        field.copyBytes(from: bytes)
        return true
      }
      return fits ? address : nil
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
  }
#endif
