import ArgumentParser
import JSONText
import SystemPackage

/// Options from a file, as a ConfigMap holds them: `{"established": "recheck", "log-denied": true}`.
enum OptionsFile {
  /// The arguments with those of the file that `--config` names before them, so that the command line's count.
  ///
  /// - Throws: where the file cannot be read, or holds what is no option.
  static func expand(_ arguments: [String]) throws -> [String] {
    guard arguments.first == "run" else { return arguments }
    var path: String?
    for (place, argument) in arguments.enumerated() {
      if argument == "--config", place + 1 < arguments.count { path = arguments[place + 1] }
      if argument.hasPrefix("--config=") { path = String(argument.dropFirst("--config=".count)) }
    }
    guard let path else { return arguments }
    let given = Set(
      arguments.filter { $0.hasPrefix("--") }.map { argument in String(argument.prefix { $0 != "=" }) })
    return ["run"] + (try options(path, without: given)) + arguments.dropFirst()
  }

  /// The options of a file.
  ///
  /// - Parameters:
  ///   - path: the file's.
  ///   - given: options of the command line: those that may stand more than once would otherwise be joined.
  /// - Returns: the arguments that they are.
  /// - Throws: where the file cannot be read, or holds what is no option.
  private static func options(_ path: String, without given: Set<String>) throws -> [String] {
    let text: String
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      text = try file.closeAfter {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
      }
    } catch { throw ValidationError("--config: \(path): \(error)") }
    var scanner = JSONScanner(text)
    guard case .object(let members)? = try? scanner.value() else {
      throw ValidationError("--config: \(path) is no JSON object of options.")
    }
    var found: [String] = []
    for member in members where !given.contains("--\(member.key)") {
      let name = member.key
      for entry in member.value.array ?? [member.value] {
        switch entry {
        case .bool(true): found.append("--\(name)")
        case .bool(false): break
        // An empty value is one of its own.
        case .string(""): found += ["--\(name)", ""]
        case .string(let text): found.append("--\(name)=\(text)")
        case .integer(let number): found.append("--\(name)=\(number)")
        default: throw ValidationError("--config: \(path): \(name): it is no text, number, true or false.")
        }
      }
    }
    return found
  }
}
