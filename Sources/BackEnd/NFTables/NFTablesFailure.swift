#if os(Linux)
  import Glibc
#endif

/// The reasons why a transaction did not happen. In every case but a time-out the kernel holds the old state,
/// or, where the worker died between commit and answer, all of the new one: never a part.
public enum NFTablesFailure: Error, Sendable, Hashable {
  /// libnftables or the kernel refused the script. At least one message.
  case rejected([NFTablesMessage])
  /// The worker was ended by a signal, with what it printed before.
  case crashed(signal: Int32, output: String)
  /// The worker ended itself, as libnftables does when memory runs out.
  case exited(status: Int32, output: String)
  /// The limit passed and the worker was killed. `stillRunning`: the kernel has not let go of it yet, and may
  /// still commit.
  case timedOut(after: Duration, stillRunning: Bool)
  /// CAP_NET_ADMIN in the network namespace is missing.
  case noPermission
  /// This kernel has no nf_tables, by the errno of its refusal.
  case unavailable(code: Int32)
  /// The worker could not be started or talked to.
  case noWorker(attempt: String, code: Int32)
  /// libnftables reported success, but the JSON it printed ends in the middle.
  case incompleteOutput
}

extension NFTablesFailure: CustomStringConvertible {
  /// One sentence, or one line a message.
  public var description: String {
    switch self {
    case .rejected(let messages):
      return messages.map(\.description).joined(separator: "\n")
    case .crashed(let signal, let output):
      return "libnftables crashed (\(Self.name(ofSignal: signal)))" + Self.tail(output)
    case .exited(let status, let output):
      return "libnftables ended the process with status \(status)" + Self.tail(output)
    case .timedOut(let limit, let stillRunning):
      let rest = stillRunning ? "; the kernel is still at work on it and may yet commit it" : ""
      return "libnftables did not answer within \(limit.components.seconds) s and was killed\(rest)"
    case .noPermission:
      return "no permission to change packet filters: the capability CAP_NET_ADMIN is missing in this network"
        + " namespace (run as root, or with `setpriv --ambient-caps +net_admin`, or `docker run --cap-add NET_ADMIN`)"
    case .unavailable(let code):
      return "this kernel has no nf_tables (\(Self.reason(code))): load it with `modprobe nf_tables`"
    case .noWorker(let attempt, let code):
      return "cannot start the process that runs libnftables: \(attempt): \(Self.reason(code))"
    case .incompleteOutput:
      return "libnftables reported success but its JSON ends in the middle (known of tables with flags)"
    }
  }

  private static func tail(_ output: String) -> String {
    let text = output.split(separator: "\n").joined(separator: "; ")
    return text.isEmpty ? "" : ": \(text)"
  }

  private static func reason(_ code: Int32) -> String {
    #if os(Linux)
      String(cString: strerror(code))
    #else
      "error \(code)"
    #endif
  }

  private static func name(ofSignal signal: Int32) -> String {
    #if os(Linux)
      String(cString: strsignal(signal))
    #else
      "signal \(signal)"
    #endif
  }
}
