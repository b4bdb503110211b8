#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Programs that this package built beside the running tests.
public enum BuiltProgram {
  /// The path of `netpolc`, found from the test runner's own place upwards.
  public static let netpolc: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    let places = [
      String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self),
      CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? "", CommandLine.arguments[0],
      ".build/debug/.",
    ]
    for place in places {
      var parts = place.split(separator: "/", omittingEmptySubsequences: false)
      while parts.count > 1 {
        parts.removeLast()
        let candidate = (parts + ["netpolc"]).joined(separator: "/")
        var status = stat()
        if stat(candidate, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return candidate }
      }
    }
    return "netpolc"
  }()
}
