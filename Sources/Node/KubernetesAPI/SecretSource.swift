import SystemPackage

/// Bytes of a token, certificate or key: given, or in a file that may be exchanged while the program runs.
public enum SecretSource: Sendable, Hashable {
  /// Bytes that never change.
  case value([UInt8])
  /// In a file, read anew each time.
  case file(String)

  /// The bytes as they are now.
  ///
  /// - Throws: `AccessFailure` where the file cannot be read or is larger than a megabyte.
  public func read() throws(AccessFailure) -> [UInt8] {
    switch self {
    case .value(let bytes): return bytes
    case .file(let path):
      do { return try Self.content(of: path) } catch let error as Errno {
        throw AccessFailure("\(path): \(error)")
      } catch { throw AccessFailure("\(path): \(error)") }
    }
  }

  private static let largest = 1 << 20

  private static func content(of path: String) throws -> [UInt8] {
    let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    return try file.closeAfter {
      var bytes: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 16 << 10)
      while true {
        let count = try part.withUnsafeMutableBytes { try file.read(into: $0) }
        if count == 0 { return bytes }
        bytes += part[..<count]
        if bytes.count > largest { throw Errno.fileTooLarge }
      }
    }
  }
}

/// A token, certificate, key or kubeconfig that cannot be used, and why.
public struct AccessFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// A clause: `path: what is wrong`.
  public let description: String

  /// A failure with its reason.
  public init(_ description: String) { self.description = description }
}
